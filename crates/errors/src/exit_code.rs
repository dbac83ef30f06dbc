//! The exit codes of both binaries.

/// How a process ended, as the number it gives its caller.
///
/// | code | meaning |
/// |---|---|
/// | 0 | done |
/// | 1 | failed |
/// | 2 | bad configuration or usage; an experiment that isn't there |
/// | 3 | finished with partial results |
/// | 75 | temporary failure, worth a retry (`EX_TEMPFAIL`); also SIGTERM |
/// | 130 | interrupted (SIGINT) |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitCode {
    /// Everything asked for was done.
    Done,
    /// Something failed; trying again as it is won't help.
    Failed,
    /// The configuration or the command line is wrong.
    Usage,
    /// Finished, but some tasks are missing from the outputs.
    Partial,
    /// A failure that may pass by itself.
    Temporary,
    /// The user stopped it.
    Interrupted,
}

impl ExitCode {
    /// The number the operating system sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Partial => 3,
            Self::Temporary => 75,
            Self::Interrupted => 130,
        }
    }

    /// The meaning of a number, or `None` for a code that no epycloud binary returns.
    #[must_use]
    pub const fn from_code(code: i32) -> Option<Self> {
        match code {
            0 => Some(Self::Done),
            1 => Some(Self::Failed),
            2 => Some(Self::Usage),
            3 => Some(Self::Partial),
            75 => Some(Self::Temporary),
            130 => Some(Self::Interrupted),
            _ => None,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.code())
    }
}

#[cfg(test)]
mod tests {
    use super::ExitCode;

    #[test]
    fn codes_are_the_documented_ones_and_read_back() {
        let table = [
            (ExitCode::Done, 0),
            (ExitCode::Failed, 1),
            (ExitCode::Usage, 2),
            (ExitCode::Partial, 3),
            (ExitCode::Temporary, 75),
            (ExitCode::Interrupted, 130),
        ];
        for (code, number) in table {
            assert_eq!(code.code(), number);
            assert_eq!(ExitCode::from_code(i32::from(number)), Some(code));
        }
        assert_eq!(ExitCode::from_code(137), None);
    }
}
