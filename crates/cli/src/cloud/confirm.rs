//! Asking before something costs money.

use std::io::{BufRead as _, IsTerminal as _};

use epycloud_errors::Report;

use crate::error::CliError;
use crate::printer::Printer;

/// Whether to go on: `--yes`, or the answer of whoever sits at the terminal. Where nobody does, it
/// must have been said.
pub(crate) fn asked(yes: bool, printer: &Printer) -> Result<bool, Report> {
    if yes {
        return Ok(true);
    }
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(CliError::NobodyToAsk.into());
    }
    printer.ask("Go on? [y/N] ");
    let mut answer = String::new();
    let read = stdin.lock().read_line(&mut answer);
    let goes_on = read.is_ok() && is_yes(&answer);
    if !goes_on {
        printer.say("nothing was started");
    }
    Ok(goes_on)
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_a_yes_is_one() {
        for (answer, expected) in [
            ("y\n", true),
            ("YES", true),
            ("", false),
            ("n", false),
            ("yeah", false),
        ] {
            assert_eq!(super::is_yes(answer), expected, "{answer}");
        }
    }
}
