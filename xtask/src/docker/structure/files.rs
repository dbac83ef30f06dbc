//! Files of the image: whether they are there, whose they are, what is in them.
//!
//! They are read out of a container that is never started, so that they are seen as the image has
//! them, whatever the image's programs do.

use std::io::Read as _;
use std::process::Stdio;

use super::schema::{ContentTest, Executor, ExistenceTest, Tests};
use super::{Findings, compare};
use crate::failure::Failure;
use crate::process::{capture, run as run_shown};
use epycloud_images::Engine;

pub(super) fn run(
    engine: &Engine,
    image: &str,
    tests: &Tests,
) -> Result<Vec<(String, Findings)>, Failure> {
    if tests.file_existence_tests.is_empty() && tests.file_content_tests.is_empty() {
        return Ok(Vec::new());
    }
    let container = capture(engine.command().args(["create", image]))?;
    let container = Container {
        engine,
        name: container.trim(),
    };
    let results = results(&container, tests);
    run_shown(
        engine
            .command()
            .args(["rm", "--force", container.name])
            .stdout(Stdio::null()),
    )?;
    results
}

fn results(container: &Container<'_>, tests: &Tests) -> Result<Vec<(String, Findings)>, Failure> {
    let mut results = Vec::new();
    for test in &tests.file_existence_tests {
        let entry = container.entry(&test.path)?;
        results.push((test.name.clone(), existence(test, entry.as_ref())));
    }
    for test in &tests.file_content_tests {
        let entry = container.entry(&test.path)?;
        results.push((test.name.clone(), content(test, entry.as_ref())));
    }
    Ok(results)
}

/// A file as the image has it.
struct Entry {
    kind: char,
    mode: u32,
    uid: u64,
    gid: u64,
    content: Vec<u8>,
}

struct Container<'a> {
    engine: &'a Engine,
    name: &'a str,
}

impl Container<'_> {
    /// A file, or `None` where there is none; links are followed.
    fn entry(&self, path: &str) -> Result<Option<Entry>, Failure> {
        let output = self
            .engine
            .command()
            .args(["cp", "--follow-link", &format!("{}:{path}", self.name), "-"])
            .output()
            .map_err(|source| Failure::Start {
                program: "docker".into(),
                source,
            })?;
        if !output.status.success() {
            return Ok(None);
        }
        let unreadable = |error: std::io::Error| Failure::Output {
            command: format!("docker cp {}:{path}", self.name),
            reason: error.to_string(),
        };
        let mut archive = tar::Archive::new(output.stdout.as_slice());
        let Some(first) = archive.entries().map_err(unreadable)?.next() else {
            return Ok(None);
        };
        let mut first = first.map_err(unreadable)?;
        let mut content = Vec::new();
        first.read_to_end(&mut content).map_err(unreadable)?;
        let header = first.header();
        Ok(Some(Entry {
            kind: match header.entry_type() {
                tar::EntryType::Directory => 'd',
                tar::EntryType::Symlink => 'L',
                _ => '-',
            },
            mode: header.mode().map_err(unreadable)?,
            uid: header.uid().map_err(unreadable)?,
            gid: header.gid().map_err(unreadable)?,
            content,
        }))
    }
}

impl Entry {
    /// As `ls -l` shows them.
    fn permissions(&self) -> String {
        let bits = (0..9).rev().zip("rwxrwxrwx".chars());
        std::iter::once(self.kind)
            .chain(bits.map(|(bit, letter)| {
                if self.mode & (1 << bit) == 0 {
                    '-'
                } else {
                    letter
                }
            }))
            .collect()
    }
}

fn existence(test: &ExistenceTest, entry: Option<&Entry>) -> Findings {
    let Some(entry) = entry else {
        let missing = test
            .should_exist
            .then(|| format!("`{}` is missing", test.path));
        return missing.into_iter().collect();
    };
    if !test.should_exist {
        return vec![format!("`{}` is there", test.path)];
    }
    let mut findings = Findings::new();
    let mut expect = |what: &str, expected: Option<String>, found: String| {
        if expected.as_ref().is_some_and(|expected| *expected != found) {
            let expected = expected.unwrap_or_default();
            findings.push(format!("{what} is {found}; expected {expected}"));
        }
    };
    expect("mode", test.permissions.clone(), entry.permissions());
    expect(
        "uid",
        test.uid.map(|id| id.to_string()),
        entry.uid.to_string(),
    );
    expect(
        "gid",
        test.gid.map(|id| id.to_string()),
        entry.gid.to_string(),
    );
    if let Some(executor) = test.is_executable_by {
        let bits = match executor {
            Executor::Owner => 0o100,
            Executor::Group => 0o010,
            Executor::Other => 0o001,
            Executor::Any => 0o111,
        };
        if entry.mode & bits == 0 {
            findings.push(format!(
                "`{}` ({}) isn't executable by {executor:?}",
                test.path,
                entry.permissions()
            ));
        }
    }
    findings
}

fn content(test: &ContentTest, entry: Option<&Entry>) -> Findings {
    entry.map_or_else(
        || vec![format!("`{}` is missing", test.path)],
        |entry| {
            compare(
                "content",
                &String::from_utf8_lossy(&entry.content),
                &test.expected_contents,
                &test.excluded_contents,
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: u32) -> Entry {
        Entry {
            kind: '-',
            mode,
            uid: 0,
            gid: 7,
            content: Vec::new(),
        }
    }

    fn test(executor: Option<Executor>) -> ExistenceTest {
        ExistenceTest {
            name: String::new(),
            path: "/a".into(),
            should_exist: true,
            permissions: Some("-rwxr-xr-x".into()),
            uid: Some(0),
            gid: Some(0),
            is_executable_by: executor,
        }
    }

    #[test]
    fn modes_and_owners_are_compared() {
        assert_eq!(entry(0o640).permissions(), "-rw-r-----");
        let findings = existence(&test(Some(Executor::Any)), Some(&entry(0o755)));
        assert_eq!(findings, ["gid is 7; expected 0"]);
        let findings = existence(&test(Some(Executor::Other)), Some(&entry(0o750)));
        assert_eq!(findings.len(), 3, "{findings:?}");
    }

    #[test]
    fn a_missing_file_is_found_missing() {
        let mut wanted = test(None);
        assert_eq!(existence(&wanted, None), ["`/a` is missing"]);
        wanted.should_exist = false;
        assert!(existence(&wanted, None).is_empty());
        assert_eq!(existence(&wanted, Some(&entry(0o755))), ["`/a` is there"]);
    }
}
