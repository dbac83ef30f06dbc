//! Ending with the process that started this one.

#[cfg(unix)]
use std::time::Duration;

#[cfg(unix)]
use epycloud_errors::ExitCode;

/// How often a worker looks whether the process that started it is still there.
#[cfg(unix)]
const INTERVAL: Duration = Duration::from_millis(250);
/// How long a worker whose input has ended may take to end by itself.
#[cfg(unix)]
const GRACE: Duration = Duration::from_secs(1);

/// Ends this process soon after the one that started it has gone. Nothing is torn: what is written
/// appears whole or not at all.
pub(super) fn end_with_it() {
    #[cfg(unix)]
    {
        let parent = std::os::unix::process::parent_id();
        // Without the thread the worker ends when its input does, after the task at hand.
        let _ = std::thread::Builder::new()
            .name("parent".to_owned())
            .spawn(move || {
                if parent == 0 {
                    wait_for_end_of_input();
                } else {
                    wait_for_end_of(parent);
                }
                std::process::exit(ExitCode::Temporary.code().into());
            });
    }
}

#[cfg(unix)]
fn wait_for_end_of(parent: u32) {
    while std::os::unix::process::parent_id() == parent {
        std::thread::sleep(INTERVAL);
    }
}

/// The first process of a container has no parent that it could see; whoever started the container
/// holds the other end of its input.
#[cfg(unix)]
fn wait_for_end_of_input() {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::fs::Timespec;

    let stdin = std::io::stdin();
    let interval = Timespec::try_from(INTERVAL).ok();
    loop {
        let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
        // An interrupted call is made again.
        let _ = poll(&mut watched, interval.as_ref());
        if watched[0].revents().contains(PollFlags::HUP) {
            break;
        }
        // Where the input isn't a pipe, nothing is waited for.
        std::thread::sleep(INTERVAL);
    }
    std::thread::sleep(GRACE);
}
