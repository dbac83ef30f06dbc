//! No secret appears where it doesn't belong, whatever the command, however it is given, and however
//! the command ends.

mod rows;
mod scene;
mod search;

use std::collections::BTreeSet;

use epycloud_test_support::google::{Fault, Misbehaviour};

use crate::help::commands;
use crate::lab::Lab;
use rows::{IN_ARGUMENTS, ROWS};
use scene::{Given, Scene};

const MODES: [&str; 3] = ["--verbose", "--json", "--quiet"];

/// A new command needs a row, so that it is looked at here.
#[test]
fn every_command_has_a_row() {
    let lab = Lab::new();
    let all = commands(|command| {
        let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
        words.push("--help");
        lab.run(&words).ended(0).stdout
    });
    let is_group = |command: &Vec<String>| {
        all.iter()
            .any(|other| other.len() > command.len() && other.starts_with(command))
    };
    let leaves: BTreeSet<String> = all
        .iter()
        .filter(|command| !is_group(command))
        .map(|command| command.join(" "))
        .collect();
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.command.to_owned()).collect();
    assert_eq!(rows, leaves);
    let has_a_token = |row: &rows::Row| row.arguments.contains(IN_ARGUMENTS);
    assert!(ROWS.iter().any(has_a_token));
}

#[test]
fn no_secret_appears_where_it_does_not_belong() {
    std::thread::scope(|threads| {
        for given in [Given::InFiles, Given::Everywhere] {
            for mode in MODES {
                threads.spawn(move || look_everywhere(given, mode));
            }
        }
    });
}

fn look_everywhere(given: Given, mode: &str) {
    let scene = Scene::with_a_key(given);
    for row in &ROWS {
        let mut words = row.words();
        words.push(mode);
        let ran = scene.run(&words);
        let what = format!("{words:?}, {given:?}");
        let (stdout, stderr) = (&ran.stdout, &ran.stderr);
        assert_eq!(ran.code, Some(row.code), "{what}:\n{stdout}\n{stderr}");
        scene.assert_clean(stdout, &what);
        scene.assert_clean(stderr, &what);
    }
    scene.assert_requests_are_clean();
    scene.assert_programs_are_told_nothing();
    scene.assert_files_are_clean();
    scene.assert_bucket_is_clean();
}

/// What Google answers may quote the request.
#[test]
fn no_secret_appears_in_any_error() {
    let scene = Scene::without_a_key();
    let quoting = format!("the token {} is refused", scene.lab.google.token());
    for misbehaviour in [
        Misbehaviour::refusal(400, "X", &quoting),
        Misbehaviour::refusal(401, "X", &quoting),
        Misbehaviour::refusal(403, "X", &quoting),
        Misbehaviour::refusal(404, "X", &quoting),
        Misbehaviour::busy(429, 600),
    ] {
        for row in ROWS.iter().filter(|row| row.asks_google()) {
            // The metadata server is left alone.
            for service in ["/v1/projects", "/v2/projects", "/v2/entries", "/compute/"] {
                let fault = Fault::once(service, misbehaviour.clone());
                scene.lab.google.script(fault.times(99));
            }
            let mut words = row.words();
            words.push("--verbose");
            let ran = scene.run(&words);
            scene.lab.google.behave();
            let what = format!("{words:?} {misbehaviour:?}");
            scene.assert_clean(&format!("{}{}", ran.stdout, ran.stderr), &what);
            assert_ne!(ran.code, Some(0), "{what}: {}", ran.stderr);
        }
    }
}
