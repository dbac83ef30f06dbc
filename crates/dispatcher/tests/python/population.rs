//! Population data from a folder.

#![expect(clippy::disallowed_methods, reason = "plain files of tests")]

use std::fs;
use std::path::Path;

use crate::support::{Experiment, Project};

/// A population in epydemix-data's layout: 85 ages with 1,000 people each.
fn write_population(folder: &Path, name: &str) {
    let data = folder.join("data").join(name);
    let matrices = data.join("contact_matrices/mistry_2021");
    fs::create_dir_all(&matrices).unwrap();
    fs::create_dir_all(data.join("demographic")).unwrap();
    let locations = format!("location,primary_contact_source\n{name},mistry_2021\n");
    fs::write(folder.join("locations.csv"), locations).unwrap();
    let age = |age: u32| {
        if age == 84 {
            "84+".to_owned()
        } else {
            age.to_string()
        }
    };
    let ages: String = (0..85)
        .map(|number| format!("{},1000\n", age(number)))
        .collect();
    let path = data.join("demographic/age_distribution.csv");
    fs::write(path, format!("group_name,value\n{ages}")).unwrap();
    let row = ["0.1"; 85].join(",");
    let matrix = format!("{row}\n").repeat(85);
    for layer in ["school", "work", "home", "community"] {
        let path = matrices.join(format!("contacts_matrix_{layer}.csv"));
        fs::write(path, &matrix).unwrap();
    }
}

#[test]
fn the_suite_s_calls_into_epydemix_take_the_folder() {
    let Some(mut project) = Project::new(&Experiment::simulation()) else {
        return;
    };
    let config = project
        .root()
        .join("forecast/experiments/e/config/basemodel.yaml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        text.replace("{name: Testland}", "{name: Testland, data: true}"),
    )
    .unwrap();
    let folder = project.root().join("population");
    write_population(&folder, "Testland");
    project.set("EPYCLOUD_POPULATION_DATA", folder.to_str().unwrap());
    let said = format!("population `Testland`: data from {}/", folder.display());
    project.stage("A").succeeds().says(&[&said]);
    project.task(0).succeeds();

    project.set("EPYCLOUD_POPULATION_DATA", "/nowhere");
    project.stage("A").fails(2, &["`/nowhere` is not a folder"]);
}
