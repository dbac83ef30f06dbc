//! The name of one file or folder.

use super::{Refusal, identifier, is_segment};

const LONGEST: usize = 200;

identifier! {
    /// The name of one file or folder: ASCII letters, digits, `.`, `_` and `-`, at most 200 of
    /// them, and neither `.` nor `..`.
    ///
    /// ```
    /// use epycloud_config::FileName;
    ///
    /// let name: FileName = "output_projection.yaml".parse()?;
    /// assert_eq!(name.as_str(), "output_projection.yaml");
    /// assert!("../output.yaml".parse::<FileName>().is_err());
    /// # Ok::<(), epycloud_config::IdentifierError>(())
    /// ```
    FileName("a file name", check)
}

fn check(text: &str) -> Result<&str, Refusal> {
    if is_segment(text) && text.len() <= LONGEST {
        return Ok(text);
    }
    let expected = "1 to 200 of A-Z a-z 0-9 . _ - (not `.` or `..`)";
    if text.contains('/') || text.contains('\\') {
        return Err(Refusal::with_hint(
            expected,
            "give the file's name only, without its folder",
        ));
    }
    Err(Refusal::new(expected))
}
