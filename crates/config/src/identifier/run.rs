//! What names a run and its tasks.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{IdentifierError, Refusal, identifier, is_segment};
use crate::shown::shown;

/// As the original allows; it leaves room for the rest of an object's key (1,024 bytes).
const LONGEST_PATH: usize = 200;
/// One part of a path: file systems stop at 255.
const LONGEST_SEGMENT: usize = 128;

identifier! {
    /// Which experiment: the path of its folder under `experiments/`, such as `202547/smc_rmse`.
    ///
    /// One or more segments of ASCII letters, digits, `.`, `_` and `-`, joined by `/`; never `.` or
    /// `..`; at most 200 characters, 128 a segment.
    ///
    /// ```
    /// use epycloud_config::ExpId;
    ///
    /// let id: ExpId = "202547/smc_rmse".parse()?;
    /// assert_eq!(id.segments().collect::<Vec<_>>(), ["202547", "smc_rmse"]);
    /// assert!("../secrets".parse::<ExpId>().is_err());
    /// # Ok::<(), epycloud_config::IdentifierError>(())
    /// ```
    ExpId("an experiment ID", check_exp_id)
}

impl ExpId {
    /// The folders' names, outermost first.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }
}

fn check_exp_id(text: &str) -> Result<&str, Refusal> {
    let expected = "segments of A-Z a-z 0-9 . _ - joined by `/` (200 characters at most), none of \
                    them `.` or `..`";
    if text.len() <= LONGEST_PATH && text.split('/').all(is_path_segment) {
        return Ok(text);
    }
    if text.starts_with('/') || text.ends_with('/') {
        return Err(Refusal::with_hint(
            expected,
            "leave out the slash at its start or end",
        ));
    }
    Err(Refusal::new(expected))
}

fn is_path_segment(text: &str) -> bool {
    text.len() <= LONGEST_SEGMENT && is_segment(text)
}

identifier! {
    /// Which run of an experiment. [`RunId::generate`] makes `YYYYMMDD-HHMMSS-xxxxxxxx` (UTC), so
    /// that runs sort by their time; one that is given is any single segment of ASCII letters,
    /// digits, `.`, `_` and `-` (128 at most).
    ///
    /// ```
    /// use epycloud_config::RunId;
    ///
    /// let id = RunId::generate();
    /// assert_eq!(id.as_str().len(), "20261123-143052-0a1b2c3d".len());
    /// ```
    RunId("a run ID", check_run_id)
}

fn check_run_id(text: &str) -> Result<&str, Refusal> {
    if is_path_segment(text) {
        Ok(text)
    } else {
        Err(Refusal::new(
            "1 to 128 of A-Z a-z 0-9 . _ - (not `.` or `..`)",
        ))
    }
}

impl RunId {
    /// A new one: the time now, in UTC, and eight random hexadecimal digits.
    #[must_use]
    pub fn generate() -> Self {
        Self::at(Timestamp::now(), random_bits())
    }

    /// When it was generated; `None` for an ID of another form.
    ///
    /// ```
    /// use epycloud_config::RunId;
    ///
    /// let id: RunId = "20260218-143015-a1b2c3d4".parse()?;
    /// assert_eq!(id.generated_at().unwrap().to_string(), "2026-02-18T14:30:15Z");
    /// assert_eq!("try-1".parse::<RunId>()?.generated_at(), None);
    /// # Ok::<(), epycloud_config::IdentifierError>(())
    /// ```
    #[must_use]
    pub fn generated_at(&self) -> Option<Timestamp> {
        let (time, digits) = self.0.rsplit_once('-')?;
        let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if digits.len() != 8 || !is_hexadecimal || time.len() != "20260218-143015".len() {
            return None;
        }
        let time = jiff::civil::DateTime::strptime("%Y%m%d-%H%M%S", time).ok()?;
        jiff::tz::Offset::UTC.to_timestamp(time).ok()
    }

    fn at(time: Timestamp, bits: u32) -> Self {
        Self(format!("{}-{bits:08x}", time.strftime("%Y%m%d-%H%M%S")))
    }
}

/// Without a source of randomness the clock and the process must do: two runs of one second on
/// one machine still differ.
fn random_bits() -> u32 {
    getrandom::u32().unwrap_or_else(|_| {
        let nanoseconds = Timestamp::now().subsec_nanosecond().unsigned_abs();
        nanoseconds.rotate_left(13) ^ std::process::id()
    })
}

identifier! {
    /// The folders of a bucket under which experiments lie, without slashes around them. Empty
    /// means the bucket itself.
    ///
    /// Read with or without a slash at its end, as the original writes it; `/` alone is the empty
    /// one. A `{profile}` or `{environment}` that nobody has filled in is refused.
    ///
    /// ```
    /// use epycloud_config::DirPrefix;
    ///
    /// assert_eq!("pipeline/flu/".parse::<DirPrefix>()?, DirPrefix::default());
    /// assert_eq!(DirPrefix::default().as_str(), "pipeline/flu");
    /// assert!("/".parse::<DirPrefix>()?.is_empty());
    /// assert!("pipeline/{profile}".parse::<DirPrefix>().is_err());
    /// # Ok::<(), epycloud_config::IdentifierError>(())
    /// ```
    DirPrefix("a directory prefix", check_dir_prefix)
}

