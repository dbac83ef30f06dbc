//! Archives that somebody else has made.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

use std::path::Path;

use epycloud_repository::{RepositoryError, unpack};
use proptest::prelude::*;
use tar::{Builder, EntryType, Header};

/// An entry as it is written, whatever its name.
fn archive(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (name, kind, text) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        let raw = header.as_gnu_mut().unwrap();
        raw.name[..name.len()].copy_from_slice(name.as_bytes());
        let is_link = matches!(kind, EntryType::Symlink | EntryType::Link);
        let content = if is_link {
            raw.linkname[..text.len()].copy_from_slice(text.as_bytes());
            ""
        } else {
            text
        };
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

fn names_outside(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "into")
        .collect()
}

#[test]
fn nothing_is_written_elsewhere() {
    use EntryType as Kind;

    let table: [&[(&str, Kind, &str)]; 14] = [
        &[("../x", Kind::Regular, "x")],
        &[("/tmp/x", Kind::Regular, "x")],
        &[("a/../../x", Kind::Regular, "x")],
        &[("a/./x", Kind::Regular, "x")],
        &[("a\\x", Kind::Regular, "x")],
        &[("", Kind::Regular, "x")],
        &[("a", Kind::Symlink, "..")],
        &[("a", Kind::Symlink, "/etc")],
        &[("a", Kind::Link, "b")],
        &[("a", Kind::Fifo, "")],
        &[("a", Kind::Char, "")],
        &[("x", Kind::Regular, "1"), ("x", Kind::Regular, "2")],
        &[(".git/config", Kind::Regular, "x")],
        // A link inside, and a file through it.
        &[("a", Kind::Symlink, "b"), ("a/x", Kind::Regular, "x")],
    ];
    for entries in table {
        let folder = tempfile::tempdir().unwrap();
        let error = unpack(&archive(entries), &folder.path().join("into"));
        assert!(error.is_err(), "{entries:?}");
        assert!(names_outside(folder.path()).is_empty(), "{entries:?}");
    }
}

#[test]
fn what_is_cut_short_is_refused() {
    let whole = archive(&[("a", EntryType::Regular, "text")]);
    let folder = tempfile::tempdir().unwrap();
    for length in [100, 511, 513, 515] {
        let unpacked = unpack(&whole[..length], &folder.path().join(length.to_string()));
        let refused = matches!(unpacked, Err(RepositoryError::Archive { .. }));
        assert!(refused, "{length}: {unpacked:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_unpacked_inside_or_refused(
        noise in proptest::collection::vec((0_usize..2048, any::<u8>()), 0..6),
    ) {
        let mut bytes = archive(&[
            ("a/b", EntryType::Regular, "text"),
            ("l", EntryType::Symlink, "a"),
        ]);
        for (at, byte) in noise {
            let length = bytes.len();
            bytes[at % length] = byte;
        }
        let folder = tempfile::tempdir().unwrap();
        let _ = unpack(&bytes, &folder.path().join("into"));
        prop_assert!(names_outside(folder.path()).is_empty());
    }
}
