//! Building and running experiments: what is said about missing and wrong data, and what holds
//! without anything to compare with.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests, which may"
)]

mod simulation_support;

use std::path::Path;

use epycloud_config::SuiteBehaviour;
use epycloud_engine::{Array, Build, DataSources, EngineError, build_tasks, run_task};
use epycloud_errors::Report;
use serde_json::{Value, json};

use simulation_support::read_from;
use simulation_support::repository::Repository;

const MA: &str = "United_States_Massachusetts";

/// A small model in weekly steps of one infection.
fn model() -> Value {
    json!({
        "random_seed": 3,
        "timespan": {"start_date": "2024-09-01", "end_date": "2025-03-01", "delta_t": 1.0},
        "simulation": {"n_sims": 2, "resample_frequency": "W-SAT"},
        "population": {"age_groups": ["0-17", "18-64", "65+"]},
        "compartments": [{"id": "S", "init": "default"}, {"id": "I", "init": 50}, {"id": "V"}],
        "transitions": [
            {"type": "mediated", "source": "S", "target": "I", "mediator": "I", "rate": "beta"},
            {"type": "spontaneous", "source": "I", "target": "S", "rate": "mu"},
        ],
        "parameters": {
            "beta": {"type": "scalar", "value": 0.02},
            "mu": {"type": "scalar", "value": 0.2},
        },
    })
}

fn with(change: impl Fn(&mut Value)) -> Value {
    let mut model = model();
    change(&mut model);
    model
}

fn vaccinated(vaccination: &Value) -> Value {
    with(|model| {
        let transition = json!({"type": "vaccination", "source": "S", "target": "V"});
        model["transitions"]
            .as_array_mut()
            .unwrap()
            .push(transition);
        model["vaccination"] = vaccination.clone();
        model["vaccination"]["origin_compartment"] = json!("S");
        model["vaccination"]["eligible_compartments"] = json!(["S", "I"]);
    })
}

fn closed() -> Value {
    with(|model| {
        model["interventions"] = json!([{"type": "school_closure", "scaling_factor": 0.5}]);
    })
}

fn build(
    repository: &Repository,
    model: &Value,
    places: &[&str],
    behaviour: SuiteBehaviour,
) -> Result<Build, EngineError> {
    build_tasks(
        &repository.experiment("test", model, places),
        &repository.sources(behaviour),
    )
}

/// The error as its reader sees it, without the temporary folder's name.
fn message(repository: &Repository, model: &Value, places: &[&str]) -> String {
    let error = build(repository, model, places, SuiteBehaviour::Latest).unwrap_err();
    shown(error, repository.path())
}

fn shown(error: EngineError, folder: &Path) -> String {
    Report::new(error)
        .to_string()
        .replace(&folder.display().to_string(), "[repository]")
}

#[test]
fn missing_population_data_says_where_it_was_looked_for() {
    let mut messages = Vec::new();
    let repository = Repository::new();
    messages.push(message(&repository, &model(), &["US-MA", "US-CA", "US-TX"]));
    std::fs::remove_dir_all(repository.path().join("epydemix-data")).unwrap();
    messages.push(message(&repository, &model(), &[MA]));
    let sources = DataSources {
        population_data: Some("/nowhere".into()),
        ..repository.sources(SuiteBehaviour::Latest)
    };
    let error = build_tasks(&repository.experiment("test", &model(), &[MA]), &sources).unwrap_err();
    messages.push(shown(error, repository.path()));
    insta::assert_snapshot!(messages.join("\n\n"));
}

#[test]
fn wrong_population_data_names_the_file_and_the_place_in_it() {
    let mut messages = Vec::new();
    let ages = format!("epydemix-data/data/{MA}/demographic/age_distribution.csv");
    let matrix =
        format!("epydemix-data/data/{MA}/contact_matrices/mistry_2021/contacts_matrix_work.csv");
    let with_file = |file: &str, text: &str| {
        let repository = Repository::new();
        repository.write(file, text);
        message(&repository, &model(), &[MA])
    };
    messages.push(with_file(&ages, "group_name,value\n0,12\n1,-3\n"));
    messages.push(with_file(&ages, "group_name,value\n0,12\n2,3\n"));
    messages.push(with_file(&ages, "group_name,value\n0,12\n1,3\n"));
    messages.push(with_file(&ages, "group_name,people\n0,12\n"));
    messages.push(with_file(&matrix, "1,2\n3,4\n"));
    let mut rows = vec![vec!["0.5"; 85].join(","); 85];
    rows[2] = rows[2].replacen("0.5", "nan", 1);
    messages.push(with_file(&matrix, &rows.join("\n")));

    let repository = Repository::new();
    std::fs::remove_file(repository.path().join(&matrix)).unwrap();
    messages.push(message(&repository, &model(), &[MA]));
    let cut = with(|model| model["population"]["age_groups"] = json!(["0-17", "18+"]));
    messages.push(message(&repository, &cut, &["US-NY"]));
    insta::assert_snapshot!(messages.join("\n\n"));
}

