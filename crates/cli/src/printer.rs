//! The one place that prints. Prose goes to stderr and data to stdout; `--json` turns data into one
//! JSON object a line; `--quiet` leaves errors.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use epycloud_errors::Report;
use serde::Serialize;

use crate::arguments::Arguments;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();
const HEADING: Style = Style::new().bold();

/// Sets whether colours are used, whatever is printed; `None` leaves it to the terminal and
/// `NO_COLOR`.
pub(crate) fn choose_colours(use_them: Option<bool>) {
    let choice = match use_them {
        Some(true) => anstream::ColorChoice::AlwaysAnsi,
        Some(false) => anstream::ColorChoice::Never,
        None => anstream::ColorChoice::Auto,
    };
    choice.write_global();
}

/// Prints as the command line asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    /// Data as JSON lines.
    pub(crate) json: bool,
    /// Errors only.
    pub(crate) quiet: bool,
    /// The stages' log as well.
    pub(crate) verbose: bool,
    /// Nothing is executed.
    pub(crate) dry_run: bool,
}

impl Printer {
    pub(crate) fn new(arguments: &Arguments) -> Self {
        Self {
            json: arguments.json,
            quiet: arguments.quiet,
            verbose: arguments.verbose,
            dry_run: arguments.dry_run,
        }
    }

    /// An error with its causes and its hint; as an `error` event too with `--json`.
    pub(crate) fn error(&self, report: &Report) {
        if self.json {
            self.event(&ErrorEvent {
                event: "error",
                exit_code: report.exit_code().code(),
                chain: report.chain(),
                hint: report.hint(),
            });
        }
        let mut links = report.chain().into_iter();
        let first = links.next().unwrap_or_default();
        line(format_args!("{ERROR}error:{ERROR:#} {first}"));
        for cause in links {
            line(format_args!("  caused by: {cause}"));
        }
        if let Some(hint) = report.hint() {
            line(format_args!("  {HINT}hint:{HINT:#} {hint}"));
        }
    }

    /// Something that may be wrong.
    pub(crate) fn warning(&self, message: &str) {
        if !self.quiet {
            line(format_args!("{WARNING}warning:{WARNING:#} {message}"));
        }
    }

    /// A line of prose.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            line(format_args!("{text}"));
        }
    }

    /// A question, whose answer stands in the same line. It is asked even with `--quiet`.
    pub(crate) fn ask(&self, question: &str) {
        let mut stderr = anstream::stderr();
        let _ = write!(stderr, "{question}");
        let _ = stderr.flush();
    }

    /// A heading.
    pub(crate) fn heading(&self, text: &str) {
        if !self.quiet {
            line(format_args!("{HEADING}{text}{HEADING:#}"));
        }
    }

    /// Empties the terminal.
    pub(crate) fn clear_screen(&self) {
        let mut stdout = anstream::stdout();
        let _ = write!(stdout, "\u{1b}[2J\u{1b}[H");
        // Headings go to the other stream, and must come after it.
        let _ = stdout.flush();
    }

    /// What was asked for, for people.
    pub(crate) fn data(&self, text: &str) {
        // A reader that went away is not this command's failure.
        let _ = writeln!(anstream::stdout(), "{text}");
    }

    /// A line of JSON for scripts.
    pub(crate) fn event<T: Serialize>(&self, event: &T) {
        if let Ok(text) = serde_json::to_string(event) {
            // A reader that went away is not this command's failure.
            let _ = writeln!(std::io::stdout().lock(), "{text}");
        }
    }
}

#[derive(Serialize)]
struct ErrorEvent<'a> {
    event: &'static str,
    exit_code: u8,
    chain: Vec<String>,
    hint: Option<&'a str>,
}

fn line(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{text}");
}
