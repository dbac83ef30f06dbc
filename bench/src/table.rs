//! A table of figures, each beside its target.

use std::fmt;
use std::io::Write as _;

/// What a figure has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// Nothing: the figure explains others.
    None,
}

impl Target {
    fn is_missed(self, figure: f64) -> bool {
        match self {
            Self::AtMost(limit) => figure > limit,
            Self::AtLeast(limit) => figure < limit,
            Self::None => false,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(limit) => write!(f, "at most {limit}"),
            Self::AtLeast(limit) => write!(f, "at least {limit}"),
            Self::None => Ok(()),
        }
    }
}

struct Row {
    what: String,
    figure: f64,
    unit: String,
    target: Target,
}

/// A titled table of figures.
pub(crate) struct Table {
    title: String,
    notes: Vec<String>,
    rows: Vec<Row>,
}

impl Table {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            notes: Vec::new(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    pub(crate) fn row(
        &mut self,
        what: impl Into<String>,
        figure: f64,
        unit: impl Into<String>,
        target: Target,
    ) {
        self.rows.push(Row {
            what: what.into(),
            figure,
            unit: unit.into(),
            target,
        });
    }

    /// How many figures miss their target.
    pub(crate) fn missed(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| row.target.is_missed(row.figure))
            .count()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}", self.title)?;
        for note in &self.notes {
            writeln!(f, "  {note}")?;
        }
        let width = self
            .rows
            .iter()
            .map(|row| row.what.chars().count())
            .max()
            .unwrap_or(0);
        for Row {
            what,
            figure,
            unit,
            target,
        } in &self.rows
        {
            let verdict = match target {
                Target::None => "",
                target if target.is_missed(*figure) => "  MISSED",
                _ => "  ok",
            };
            writeln!(
                f,
                "  {what:width$}  {figure:>10.2} {unit:<4} {target}{verdict}"
            )?;
        }
        Ok(())
    }
}

/// Prints a text for the developer.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The middle of some figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let n = figures.len();
    match n {
        0 => f64::NAN,
        n if n % 2 == 1 => figures[n / 2],
        n => f64::midpoint(figures[n / 2 - 1], figures[n / 2]),
    }
}