#[test]
fn wrong_vaccination_tables_name_the_file_and_the_place_in_it() {
    let mut messages = Vec::new();
    let header = "Geography,Age,Week_Ending_Sat,Coverage\n";
    let coverage = vaccinated(&json!({"scenario_data_path": "data/coverage.csv"}));
    let with_rows = |rows: &str| {
        let repository = Repository::new();
        repository.write("data/coverage.csv", &format!("{header}{rows}"));
        message(&repository, &coverage, &[MA])
    };
    messages.push(with_rows("Massachusetts,5-12 Years,2024-09-07,101\n"));
    messages.push(with_rows("Massachusetts,5-11 Years,2024-09-07,10\n"));
    messages.push(with_rows("Massachusetts,5-12 Years,7.9.2024,10\n"));
    messages.push(with_rows("Massachusetts,5-12 Years,2024-09-07,10\n"));
    messages.push(with_rows("Utah,5-12 Years,2024-09-07,10\n"));
    messages.push(with_rows("Utah,5-12 Years,2024-08-31,10\n"));

    let repository = Repository::new();
    let table = |scenario: &str| {
        vaccinated(&json!({
            "preprocessed_vaccination_data_path": "data/doses.csv", "scenario": scenario,
        }))
    };
    messages.push(message(&repository, &table("middle"), &[MA]));
    let mut unchosen = table("low");
    unchosen["vaccination"]
        .as_object_mut()
        .unwrap()
        .remove("scenario");
    messages.push(message(&repository, &unchosen, &[MA]));
    let mut longer = table("low");
    longer["timespan"]["end_date"] = json!("2025-06-01");
    messages.push(message(&repository, &longer, &[MA]));
    messages.push(message(&repository, &table("low"), &["US-WY"]));
    insta::assert_snapshot!(messages.join("\n\n"));
}

#[test]
fn school_closures_need_calendars_and_years_that_are_known() {
    let mut messages = Vec::new();
    let repository = Repository::new();
    let far = with(|model| {
        model["interventions"] = closed()["interventions"].clone();
        model["timespan"]["end_date"] = json!("2041-03-01");
    });
    messages.push(message(&repository, &far, &[MA]));
    let mut places = vec!["US-NY"];
    let groups =
        |model: &mut Value| model["population"]["age_groups"] = json!(["0-14", "15-64", "65+"]);
    let mut closed_in_ny = closed();
    groups(&mut closed_in_ny);
    assert!(build(&repository, &closed_in_ny, &places, SuiteBehaviour::Latest).is_ok());
    repository.write(
        "data-tables/school_calendars_formatted.csv",
        "state,event_name,start_day,start_month,end_day,end_month\nMA,Spring Break,1,13,2,13\n",
    );
    messages.push(message(&repository, &closed(), &[MA]));
    repository.write(
        "data-tables/school_calendars_formatted.csv",
        "state,event_name,start_day,start_month,end_day,end_month\nAK,Spring Break,1,3,2,3\n",
    );
    messages.push(message(&repository, &closed(), &[MA]));
    std::fs::remove_dir_all(repository.path().join("data-tables")).unwrap();
    messages.push(message(&repository, &closed(), &[MA]));

    places[0] = MA;
    let build = build(&repository, &closed(), &places, SuiteBehaviour::V0_1_0).unwrap();
    assert_eq!(build.task(0).unwrap().contact_matrices.shape()[0], 1);
    messages.push(build.warnings.join("\n"));
    insta::assert_snapshot!(messages.join("\n\n"));
}

#[test]
fn the_contact_matrices_of_another_place_leave_the_people_as_they_are() {
    let repository = Repository::new();
    let other = with(|model| model["population"]["contact_matrix"] = json!("US"));
    let own = build(&repository, &model(), &[MA], SuiteBehaviour::Latest).unwrap();
    let with_other = build(&repository, &other, &[MA], SuiteBehaviour::Latest).unwrap();
    let of_other = build(&repository, &model(), &["US"], SuiteBehaviour::Latest).unwrap();
    assert_eq!(
        with_other.task(0).unwrap().group_sizes,
        own.task(0).unwrap().group_sizes
    );
    assert_eq!(
        with_other.task(0).unwrap().contact_matrices,
        of_other.task(0).unwrap().contact_matrices
    );
    assert_ne!(
        with_other.task(0).unwrap().contact_matrices,
        own.task(0).unwrap().contact_matrices
    );
    assert_eq!(with_other.populations, [MA]);
    assert_eq!(with_other.warnings.len(), 1);
    let ignored = build(&repository, &other, &[MA], SuiteBehaviour::V0_1_0).unwrap();
    assert!(
        ignored.warnings[0].contains("are not used"),
        "{:?}",
        ignored.warnings
    );
}

