//! The hidden `worker` mode.

use std::io::Write;
use std::process::Stdio;

use epycloud_stages::worker::{Answer, PROTOCOL_VERSION, Request};

use crate::support::Project;

fn serve(
    project: &Project,
    requests: &str,
    variables: &[(&str, &str)],
) -> (Option<i32>, Vec<Answer>, String) {
    let mut child = project
        .command()
        .arg("worker")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // A worker that refuses to work doesn't read.
    let _ = input.write_all(requests.as_bytes());
    drop(input);
    let output = child.wait_with_output().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers = answers
        .lines()
        .map(|line| Answer::from_line(line).unwrap())
        .collect();
    (
        output.status.code(),
        answers,
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn one_worker_runs_many_tasks_and_outlives_those_that_fail() {
    let project = Project::with_results();
    let expected = project.artifacts();
    for index in 0..3 {
        project.remove(&format!("runner-artifacts/result_{index:05}.pkl.gz"));
    }
    let run = |task| Request::Run { task }.to_line();
    let requests = [run(0), run(9), "nonsense\n".to_owned(), run(2), run(1)].concat();
    let (code, answers, log) = serve(&project, &requests, &[]);
    assert_eq!(code, Some(0), "{log}");
    assert!(
        matches!(
            answers[0],
            Answer::Ready {
                protocol: PROTOCOL_VERSION,
                ..
            }
        ),
        "{answers:?}"
    );
    // A task is done some time after it is simulated, when its result is stored.
    for index in 0..3 {
        let place = |is_it: fn(&Answer, u32) -> bool| {
            let mut places = answers.iter().enumerate();
            let (place, _) = places.find(|(_, answer)| is_it(answer, index)).unwrap();
            place
        };
        let simulated =
            place(|answer, index| matches!(answer, Answer::Simulated { task } if *task == index));
        let done =
            place(|answer, index| matches!(answer, Answer::Done { task, .. } if *task == index));
        assert!(simulated < done, "{answers:?}");
    }
    let is_failure = |answer: &&Answer| {
        matches!(
            answer,
            Answer::Failed {
                task: 9,
                exit_code: 2,
                ..
            }
        )
    };
    assert_eq!(answers.iter().filter(is_failure).count(), 1, "{answers:?}");
    let is_refusal = |answer: &&Answer| matches!(answer, Answer::Refused { exit_code: 2, .. });
    assert_eq!(answers.iter().filter(is_refusal).count(), 1, "{answers:?}");
    assert!(log.contains("[Task 2] "), "{log}");
    assert_eq!(project.artifacts(), expected);
}

#[test]
fn a_worker_that_cannot_work_says_why() {
    let project = Project::new();
    let (code, answers, _) = serve(&project, "", &[("RUN_ID", "")]);
    assert_eq!(code, Some(2));
    let [
        Answer::Refused {
            exit_code: 2,
            chain,
            ..
        },
    ] = answers.as_slice()
    else {
        panic!("{answers:?}")
    };
    assert!(chain.concat().contains("RUN_ID"), "{chain:?}");
    assert!(!chain.concat().contains("TASK_INDEX"), "{chain:?}");
}

#[test]
fn a_worker_takes_note_of_a_new_build() {
    let project = Project::new();
    project.stage("A").succeeds();
    let mut child = project
        .command()
        .arg("worker")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let mut ask = |task| {
        input
            .write_all(Request::Run { task }.to_line().as_bytes())
            .unwrap();
        loop {
            match Answer::from_line(&lines.next().unwrap().unwrap()).unwrap() {
                Answer::Ready { .. } | Answer::Progress { .. } | Answer::Simulated { .. } => {}
                answer => return answer,
            }
        }
    };
    assert!(matches!(ask(0), Answer::Done { .. }));
    project.edit("basemodel.yaml", "value: 0.06", "value: 0.07");
    project.stage("A").succeeds();
    assert!(matches!(ask(0), Answer::Done { .. }));
    drop(input);
    assert!(child.wait().unwrap().success());
    project
        .run(&[("STAGE", "C"), ("ALLOW_PARTIAL_RESULTS", "true")])
        .ends_with(3);
}
