//! Completions, the manual, help, and the table of all commands.

use crate::help::commands;
use crate::project::{Project, checkout};

fn help(project: &Project, command: &[String]) -> String {
    let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
    arguments.push("--help");
    project.run(&arguments).ended(0).stdout
}

#[test]
fn shells_complete_every_command() {
    let project = Project::quickstart();
    for shell in ["bash", "zsh", "fish"] {
        let script = project.run(&["completions", shell]).ended(0).stdout;
        for word in ["experiment", "download", "validate", "exp-filter"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    // A shell that is there takes its script.
    let script = project.run(&["completions", "bash"]).ended(0).stdout;
    let file = project.path().join("completions.bash");
    #[expect(clippy::disallowed_methods, reason = "a test's own input")]
    std::fs::write(&file, script).unwrap();
    let checked = std::process::Command::new("bash")
        .arg("-n")
        .arg(file)
        .status();
    assert!(checked.is_ok_and(|status| status.success()));
    let ran = project.run(&["completions", "tcsh"]).ended(2);
    assert!(ran.stderr.contains("possible values"), "{}", ran.stderr);
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let project = Project::quickstart();
    let page = project.run(&["man"]).ended(0).stdout;
    assert!(page.contains(".TH epycloud 1"), "{page}");
    project.run(&["man", "man1"]).ended(0);
    for command in commands(|command| help(&project, command)) {
        let file = format!("man1/epycloud-{}.1", command.join("-"));
        assert!(project.path().join(&file).is_file(), "{file}");
    }
}

#[test]
fn mistyped_commands_and_options_are_told_with_the_nearest() {
    let project = Project::quickstart();
    let ran = project.run(&["experimnt", "list"]).ended(2);
    assert!(ran.stderr.contains("experiment"), "{}", ran.stderr);
    let ran = project.run(&["experiment", "list", "--lates"]).ended(2);
    assert!(ran.stderr.contains("--latest"), "{}", ran.stderr);
}

/// A row of the table: the original's, ours, its tests.
struct Row {
    original: String,
    ours: String,
    tests: Vec<String>,
    why: String,
}

fn table() -> Vec<Row> {
    let text = std::fs::read_to_string(checkout().join("docs/src/commands.md")).unwrap();
    text.lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let plain = |at: usize| cells.get(at).unwrap_or(&"").replace('`', "");
            Row {
                original: plain(0),
                ours: plain(1),
                tests: plain(2).split(", ").map(str::to_owned).collect(),
                why: plain(3),
            }
        })
        .collect()
}

/// The sources of all tests of whole binaries, file by file.
fn sources() -> Vec<String> {
    let mut texts = Vec::new();
    for folder in ["tests/end_to_end", "tests/cloud_commands"] {
        for entry in std::fs::read_dir(checkout().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    texts
}

#[test]
fn the_table_of_commands_is_true() {
    let project = Project::quickstart();
    let (rows, sources) = (table(), sources());
    assert!(rows.len() > 100, "{} rows", rows.len());
    for row in rows {
        if row.ours == "—" {
            assert!(
                !row.why.is_empty(),
                "`{}` doesn't say why it isn't here",
                row.original
            );
            continue;
        }
        let mut words: Vec<&str> = row.ours.split_whitespace().collect();
        let is_command = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        let last = *words.last().unwrap();
        let has_option = last.starts_with('-') || !is_command(last);
        if has_option {
            words.pop();
        }
        let command: Vec<String> = words.into_iter().map(str::to_owned).collect();
        let text = help(&project, &command);
        if has_option {
            let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
            let knows = text.split(|c| !is_word(c)).any(|word| word == last);
            assert!(
                knows,
                "`{}` doesn't know `{last}`:\n{text}",
                command.join(" ")
            );
        }
        let mut is_used = !last.starts_with('-');
        for test in &row.tests {
            let start = format!("fn {test}(");
            let file = sources.iter().find(|source| source.contains(&start));
            let Some(file) = file else {
                panic!(
                    "`{}` names the test `{test}`, which isn't there",
                    row.original
                );
            };
            // In the test, or in what it shares with others of its file.
            is_used |= ["\"", "="]
                .iter()
                .any(|end| file.contains(&format!("\"{last}{end}")));
        }
        assert!(is_used, "no test of `{}` gives `{last}`", row.original);
    }
}

#[test]
fn every_command_s_help_has_examples() {
    let project = Project::quickstart();
    // The leaves below a group of few words have theirs in the group's help.
    for command in commands(|command| help(&project, command)) {
        let own = help(&project, &command).contains("Examples:");
        let group = command.len() > 1 && help(&project, &command[..1]).contains("Examples:");
        assert!(own || group, "{}", command.join(" "));
    }
}
