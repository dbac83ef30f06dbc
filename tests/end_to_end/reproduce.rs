//! Runs that are repeated.

use crate::project::{Project, events};

fn reproduce(project: &Project, more: &[&str], code: i32) -> crate::project::Ran {
    let mut arguments = vec!["reproduce", "--exp-id", "quickstart", "first", "--json"];
    arguments.extend(more);
    project.run(&arguments).ended(code)
}

#[test]
fn a_run_is_reproduced_hash_by_hash() {
    for is_seeded in [true, false] {
        let project = Project::quickstart();
        if !is_seeded {
            project.edit("basemodel.yaml", "random_seed: 7", "");
        }
        project.workflow("first", &[]).ended(0);
        let ran = reproduce(&project, &["--into", "second"], 0);
        let reproduced = &events(&ran, "reproduced")[0];
        assert_eq!(
            reproduced["different"],
            serde_json::json!([]),
            "{is_seeded}"
        );
        // Two inputs, two results, and the files of the outputs.
        assert!(reproduced["same"].as_u64().unwrap() > 10, "{}", ran.stdout);
        assert_eq!(reproduced["repeated"], "second");
    }
}

#[test]
fn what_can_not_be_reproduced_says_why() {
    let project = Project::quickstart();
    project.workflow("first", &["--skip-output"]).ended(0);
    // A result that isn't what the run made: the comparison sees it.
    let result = |run: &str| {
        project
            .run_folder(run)
            .join("runner-artifacts/result_00001.pkl.gz")
    };
    std::fs::copy(
        project
            .run_folder("first")
            .join("runner-artifacts/result_00000.pkl.gz"),
        result("first"),
    )
    .unwrap();
    let ran = reproduce(&project, &["--into", "second"], 1);
    let different = events(&ran, "reproduced")[0]["different"].to_string();
    assert!(different.contains("result 1"), "{different}");
    project.edit("basemodel.yaml", "value: 2.1", "value: 2.2");
    let ran = reproduce(&project, &[], 2);
    assert!(
        ran.stderr.contains("`basemodel.yaml` has changed"),
        "{}",
        ran.stderr
    );
}
