//! Tokens are seen by those whom they are for and by nobody else.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use epycloud_test_support::http::Recorded;
use flate2::read::GzDecoder;

use crate::lab::{ACCESS, Lab, TOKEN};

/// The token as git's header has it.
fn in_header() -> String {
    BASE64_STANDARD.encode(format!("x-access-token:{TOKEN}"))
}

/// Whether either token, in any form of it, is in there.
fn holds(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let forms = [
        TOKEN.to_owned(),
        in_header(),
        BASE64_STANDARD.encode(TOKEN),
        ACCESS.to_owned(),
    ];
    forms.iter().any(|form| text.contains(form.as_str()))
}

/// The arguments of all processes.
fn arguments() -> Vec<u8> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let lines = processes
        .filter_map(Result::ok)
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.flatten().collect()
}

/// Headers that hold a token, but for the one that is meant to.
fn leaks(requests: &[Recorded], header: &str) -> Vec<String> {
    let mut leaks = Vec::new();
    for request in requests {
        if holds(request.line.as_bytes()) || holds(&request.body_start) {
            leaks.push(request.line.clone());
        }
        let others = request
            .headers
            .iter()
            .filter(|line| !line.starts_with(header));
        leaks.extend(others.filter(|line| holds(line.as_bytes())).cloned());
    }
    leaks
}

fn files_with_a_token(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with_a_token(&path));
        } else if std::fs::read(&path).is_ok_and(|bytes| holds(&bytes)) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn the_tokens_are_nowhere_but_in_the_headers_that_need_them() {
    let lab = Lab::new();
    let done = Arc::new(AtomicBool::new(false));
    let watcher = std::thread::spawn({
        let done = Arc::clone(&done);
        move || {
            let (mut looked, mut git_seen) = (0, false);
            while !done.load(Ordering::Relaxed) {
                let arguments = arguments();
                assert!(!holds(&arguments), "a token in a process's arguments");
                git_seen |= String::from_utf8_lossy(&arguments).contains("fetch");
                looked += 1;
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            (looked, git_seen)
        }
    });
    let said = lab.run();
    done.store(true, Ordering::Relaxed);
    let (looked, git_seen) = watcher.join().unwrap();
    assert!(looked > 50, "the processes were looked at {looked} times");
    if cfg!(target_os = "linux") {
        assert!(git_seen, "git was never seen at work");
    }

    assert!(!holds(said.as_bytes()), "a token in the log");
    for (name, bytes) in lab.objects("") {
        assert!(!holds(&bytes), "a token in {name}");
        if name.ends_with(".gz") {
            let mut unpacked = Vec::new();
            GzDecoder::new(bytes.as_slice())
                .read_to_end(&mut unpacked)
                .unwrap();
            assert!(!holds(&unpacked), "a token in {name}, unpacked");
        }
    }
    assert_eq!(files_with_a_token(lab.folder.path()), [""; 0]);
    for requests in [
        lab.git.recorded(),
        lab.machine.recorded(),
        lab.bucket.recorded(),
    ] {
        assert_eq!(leaks(&requests, "authorization: "), [""; 0]);
    }
    let bears = |request: &&Recorded| {
        request
            .headers
            .iter()
            .any(|line| line.contains(&in_header()))
    };
    assert!(
        lab.git.recorded().iter().any(|request| bears(&request)),
        "the git server gets it"
    );
    // Each service gets its own and not the other's.
    let gets_github = |requests: Vec<Recorded>| requests.iter().any(|request| bears(&request));
    assert!(!gets_github(lab.bucket.recorded()));
    assert!(!gets_github(lab.machine.recorded()));
}
