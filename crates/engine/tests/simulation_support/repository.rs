//! A forecast repository with made-up data: places of every kind of contact source, vaccination
//! coverage, school calendars.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use epycloud_config::SuiteBehaviour;
use epycloud_engine::DataSources;
use epycloud_engine::schema::Experiment;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A repository in a temporary folder.
pub(crate) struct Repository {
    folder: TempDir,
}

/// The places there are, with the contact sources they have.
const PLACES: [(&str, &str); 5] = [
    ("United_States", "mistry_2021"),
    ("United_States_Massachusetts", "mistry_2021"),
    ("United_States_New_York", "prem_2021"),
    ("United_States_Wyoming", "litvinova_2025"),
    ("Harbour_Island", "mistry_2021"),
];

/// The layers, each with the weight that makes it different.
const LAYERS: [(&str, u64); 4] = [("school", 3), ("work", 5), ("home", 2), ("community", 4)];

const COVERAGE_GROUPS: [&str; 7] = [
    "6 Months - 4 Years",
    "5-12 Years",
    "13-17 Years",
    "18-49 Years",
    "50-64 Years",
    "65+ Years",
    "6 Months - 17 Years",
];

impl Repository {
    pub(crate) fn new() -> Self {
        let repository = Self {
            folder: TempDir::new().unwrap(),
        };
        repository.write_population();
        repository.write("data/coverage.csv", &coverage());
        repository.write("data/doses.csv", &doses());
        repository.write("data-tables/school_calendars_formatted.csv", CALENDARS);
        repository
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn sources(&self, suite_behaviour: SuiteBehaviour) -> DataSources {
        DataSources {
            suite_behaviour,
            ..DataSources::of_repository(self.path())
        }
    }

    /// Writes a file and the folders it is in.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's own folder")]
        std::fs::write(path, text).unwrap();
    }

    /// Writes an experiment (JSON is YAML) and reads it as an experiment.
    pub(crate) fn experiment(&self, name: &str, model: &Value, places: &[&str]) -> Experiment {
        let folder = format!("experiments/{name}/config");
        self.write(
            &format!("{folder}/basemodel.yaml"),
            &json!({ "model": model }).to_string(),
        );
        let modelset = json!({ "modelset": { "population_names": places } });
        self.write(&format!("{folder}/modelset.yaml"), &modelset.to_string());
        let output = json!({ "output": { "trajectories": { "compartments": true } } });
        self.write(&format!("{folder}/output.yaml"), &output.to_string());
        super::read_from(self.path(), name)
    }

    /// People of each age by place, in the layout of the suite's codebook.
    pub(crate) fn write_codebook(&self) {
        let mut text = String::from(",United_States,United_States_Massachusetts\n");
        for age in 0..85 {
            writeln!(
                text,
                "{age},{},{}",
                900 + people(1, age),
                70 + people(2, age)
            )
            .unwrap();
        }
        self.write("data-tables/population_codebook.csv", &text);
    }

    fn write_population(&self) {
        let mut locations = String::from("location,primary_contact_source,contact_sources\n");
        for (seed, (place, source)) in (0..).zip(PLACES) {
            writeln!(locations, "{place},{source},{source}").unwrap();
            let folder = format!("epydemix-data/data/{place}");
            let mut ages = String::from("group_name,value\n");
            for age in 0..85 {
                let name = if age == 84 {
                    "84+".to_owned()
                } else {
                    age.to_string()
                };
                writeln!(ages, "{name},{}", people(seed, age)).unwrap();
            }
            self.write(&format!("{folder}/demographic/age_distribution.csv"), &ages);
            let n = if source == "mistry_2021" { 85 } else { 16 };
            for (layer, weight) in LAYERS {
                let file =
                    format!("{folder}/contact_matrices/{source}/contacts_matrix_{layer}.csv");
                self.write(&file, &matrix(n, seed + weight));
            }
        }
        self.write("epydemix-data/locations.csv", &locations);
    }
}

fn people(seed: u64, age: u64) -> u64 {
    1200 + (age * 37 + seed * 101) % 463 - age * 9
}

/// Contacts with all the digits that files have, most between people of similar age.
fn matrix(n: u64, seed: u64) -> String {
    let mut text = String::new();
    for row in 0..n {
        let cells: Vec<String> = (0..n)
            .map(|column| {
                let near = 1.0 / (1.0 + row.abs_diff(column) as f64);
                let noise = ((row * 7919 + column * 104_729 + seed * 1299) % 1009) as f64 / 1009.0;
                format!("{}", (0.02 + near * noise) * 8.0 / n as f64)
            })
            .collect();
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    text
}

/// Cumulative coverage that also falls now and then; New York begins three weeks late.
fn coverage() -> String {
    let mut text = String::from("Geography,Age,Population,Week_Ending_Sat,Coverage\n");
    let start = jiff::civil::date(2024, 8, 17);
    let places = [
        "United States",
        "Massachusetts",
        "New York",
        "Wyoming",
        "Harbour Island",
    ];
    for (at, place) in (0_i32..).zip(places) {
        for (group, label) in (0_i32..).zip(COVERAGE_GROUPS) {
            for week in 0..40_i32 {
                if place == "New York" && week < 3 + group % 2 {
                    continue;
                }
                let day = start.checked_add(jiff::Span::new().days(7 * week)).unwrap();
                let reached = f64::from(20 + 9 * group + at);
                let share = 1.0 / (1.0 + (-f64::from(week - 9 - group) / 3.1).exp());
                let dip = f64::from((week * 5 + at) % 7) / 9.0;
                writeln!(
                    text,
                    "{place},{label},1,{day},{:.15}",
                    (reached * share - dip).max(0.0)
                )
                .unwrap();
            }
        }
    }
    text
}

/// Daily doses in two scenarios.
fn doses() -> String {
    let mut text = String::from("dates,scenario,location,0-17,18-64,65+\n");
    let start = jiff::civil::date(2024, 9, 1);
    for scenario in ["low", "high"] {
        for day in 0..200_i32 {
            let date = start.checked_add(jiff::Span::new().days(day)).unwrap();
            let factor = if scenario == "low" { 1 } else { 3 };
            let doses = [day % 11, 20 - day % 17, 7 + day % 3].map(|doses| doses * factor);
            writeln!(
                text,
                "{date},{scenario},US-MA,{},{},{}",
                doses[0], doses[1], doses[2]
            )
            .unwrap();
            writeln!(text, "{date},{scenario},US-NY,1,2,3").unwrap();
        }
    }
    text
}

const CALENDARS: &str = "\
state,event_name,start_day,start_month,end_day,end_month
MA,Thanksgiving Break,27,11,29,11
MA,Christmas Break,24,12,1,1
MA,Winter Break,17,2,21,2
MA,Long Winter Break,14,2,18,2
MA,Spring Break,21,4,25,4
NY,Thanksgiving Break,25,11,26,11
NY,Christmas Break,20,12,3,1
NY,Mid Winter Break,15,2,22,2
WY,Spring Break,26,4,30,4
Harbour_Island,Storm Break,3,3,9,3
";

/// A place in the forms in which the oracle needs it.
pub(crate) fn place(listed: &str) -> Value {
    match epycloud_engine::locations::find(listed) {
        Some(location) => json!({
            "name": location.epydemix,
            "listed": listed,
            "iso": location.iso,
            "abbreviation": location.abbreviation,
            "english": location.name,
        }),
        None => json!({ "name": listed, "listed": listed }),
    }
}

/// The built-in people by coverage group.
pub(crate) fn denominators() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/data/coverage_denominators.csv"
    ))
}
