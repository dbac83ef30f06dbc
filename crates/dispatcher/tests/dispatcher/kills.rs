//! `kill -9` at random moments: nothing is left that a later stage takes by mistake, and running
//! again completes the run with the same bytes.
//!
//! `EPYCLOUD_SOAK_KILLS` sets how often each stage is killed (ten times by default).

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use epycloud_stages::artifact::Artifact;

use crate::support::{Project, names};

/// Delays that differ from run to run; a failure prints the one it happened with.
struct Delays(u64);

impl Delays {
    fn new() -> Self {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        Self(now.as_nanos() as u64 | 1)
    }

    /// Up to `longest`, by xorshift.
    fn next(&mut self, longest: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        longest.mul_f64((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

fn kills() -> u32 {
    std::env::var("EPYCLOUD_SOAK_KILLS").map_or(10, |kills| kills.parse().unwrap())
}

/// Starts a stage, kills it after a while, and says how long that was.
fn kill_during(project: &Project, variables: &[(&str, &str)], delay: Duration) {
    let mut child = project
        .command()
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Runs a stage to its end and says how long it took, which is how long killing makes sense.
fn duration_of(project: &Project, variables: &[(&str, &str)]) -> Duration {
    let start = Instant::now();
    project.run(variables).succeeds();
    start.elapsed()
}

/// Every artifact that can be seen is one of the finished run, whole.
fn check_artifacts(project: &Project, finished: &BTreeMap<String, Vec<u8>>, context: &str) {
    for (name, bytes) in project.artifacts() {
        assert_eq!(finished.get(&name), Some(&bytes), "{name} {context}");
        if name.ends_with(".pkl.gz") {
            let mut pickle = vec![0; 1 << 20];
            let length = libdeflater::Decompressor::new().gzip_decompress(&bytes, &mut pickle);
            Artifact::decode(&pickle[..length.unwrap()]).unwrap();
        }
    }
}

#[test]
fn stage_a_killed_at_any_moment_leaves_nothing_to_be_taken_by_mistake() {
    let reference = Project::new();
    let stage = [("STAGE", "A")];
    let longest = duration_of(&reference, &stage);
    let finished = reference.artifacts();
    let mut delays = Delays::new();
    for _ in 0..kills() {
        let project = Project::new();
        let delay = delays.next(longest);
        let context = format!("after a kill at {delay:?} of {longest:?}");
        kill_during(&project, &stage, delay);
        check_artifacts(&project, &finished, &context);
        let complete = project.path("builder-artifacts/tasks.json").exists();
        let ran = project.task("1");
        assert_eq!(
            ran.code,
            Some(i32::from(!complete)),
            "{context}: {}",
            ran.stderr
        );
        project.stage("A").succeeds();
        let mut again = project.artifacts();
        again.retain(|name, _| !name.starts_with("runner-artifacts/"));
        assert_eq!(again, finished, "{context}");
    }
}

/// An earlier build is there: a kill must not leave a mixture that counts as a build.
#[test]
fn a_changed_build_killed_at_any_moment_is_the_old_one_the_new_one_or_none() {
    let project = Project::with_results();
    let mut delays = Delays::new();
    let stage = [("STAGE", "A")];
    let longest = duration_of(&project, &stage).mul_f64(1.2);
    for kill in 0..kills() {
        let (from, to) = if kill % 2 == 0 {
            ("0.06", "0.07")
        } else {
            ("0.07", "0.06")
        };
        project.edit(
            "basemodel.yaml",
            &format!("value: {from}"),
            &format!("value: {to}"),
        );
        let delay = delays.next(longest);
        let context = format!("after a kill at {delay:?} of {longest:?}");
        kill_during(&project, &stage, delay);
        // Every task runs, from inputs of one build, or none does.
        let codes = ["0", "1", "2"].map(|index| project.task(index).code);
        assert!(
            codes == [Some(0); 3] || codes == [Some(1); 3],
            "{codes:?} {context}"
        );
        if codes == [Some(0); 3] {
            project.stage("C").succeeds();
        }
        project.stage("A").succeeds();
    }
}

#[test]
fn stage_b_killed_at_any_moment_leaves_no_result_or_the_whole_one() {
    let reference = Project::with_results();
    let finished = reference.artifacts();
    let stage = [("STAGE", "B"), ("TASK_INDEX", "1")];
    let longest = duration_of(&reference, &stage);
    let mut delays = Delays::new();
    let project = Project::with_results();
    for _ in 0..kills() {
        let result = "runner-artifacts/result_00001.pkl.gz";
        project.remove(result);
        let delay = delays.next(longest);
        let context = format!("after a kill at {delay:?} of {longest:?}");
        kill_during(&project, &stage, delay);
        check_artifacts(&project, &finished, &context);
        let complete = project.path(result).exists();
        let ended = project.stage("C");
        assert_eq!(
            ended.code,
            Some(i32::from(!complete)),
            "{context}: {}",
            ended.stderr
        );
        project.task("1").succeeds();
        assert_eq!(project.artifacts(), finished, "{context}");
    }
}

#[test]
fn stage_c_killed_at_any_moment_leaves_no_folder_that_looks_finished() {
    let project = Project::with_results();
    let stage = [("STAGE", "C")];
    let longest = duration_of(&project, &stage);
    let finished = tables(&project.path(&project.outputs()));
    let mut delays = Delays::new();
    for _ in 0..kills() {
        let delay = delays.next(longest);
        let context = format!("after a kill at {delay:?} of {longest:?}");
        kill_during(&project, &stage, delay);
        for folder in names(&project.path("outputs")) {
            let folder = project.path("outputs").join(folder);
            let seen = tables(&folder);
            for (name, bytes) in &seen {
                assert_eq!(finished.get(name), Some(bytes), "{name} {context}");
            }
            if folder.join("index.json").exists() {
                assert_eq!(seen, finished, "{context}");
            }
        }
    }
    project.stage("C").succeeds();
}

/// The files of an output folder that can be seen.
fn tables(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    names(folder)
        .into_iter()
        .filter(|name| !name.ends_with("~epycloud"))
        .map(|name| (name.clone(), std::fs::read(folder.join(name)).unwrap()))
        .collect()
}
