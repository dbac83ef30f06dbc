//! What every storage must do, as checks that any backend can be run through.
//!
//! ```
//! use epycloud_storage::{Storage, conformance};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let report = conformance::run_all(|| async { Ok(Storage::in_memory()) }).await;
//! assert!(report.is_ok(), "{report}");
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```

mod concurrency;
mod gzip;
mod listing;
mod objects;
mod support;
mod writers;

use std::fmt;
use std::future::Future;

use futures::future::BoxFuture;

use crate::Storage;
use support::{Outcome, Place};

/// One thing that every storage must do.
#[derive(Clone, Copy)]
pub struct Check {
    /// What, as a sentence with `_` for spaces.
    pub name: &'static str,
    run: for<'a> fn(&'a Place) -> BoxFuture<'a, Outcome>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A check that a storage did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The check.
    pub check: &'static str,
    /// What was other than it should be.
    pub reason: String,
}

/// How a storage did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conformance {
    /// The checks that were run, in order.
    pub passed: Vec<&'static str>,
    /// Those that failed.
    pub failures: Vec<Failure>,
}

impl Conformance {
    /// Whether every check passed.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Conformance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} checks passed, {} failed",
            self.passed.len(),
            self.failures.len()
        )?;
        self.failures
            .iter()
            .try_for_each(|failure| write!(f, "\n  {}: {}", failure.check, failure.reason))
    }
}

macro_rules! checks {
    ($($module:ident: $($name:ident)+;)+) => {
        &[$($(Check {
            name: stringify!($name),
            run: |place| Box::pin($module::$name(place)),
        },)+)+]
    };
}

/// Every check, in order.
pub const CHECKS: &[Check] = checks! {
    objects:
        what_is_saved_is_loaded
        saving_again_replaces_the_whole
        what_is_missing_is_missing
        what_is_deleted_is_gone
        an_object_is_made_only_once_if_asked
        odd_names_are_kept
        json_is_kept_and_readable
        what_is_saved_is_described
        a_limit_is_kept
        a_handle_sees_what_its_clone_wrote;
    gzip:
        names_decide_and_options_win
        damage_is_noticed
        the_same_data_gives_the_same_object;
    listing:
        a_list_is_sorted_and_has_sizes
        a_folder_is_a_whole_name
        an_absent_folder_is_empty
        a_long_list_is_whole;
    writers:
        pieces_become_one_object
        nothing_is_seen_before_the_end
        an_aborted_writer_leaves_nothing
        a_dropped_writer_leaves_nothing
        a_writer_without_pieces_makes_an_empty_object
        a_writer_replaces_the_whole;
    concurrency:
        of_many_writers_one_wins
        of_many_creators_one_wins
        readers_see_whole_objects_only;
};

/// Runs every check on a storage that `open` gives, each in a folder of its own. The storage may
/// be new each time or always the same; it must be empty at first.
pub async fn run_all<F, T>(open: F) -> Conformance
where
    F: Fn() -> T,
    T: Future<Output = crate::Result<Storage>>,
{
    let mut report = Conformance {
        passed: Vec::new(),
        failures: Vec::new(),
    };
    for check in CHECKS {
        let outcome = match open().await {
            Ok(storage) => (check.run)(&Place::new(storage, check.name)).await,
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(()) => report.passed.push(check.name),
            Err(failed) => {
                report.failures.push(Failure {
                    check: check.name,
                    reason: failed.reason,
                });
            }
        }
    }
    report
}