#[test]
fn a_days_doses_are_held_through_its_steps_or_given_at_midnight() {
    let repository = Repository::new();
    let mut model = vaccinated(&json!({"scenario_data_path": "data/coverage.csv"}));
    model["timespan"]["delta_t"] = json!(0.25);
    let doses = |behaviour| {
        let build = build(&repository, &model, &[MA], behaviour).unwrap();
        let doses = build
            .task(0)
            .unwrap()
            .doses
            .as_ref()
            .unwrap()
            .to_f64()
            .unwrap();
        doses
            .chunks_exact(3)
            .map(<[f64]>::to_vec)
            .collect::<Vec<_>>()
    };
    let (held, at_midnight) = (doses(SuiteBehaviour::Latest), doses(SuiteBehaviour::V0_1_0));
    assert_eq!(held.len(), 181 * 4 + 1);
    assert!(held.iter().flatten().sum::<f64>() > 1_000_000.0);
    for (step, (held, at_midnight)) in held.iter().zip(&at_midnight).enumerate() {
        let expected = if step % 4 == 0 {
            held.clone()
        } else {
            vec![0.0; 3]
        };
        assert_eq!(*at_midnight, expected, "step {step}");
    }
    for day in held.chunks(4) {
        assert!(day.iter().all(|doses| *doses == day[0]));
    }
}

#[test]
fn a_seed_that_is_not_given_is_drawn_and_recorded() {
    let repository = Repository::new();
    let unseeded = with(|model| {
        model.as_object_mut().unwrap().remove("random_seed");
    });
    let places = [MA, "Harbour_Island"];
    let first = build(&repository, &unseeded, &places, SuiteBehaviour::Latest).unwrap();
    let second = build(&repository, &unseeded, &places, SuiteBehaviour::Latest).unwrap();
    assert_eq!(first.task(0).unwrap().seed, first.task(1).unwrap().seed);
    assert_ne!(first.task(0).unwrap().seed, second.task(0).unwrap().seed);
    let seed = first.task(0).unwrap().seed;
    assert_eq!(
        first.warnings,
        [format!(
            "the experiment gives no `random_seed`; {seed} was drawn"
        )]
    );
}

#[test]
fn rates_that_are_no_probabilities_name_the_step_and_the_compartment() {
    let repository = Repository::new();
    let build = build(&repository, &model(), &[MA], SuiteBehaviour::Latest).unwrap();
    let mut task = build.task(0).unwrap();
    task.rates[1] = Array::from_f64(&[1, 3], &[0.2, f64::NAN, 0.2]);
    let error = run_task(&task, &mut |_, _| {}).unwrap_err();
    insta::assert_snapshot!(shown(error, repository.path()));
}

#[test]
fn a_task_with_a_part_that_does_not_fit_is_refused() {
    let mut messages = Vec::new();
    let repository = Repository::new();
    let build = build(&repository, &model(), &[MA], SuiteBehaviour::Latest).unwrap();
    let refused = |change: &dyn Fn(&mut epycloud_engine::simulation::SimulationTask)| {
        let mut task = build.task(0).unwrap();
        change(&mut task);
        shown(
            run_task(&task, &mut |_, _| {}).unwrap_err(),
            repository.path(),
        )
    };
    messages.push(refused(&|task| task.start_date = "yesterday".into()));
    messages.push(refused(&|task| task.delta_t = f64::NAN));
    messages.push(refused(&|task| task.initial = task.group_sizes.clone()));
    messages.push(refused(&|task| {
        task.groups.pop();
    }));
    messages.push(refused(&|task| task.transitions[0].mediator = Some(9)));
    messages.push(refused(&|task| task.transitions[0].rate = None));
    messages.push(refused(&|task| task.resample_frequency = Some("X".into())));
    insta::assert_snapshot!(messages.join("\n\n"));
}

#[test]
fn people_are_neither_made_nor_lost_and_progress_is_told() {
    let repository = Repository::new();
    let build = build(&repository, &model(), &[MA], SuiteBehaviour::Latest).unwrap();
    let mut told = Vec::new();
    let result = run_task(&build.task(0).unwrap(), &mut |done, of| {
        told.push((done, of));
    })
    .unwrap();
    assert_eq!(told, [(1, 2), (2, 2)]);
    assert_eq!(result.dates.first().unwrap(), "2024-09-07");
    assert_eq!(result.dates.last().unwrap(), "2025-03-01");
    let n_groups = result.groups.len();
    let initial = result.initial.to_i64().unwrap();
    let people_at_start: Vec<i64> = (0..n_groups)
        .map(|group| initial.iter().skip(group).step_by(n_groups).sum())
        .collect();
    let counts = result.compartment_counts.to_i64().unwrap();
    for row in counts.chunks_exact(result.compartments.len() * n_groups) {
        for (group, people) in people_at_start.iter().enumerate() {
            assert_eq!(
                row.iter().skip(group).step_by(n_groups).sum::<i64>(),
                *people
            );
        }
    }
}

#[test]
fn the_quickstart_is_the_same_every_time() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart");
    let experiment = read_from(&repository, "quickstart");
    let run = || {
        let build = build_tasks(&experiment, &DataSources::of_repository(&repository)).unwrap();
        let mut task = build.task(1).unwrap();
        task.n_sims = 3;
        (run_task(&task, &mut |_, _| {}).unwrap(), build)
    };
    let (first, build) = run();
    assert_eq!((first, build.clone()), run());
    assert_eq!(build.populations, ["Harbour_Island", "Meadow_County"]);
}
