//! A line that changes while something is waited for.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::printer::Printer;

/// A line on a terminal that is drawn anew; elsewhere, a line for each change.
pub(crate) struct LiveLine<'a> {
    printer: &'a Printer,
    bar: Option<ProgressBar>,
    last: String,
}

impl<'a> LiveLine<'a> {
    pub(crate) fn new(printer: &'a Printer) -> Self {
        let is_live = std::io::stderr().is_terminal() && !printer.quiet && !printer.json;
        // Cut at the terminal's edge: a line that wraps can't be drawn anew.
        let style = ProgressStyle::with_template("{spinner} {wide_msg}");
        let bar = is_live.then(|| match style {
            Ok(style) => ProgressBar::new_spinner().with_style(style),
            Err(_) => ProgressBar::new_spinner(),
        });
        if let Some(bar) = &bar {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Self {
            printer,
            bar,
            last: String::new(),
        }
    }

    pub(crate) fn show(&mut self, line: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(line.to_owned()),
            None if self.last != line => self.printer.say(line),
            None => {}
        }
        line.clone_into(&mut self.last);
    }

    /// Something that may be wrong, above the line.
    pub(crate) fn warn(&self, message: &str) {
        self.above(|| self.printer.warning(message));
    }

    /// Prints something above the line.
    pub(crate) fn above(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
