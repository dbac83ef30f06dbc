//! Runs that go on where they stopped.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant, SystemTime};

use epycloud_test_support::store::kills;
use serde_json::Value;

use crate::project::{Project, Ran, attempts, events, files, record, wait_until};

/// Names of the tasks that ran, in order.
fn ran_tasks(ran: &Ran) -> Vec<u64> {
    let mut tasks: Vec<u64> = events(ran, "task_finished")
        .iter()
        .map(|event| event["task"].as_u64().unwrap())
        .collect();
    tasks.sort_unstable();
    tasks
}

/// Why each task runs or doesn't.
fn reasons(ran: &Ran) -> Vec<(bool, String)> {
    events(ran, "task_explained")
        .iter()
        .map(|event| {
            let reason = event["reason"].as_str().unwrap().to_owned();
            (event["runs"].as_bool().unwrap(), reason)
        })
        .collect()
}

#[test]
fn a_finished_run_has_nothing_to_do() {
    let project = Project::quickstart();
    project.workflow("again", &[]).ended(0);
    let ran = project.workflow("again", &["--json"]).ended(0);
    assert!(ran.stderr.contains("nothing to do"), "{}", ran.stderr);
    assert_eq!(ran_tasks(&ran), [0; 0]);
    let skipped: Vec<Value> = events(&ran, "stage_skipped");
    assert_eq!(skipped.len(), 3, "{skipped:?}");
    project.outputs("again");
    assert_eq!(
        record(&project, "again")["sessions"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn only_what_is_missing_or_damaged_runs_and_it_is_said_why() {
    let project = Project::many(4);
    project.workflow("some", &["--skip-output"]).ended(0);
    let results = project.run_folder("some").join("runner-artifacts");
    std::fs::remove_file(results.join("result_00001.pkl.gz")).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the damage is the point")]
    std::fs::write(results.join("result_00002.pkl.gz"), b"torn").unwrap();
    let explained = project
        .workflow("some", &["--explain", "--dry-run", "--json"])
        .ended(0);
    let reasons = reasons(&explained);
    let runs: Vec<bool> = reasons.iter().map(|(runs, _)| *runs).collect();
    assert_eq!(runs, [false, true, true, false], "{reasons:?}");
    assert!(reasons[0].1.contains("counts"), "{reasons:?}");
    assert!(reasons[1].1.contains("no result"), "{reasons:?}");
    assert!(reasons[2].1.contains("corrupt"), "{reasons:?}");
    assert_eq!(ran_tasks(&explained), [0; 0], "a dry run runs nothing");
    let ran = project.workflow("some", &["--json"]).ended(0);
    assert_eq!(ran_tasks(&ran), [1, 2]);
    project.workflow("whole", &[]).ended(0);
    assert_same(&project, "some", "whole");
}

#[test]
fn a_changed_experiment_runs_again() {
    let project = Project::many(2);
    project.workflow("edited", &[]).ended(0);
    project.edit(
        "modelset.yaml",
        "    - Place_01",
        "    - Place_01\n    - Harbour_Island",
    );
    let ran = project
        .workflow("edited", &["--json", "--explain"])
        .ended(0);
    assert_eq!(record(&project, "edited")["tasks"]["n"], 3);
    // Every input holds the hash of the whole configuration.
    assert_eq!(ran_tasks(&ran), [0, 1, 2]);
    let reasons = reasons(&ran);
    assert!(reasons[0].1.contains("input has changed"), "{reasons:?}");
    // Data that the configuration names counts as much as the configuration.
    let table = project.path().join("data/vaccination_coverage.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test's own input")]
    std::fs::write(&table, text.trim_end()).unwrap();
    let ran = project.workflow("edited", &["--json"]).ended(0);
    assert!(
        events(&ran, "stage_started")
            .iter()
            .any(|event| event["stage"] == "builder"),
        "{}",
        ran.stdout
    );
}

/// Population data is no part of the experiment, and counts all the same.
#[test]
fn changed_population_data_is_noticed_and_said() {
    let project = Project::many(2);
    project.workflow("data", &[]).ended(0);
    let table = project
        .path()
        .join("epydemix-data/data/Place_01/demographic/age_distribution.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    let replace = |text: &str| {
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        std::fs::write(&table, text).unwrap();
    };
    // Written again, it is what it was.
    replace(&text);
    let ran = project.workflow("data", &[]).ended(0);
    assert!(ran.stderr.contains("nothing to do"), "{}", ran.stderr);
    let (group, people) = text.trim_end().rsplit_once(',').unwrap();
    let people: f64 = people.parse().unwrap();
    replace(&format!("{group},{}\n", people * 2.0));
    let explain = ["--explain", "--dry-run"];
    let ran = project.workflow("data", &explain).ended(0);
    assert!(
        ran.stderr.contains("stage A runs: `") && ran.stderr.contains("age_distribution.csv` has"),
        "{}",
        ran.stderr
    );
    let ran = project.run(&["reproduce", "--exp-id", "quickstart", "data"]);
    let ran = ran.ended(2);
    assert!(
        ran.stderr.contains("age_distribution.csv"),
        "{}",
        ran.stderr
    );
    // Of the tasks, only the one runs whose population it is.
    let ran = project.workflow("data", &["--json"]).ended(0);
    assert_eq!(ran_tasks(&ran), [1]);
}

/// Each build of an experiment without a seed draws one: what goes on must keep the first.
#[test]
fn a_seed_that_was_drawn_is_kept() {
    let project = Project::quickstart();
    project.edit("basemodel.yaml", "random_seed: 7", "");
    project.workflow("drawn", &[]).ended(0);
    let inputs = files(&project.run_folder("drawn").join("builder-artifacts"));
    let results = project.run_folder("drawn").join("runner-artifacts");
    std::fs::remove_file(results.join("result_00000.pkl.gz")).unwrap();
    let ran = project.workflow("drawn", &["--json"]).ended(0);
    assert_eq!(ran_tasks(&ran), [0]);
    assert!(inputs == files(&project.run_folder("drawn").join("builder-artifacts")));
    assert!(record(&project, "drawn")["provenance"]["random_seed"].is_u64());
}

#[test]
fn resume_finds_the_latest_run_or_says_that_there_is_none() {
    let project = Project::quickstart();
    let resume = |more: &[&str]| {
        let mut arguments = vec!["run", "workflow", "--local", "--exp-id", "quickstart"];
        arguments.extend(more);
        project.run(&arguments)
    };
    let ran = resume(&["--resume"]).ended(2);
    assert!(
        ran.stderr.contains("no run to go on with"),
        "{}",
        ran.stderr
    );
    project.workflow("b-first", &["--skip-output"]).ended(0);
    project.workflow("a-second", &["--skip-output"]).ended(0);
    let ran = resume(&["--resume", "--json"]).ended(0);
    assert_eq!(events(&ran, "planned")[0]["run_id"], "a-second");
    assert_eq!(events(&ran, "written").len(), 1);
    let ran = resume(&["--resume", "b-frist"]).ended(2);
    assert!(
        ran.stderr.contains("did you mean `b-first`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn chosen_tasks_of_stage_b_run_by_themselves() {
    let project = Project::many(6);
    let job = |more: &[&str], code| {
        let mut arguments = vec![
            "run",
            "job",
            "--local",
            "--exp-id",
            "quickstart",
            "--run-id",
            "chosen",
            "--json",
        ];
        arguments.extend(more);
        project.run(&arguments).ended(code)
    };
    job(&["--stage", "A"], 0);
    let ran = job(&["--stage", "B", "--tasks", "0,3-4"], 0);
    assert_eq!(ran_tasks(&ran), [0, 3, 4]);
    let ran = job(&["--stage", "B", "--tasks", "6"], 2);
    assert!(ran.stderr.contains("no task `6`"), "{}", ran.stderr);
    // A task fails while its input is damaged.
    let input = project
        .run_folder("chosen")
        .join("builder-artifacts/input_00005.pkl.gz");
    let whole = std::fs::read(&input).unwrap();
    std::fs::remove_file(&input).unwrap();
    job(&["--stage", "B", "--tasks", "4-5"], 1);
    #[expect(clippy::disallowed_methods, reason = "repairs what it damaged")]
    std::fs::write(&input, whole).unwrap();
    let ran = job(&["--stage", "B", "--failed"], 0);
    assert_eq!(ran_tasks(&ran), [5]);
    assert_eq!(attempts(&project, "chosen").len(), 3 + 2 + 1);
    let ran = job(&["--stage", "C"], 1);
    assert!(ran.stderr.contains("result_00001"), "{}", ran.stderr);
}

/// What single stages and tasks do is kept as a workflow's stages are.
#[test]
fn single_stages_and_tasks_are_kept_in_the_run() {
    let project = Project::many(3);
    let job = |more: &[&str], code| {
        let mut arguments = vec!["run", "job", "--local", "--exp-id", "quickstart"];
        arguments.extend(["--run-id", "steps", "--stage"]);
        arguments.extend(more);
        project.run(&arguments).ended(code)
    };
    let status = || {
        let arguments = ["status", "--exp-id", "quickstart", "steps", "--json"];
        let ran = project.run(&arguments).ended(0);
        let status = events(&ran, "status").remove(0);
        (status["done"].clone(), status["tasks"].clone())
    };
    let ran = job(&["A"], 0);
    assert!(ran.stderr.contains("stage A is done"), "its log is shown");
    for (task, done) in [("1", 1), ("0", 2)] {
        let ran = job(&["B", "--task-index", task], 0);
        assert!(ran.stderr.contains("is done in"), "{}", ran.stderr);
        assert_eq!(status(), (done.into(), 3.into()));
    }
    // One that fails is named by whoever asks, until it has run.
    let input = project
        .run_folder("steps")
        .join("builder-artifacts/input_00002.pkl.gz");
    let whole = std::fs::read(&input).unwrap();
    std::fs::remove_file(&input).unwrap();
    job(&["B", "--task-index", "2"], 1);
    job(&["C"], 1);
    let missing = |run: &Value| run["tasks"]["missing"].as_array().unwrap().len();
    assert_eq!(missing(&record(&project, "steps")), 1);
    job(&["C", "--allow-partial"], 3);
    assert_eq!(record(&project, "steps")["status"], "partial");
    let index = std::fs::read_to_string(project.outputs("steps").join("index.json")).unwrap();
    assert!(index.contains("input_00002"), "why it is missing: {index}");
    #[expect(clippy::disallowed_methods, reason = "repairs what it damaged")]
    std::fs::write(&input, whole).unwrap();
    job(&["B", "--task-index", "2"], 0);
    assert_eq!(missing(&record(&project, "steps")), 0);
    let tried: Vec<u64> = attempts(&project, "steps")
        .iter()
        .map(|attempt| attempt["task"].as_u64().unwrap())
        .collect();
    assert_eq!(tried.len(), 4, "{tried:?}");
    let log = ["logs", "--exp-id", "quickstart", "--run-id", "steps"];
    let ran = project.run(&[&log[..], &["--tail", "0"]].concat()).ended(0);
    for part in ["[builder] stage A is done", "[runner 2]", "[output] "] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    // The outputs lack a task, so a workflow has stage C left.
    let ran = project.workflow("steps", &["--json"]).ended(0);
    assert_eq!(ran_tasks(&ran), [0; 0]);
    assert_eq!(events(&ran, "written").len(), 1);
}

/// Outputs are those of the tasks that are there now, whoever has made these.
#[test]
fn outputs_of_an_earlier_build_are_written_anew() {
    let project = Project::many(2);
    project.workflow("rebuilt", &[]).ended(0);
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 9");
    for stage in [&["A"][..], &["B", "--tasks", "0-1"]] {
        let mut arguments = vec!["run", "job", "--local", "--exp-id", "quickstart"];
        arguments.extend(["--run-id", "rebuilt", "--stage"]);
        arguments.extend(stage);
        project.run(&arguments).ended(0);
    }
    let ran = project.workflow("rebuilt", &["--json"]).ended(0);
    assert_eq!(ran_tasks(&ran), [0; 0]);
    assert_eq!(events(&ran, "written").len(), 1, "{}", ran.stderr);
}

#[test]
fn two_orchestrators_do_not_work_on_one_run() {
    let project = Project::quickstart();
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 5000");
    let mut first = start(&project, "busy");
    let state = project.run_folder("busy").join("state");
    wait_until(|| {
        state.is_dir()
            && files(&state)
                .keys()
                .any(|name| name.ends_with("session.json"))
    });
    let ran = project.workflow("busy", &[]).ended(2);
    assert!(ran.stderr.contains("has been at work"), "{}", ran.stderr);
    first.kill().unwrap();
    first.wait().unwrap();
}

fn start(project: &Project, run_id: &str) -> Child {
    project
        .command(&[
            "run",
            "workflow",
            "--local",
            "--exp-id",
            "quickstart",
            "--run-id",
            run_id,
            "--jobs",
            "2",
            "--retry-delay",
            "0.01",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Artifacts and tables of two runs, which must not differ; what names the run or a time may.
#[track_caller]
fn assert_same(project: &Project, one: &str, other: &str) {
    for folder in ["builder-artifacts", "runner-artifacts", "config"] {
        let read = |run: &str| {
            let mut found = files(&project.run_folder(run).join(folder));
            found.remove("manifest.json");
            found.remove("tasks.json");
            // What a killed process has begun to write belongs to no object.
            found.retain(|name, _| !name.starts_with('.'));
            found
        };
        assert!(read(one) == read(other), "{folder} differs");
    }
    // A folder without its index is one that somebody was killed at.
    let read = |run: &str| {
        let folders = std::fs::read_dir(project.run_folder(run).join("outputs")).unwrap();
        let mut finished: Vec<_> = folders
            .map(|folder| files(&folder.unwrap().path()))
            .filter_map(|mut found| found.remove("index.json").map(|_| found))
            .collect();
        finished.dedup();
        assert_eq!(finished.len(), 1, "outputs of {run}");
        finished.remove(0)
    };
    assert!(read(one) == read(other), "outputs differ");
}

/// When each result was stored.
fn stored(folder: &Path) -> BTreeMap<String, SystemTime> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("result_"))
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, entry.metadata().unwrap().modified().unwrap())
        })
        .collect()
}

#[cfg(target_os = "linux")]
fn children(process: u32) -> Vec<u32> {
    std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"))
        .unwrap_or_default()
        .split_whitespace()
        .map(|child| child.parse().unwrap())
        .collect()
}

/// Whatever is killed, and whenever: what comes of it in the end is what an undisturbed run makes,
/// and no task that was done is done again.
#[test]
#[cfg(target_os = "linux")]
fn a_run_that_is_killed_again_and_again_ends_as_if_it_had_not_been() {
    let n_tasks = 12;
    let project = Project::many(n_tasks);
    project.edit("basemodel.yaml", "n_sims: 8", "n_sims: 40");
    let undisturbed = Instant::now();
    project.workflow("calm", &["--jobs", "2"]).ended(0);
    let whole = undisturbed.elapsed();
    let mut round = 0;
    let mut left = kills();
    while left > 0 {
        round += 1;
        let run_id = format!("killed-{round}");
        let results = project.run_folder(&run_id).join("runner-artifacts");
        loop {
            let mut before = stored(&results);
            let mut command = start(&project, &run_id);
            // From the first moment to beyond the end, in steps that never come round.
            std::thread::sleep(whole.mul_f64(f64::from(left * 37 % 101) / 101.0 * 0.8));
            let workers = children(command.id());
            let ended = if left == 0 {
                Some(command.wait().unwrap())
            } else {
                command.try_wait().unwrap()
            };
            if ended.is_none() {
                before.extend(stored(&results));
                kill(&mut command, &workers, left);
                left -= 1;
            }
            wait_until(|| {
                workers
                    .iter()
                    .all(|worker| !Path::new(&format!("/proc/{worker}")).exists())
            });
            let after = stored(&results);
            for (name, time) in &before {
                assert_eq!(after.get(name), Some(time), "{name} was made again");
            }
            if ended.is_some() {
                break;
            }
        }
        project.workflow(&run_id, &["--quiet"]).ended(0);
        assert_same(&project, &run_id, "calm");
    }
}

/// Kills workers, the orchestrator, or both. Where only workers are killed, the orchestrator lives
/// on for a moment and is then killed as well.
#[cfg(target_os = "linux")]
fn kill(command: &mut Child, workers: &[u32], which: u32) {
    if !which.is_multiple_of(3) {
        for worker in workers {
            let _ = std::process::Command::new("kill")
                .args(["-9", &worker.to_string()])
                .stderr(Stdio::null())
                .status();
        }
    }
    if which % 3 == 1 {
        std::thread::sleep(Duration::from_millis(40));
    }
    let replacements = children(command.id());
    command.kill().unwrap();
    command.wait().unwrap();
    wait_until(|| {
        replacements
            .iter()
            .all(|worker| !Path::new(&format!("/proc/{worker}")).exists())
    });
}
