//! The same tables as local mode.

use crate::lab::{Lab, TASKS, ended};

#[test]
fn the_tables_are_those_of_local_mode_byte_for_byte() {
    let lab = Lab::new();
    lab.run();
    let tables = lab.tables();
    assert!(
        tables.contains_key("quantiles_compartments.csv.gz"),
        "{:?}",
        tables.keys()
    );
    assert_eq!(lab.objects("runner-artifacts").len(), TASKS as usize);
    let local = lab.local_tables();
    assert_eq!(
        tables.keys().collect::<Vec<_>>(),
        local.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &tables {
        assert!(bytes == &local[name], "{name} differs");
    }
}

#[test]
fn a_damaged_object_is_refused_and_named() {
    let lab = Lab::new();
    ended(lab.stage("A", "a").output().unwrap(), 0);
    let input = "pipeline/flu/tiny/r1/builder-artifacts/input_00003.pkl.gz";
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert!(runtime.block_on(lab.bucket.corrupt(input)).unwrap());
    let said = ended(lab.task(3).output().unwrap(), 1);
    assert!(
        said.contains(&format!("gs://lab-bucket/{input}` is corrupt")),
        "{said}"
    );
    assert!(said.contains("CRC32C"), "{said}");
    ended(lab.task(4).output().unwrap(), 0);
}
