//! What a run says, and what holds where it says nothing.

use epycloud_google::label_value;
use serde_json::{Value, json};

use super::lab::{EXECUTION, argument, lab};

fn builder(job: &Value) -> (&Value, &Value) {
    let group = &job["taskGroups"][0];
    (
        &group["taskSpec"],
        &group["taskSpec"]["environment"]["variables"],
    )
}

/// The least that the original's CLI sends.
#[test]
fn what_a_run_doesnt_say_comes_from_the_deployment() {
    let Some(mut lab) = lab(2) else { return };
    for (name, value) in [
        ("EPYCLOUD_IMAGE", "r/p/i"),
        ("EPYCLOUD_IMAGE_TAG", "v7"),
        ("EPYCLOUD_BUCKET", "my-bucket"),
        (
            "EPYCLOUD_SERVICE_ACCOUNT",
            "them@my-project.iam.gserviceaccount.com",
        ),
        ("EPYCLOUD_FORECAST_REPO", "my-lab/others"),
        ("EPYCLOUD_PAT_SECRET", "their-token"),
        (
            "EPYCLOUD_DEFAULTS",
            r#"{"taskCountPerNode": 3, "stages": {"A": {"memoryMib": 999}}}"#,
        ),
    ] {
        lab.environment[name] = json!(value);
    }
    let run_id = "20261124-120000-0a1b2c3d";
    let path = format!("a/b/{run_id}/builder-artifacts/tasks.json");
    lab.google.put_object("my-bucket", &path, json!({ "n": 2 }));
    let ended = lab.run(&json!({ "exp_id": "a/b" }));
    assert_eq!(ended.result()["runId"], run_id);
    let jobs = lab.google.jobs();
    let (spec, variables) = builder(&jobs[0]);
    assert_eq!(spec["runnables"][0]["container"]["imageUri"], "r/p/i:v7");
    let resources = json!({ "cpuMilli": 2_000, "memoryMib": 999 });
    assert_eq!(spec["computeResource"], resources);
    assert_eq!(spec["maxRunDuration"], "3600s");
    assert_eq!(jobs[0]["taskGroups"][0]["taskCountPerNode"], 3);
    assert_eq!(jobs[1]["taskGroups"][0]["parallelism"], 2);
    assert_eq!(
        jobs[2]["taskGroups"][0]["taskSpec"]["computeResource"]["cpuMilli"],
        4_000
    );
    let policy = &jobs[0]["allocationPolicy"]["instances"][0]["policy"];
    assert_eq!(policy["machineType"], "c4d-standard-2");
    for (name, value) in [
        ("DIR_PREFIX", "/"),
        ("GITHUB_FORECAST_REPO", "my-lab/others"),
        ("GITHUB_PAT_SECRET", "their-token"),
        ("RUN_ID", run_id),
    ] {
        assert_eq!(variables[name], value, "{name}");
    }
    assert_eq!(variables["FORECAST_REPO_REF"], Value::Null);
}

#[test]
fn the_tag_alone_is_enough_for_an_image() {
    let Some(mut lab) = lab(2) else { return };
    lab.environment["EPYCLOUD_IMAGE"] = json!("r/p/i");
    let run = argument(&json!({ "imageUri": null, "imageTag": "v2" }));
    lab.run(&run).result();
    let jobs = lab.google.jobs();
    let container = &builder(&jobs[0]).0["runnables"][0]["container"];
    assert_eq!(container["imageUri"], "r/p/i:v2");
}

/// Lesson 14: labels were neither lower-cased nor cut.
#[test]
fn lesson_14_labels_are_made_legal_as_the_cli_makes_them() {
    let long = format!("{}/{}", "a".repeat(62), "b".repeat(20));
    for text in ["202547/SMC_rmse", "-_x.Y_-", &long, "0", "É/é"] {
        let Some(lab) = lab(2) else { return };
        let run = argument(&json!({ "profile": text, "billingProject": text }));
        lab.run(&run).result();
        let jobs = lab.google.jobs();
        let expected = json!(Some(label_value(text)).filter(|value| !value.is_empty()));
        assert_eq!(jobs[0]["labels"]["profile"], expected, "{text}");
        assert_eq!(
            jobs[0]["allocationPolicy"]["labels"]["billing_project"],
            expected
        );
        assert_eq!(jobs[0]["labels"]["exp_id"], "202547-smc_rmse");
        let id = jobs[0]["name"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap();
        assert_eq!(id, format!("stage-a-{EXECUTION}"));
        assert!(id.len() <= 60, "{id}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_runs() {
    let Some(lab) = lab(2) else { return };
    for (changes, told) in [
        (json!({ "exp_id": "" }), "exp_id, bucket,"),
        (json!({ "imageUri": null }), "exp_id, bucket,"),
        (
            json!({ "stageBProvisioning": "CHEAP" }),
            "stageBProvisioning is",
        ),
        (json!({ "stageBResubmissions": 6 }), "stageBProvisioning is"),
        (json!({ "maxParallelism": 0 }), "maxParallelism is"),
    ] {
        let ended = lab.run(&argument(&changes));
        assert!(ended.message().starts_with(told), "{ended:?}");
    }
    assert_eq!(lab.stages(), [""; 0]);
}