fn check_dir_prefix(text: &str) -> Result<&str, Refusal> {
    let expected = "segments of A-Z a-z 0-9 . _ - joined by `/` (200 characters at most), none of \
                    them `.` or `..`, such as `pipeline/flu/`";
    let kept = text.strip_suffix('/').unwrap_or(text);
    if kept.is_empty() || kept.len() <= LONGEST_PATH && kept.split('/').all(is_path_segment) {
        return Ok(kept);
    }
    if text.contains('{') {
        return Err(Refusal::with_hint(
            expected,
            "fill in the name in braces: `{profile}` and `{environment}` are replaced by \
             `epycloud`, not by a stage",
        ));
    }
    if text.contains("://") {
        return Err(Refusal::with_hint(
            expected,
            "leave out the bucket: it is GCS_BUCKET",
        ));
    }
    if text.starts_with('/') {
        return Err(Refusal::with_hint(
            expected,
            "leave out the slash at its start",
        ));
    }
    Err(Refusal::new(expected))
}

impl DirPrefix {
    /// Whether experiments lie in the bucket itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for DirPrefix {
    /// `pipeline/flu`, as in the original.
    fn default() -> Self {
        Self("pipeline/flu".to_owned())
    }
}

/// Which task of stage B, from 0.
///
/// ```
/// use epycloud_config::TaskIndex;
///
/// let index = TaskIndex::new(42);
/// assert_eq!(index.file_digits(100), "00042");
/// assert_eq!(index.file_digits(1_000_000), "000042");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskIndex(u32);

impl TaskIndex {
    /// The original's width, kept so that its runs and ours sort alike.
    const NARROWEST: usize = 5;

    /// Takes a number.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The index as it stands in file names of a run of `n_tasks`: five digits, or as many as the
    /// last task needs, so that names sort by index.
    #[must_use]
    pub fn file_digits(self, n_tasks: u32) -> String {
        let last = n_tasks.saturating_sub(1).max(self.0);
        let width = last.to_string().len().max(Self::NARROWEST);
        format!("{:0width$}", self.0)
    }
}

impl fmt::Display for TaskIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TaskIndex {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .then(|| text.parse().ok())
            .flatten()
            .map(Self)
            .ok_or_else(|| IdentifierError {
                what: "a task index",
                value: shown(text),
                expected: "a whole number from 0 to 4294967295",
                hint: None,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_run_ids_are_utc_and_hexadecimal() {
        let time: Timestamp = "2026-11-23T14:30:52.9Z".parse().unwrap();
        assert_eq!(RunId::at(time, 0xa1b).as_str(), "20261123-143052-00000a1b");
        let generated = RunId::generate();
        assert_eq!(generated.as_str().parse(), Ok(generated.clone()));
        assert_ne!(generated, RunId::generate());
    }

    #[test]
    fn experiments_may_lie_in_folders_but_never_outside() {
        for text in [
            "flu",
            "test/flu.2025-01",
            "a/b/c_d",
            "..a",
            "a..b",
            &"x".repeat(128),
        ] {
            assert!(text.parse::<ExpId>().is_ok(), "{text}");
        }
        for text in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/..",
            "a/./b",
            "../a",
            "a b",
            "a\\b",
            "ä",
            "a\0",
            "a\n",
            "~",
            "C:\\a",
            "{id}",
            &"x".repeat(129),
            &"x/".repeat(101),
        ] {
            assert!(text.parse::<ExpId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_error_names_the_value_and_what_is_expected() {
        let error = "../a".parse::<ExpId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`../a` is not an experiment ID; expected segments of A-Z a-z 0-9 . _ - joined by `/` \
             (200 characters at most), none of them `.` or `..`"
        );
    }

    #[test]
    fn a_prefix_loses_one_slash_at_its_end_and_may_be_empty() {
        assert_eq!(
            "pipeline/prod/flu/".parse::<DirPrefix>().unwrap().as_str(),
            "pipeline/prod/flu"
        );
        assert!("".parse::<DirPrefix>().unwrap().is_empty());
        assert!("/".parse::<DirPrefix>().unwrap().is_empty());
        for text in ["//", "/a", "a//", "a/../b", "gs://bucket/a"] {
            assert!(text.parse::<DirPrefix>().is_err(), "{text:?}");
        }
        let error = "pipeline/{environment}/flu"
            .parse::<DirPrefix>()
            .unwrap_err();
        assert!(error.hint.unwrap().contains("{environment}"));
    }

    #[test]
    fn task_indices_are_plain_numbers() {
        assert_eq!("0".parse(), Ok(TaskIndex::new(0)));
        assert_eq!("007".parse(), Ok(TaskIndex::new(7)));
        for text in ["", "-1", "+1", "1.0", " 1", "1e3", "4294967296", "٣"] {
            assert!(text.parse::<TaskIndex>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn task_names_widen_with_the_number_of_tasks() {
        assert_eq!(TaskIndex::new(3).file_digits(1), "00003");
        assert_eq!(TaskIndex::new(99_999).file_digits(100_000), "99999");
        assert_eq!(TaskIndex::new(0).file_digits(100_001), "000000");
        assert_eq!(TaskIndex::new(123_456).file_digits(10), "123456");
    }
}
