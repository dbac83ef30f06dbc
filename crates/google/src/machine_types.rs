//! Machine types with their size: a table that is compiled in, or one that Compute Engine gave.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use epycloud_errors::{Diagnose, ExitCode, nearest};
use jiff::civil::Date;

use crate::dated_table::{self, DATE};

/// The table that is compiled in.
const BUILT_IN: &str = include_str!("machine_types.csv");

/// A kind of machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineType {
    /// Its name.
    pub name: String,
    /// Thousandths of a virtual processor.
    pub cpu_milli: u64,
    /// MiB.
    pub memory_mib: u64,
}

/// Machine types by name, as they were on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineTypes {
    types: BTreeMap<String, MachineType>,
    date: Date,
}

/// A machine type that isn't in the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("machine type `{name}` is not in the table of {date}")]
pub struct UnknownMachineType {
    /// The name.
    pub name: String,
    /// The table's date.
    pub date: Date,
    /// One of a similar name.
    pub nearest: Option<String>,
}

impl Diagnose for UnknownMachineType {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        let refresh =
            "`epycloud machine-types --refresh` asks Compute Engine for what there is now";
        Some(match &self.nearest {
            Some(nearest) => format!("did you mean `{nearest}`? {refresh}"),
            None => refresh.to_owned(),
        })
    }
}

/// A text that is no table of machine types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the table of machine types is not understood")]
pub struct InvalidTable {
    /// The line, from 1.
    pub line: usize,
}

impl Diagnose for InvalidTable {
    fn hint(&self) -> Option<String> {
        Some("`epycloud machine-types --refresh` writes it anew".into())
    }
}

impl MachineTypes {
    /// A table of the given types; of two of one name, the larger.
    pub fn new(types: impl IntoIterator<Item = MachineType>, date: Date) -> Self {
        let mut table = BTreeMap::<String, MachineType>::new();
        for machine in types {
            let known = table
                .entry(machine.name.clone())
                .or_insert_with(|| machine.clone());
            known.cpu_milli = known.cpu_milli.max(machine.cpu_milli);
            known.memory_mib = known.memory_mib.max(machine.memory_mib);
        }
        Self { types: table, date }
    }

    /// The table that is compiled in.
    ///
    /// # Errors
    ///
    /// None that a release has: a test reads it.
    pub fn built_in() -> Result<Self, InvalidTable> {
        Self::parse(BUILT_IN)
    }

    /// Reads a table as [`render`](Self::render) writes it.
    ///
    /// # Errors
    ///
    /// [`InvalidTable`], with the line.
    pub fn parse(text: &str) -> Result<Self, InvalidTable> {
        let (types, date) =
            dated_table::parse(text, "name,", row).map_err(|line| InvalidTable { line })?;
        Ok(Self::new(types, date))
    }

    /// The table as text.
    #[must_use]
    pub fn render(&self, source: &str) -> String {
        let mut text = format!(
            "# Source: {source}. {DATE}{}.\nname,cpu_milli,memory_mib\n",
            self.date
        );
        for machine in self.types.values() {
            let _ = writeln!(
                text,
                "{},{},{}",
                machine.name, machine.cpu_milli, machine.memory_mib
            );
        }
        text
    }

    /// The day it describes.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }

    /// All types, by name.
    pub fn iter(&self) -> impl Iterator<Item = &MachineType> {
        self.types.values()
    }

    /// The type of a name.
    ///
    /// # Errors
    ///
    /// [`UnknownMachineType`], with the nearest name.
    pub fn find(&self, name: &str) -> Result<&MachineType, UnknownMachineType> {
        self.types.get(name).ok_or_else(|| UnknownMachineType {
            name: name.to_owned(),
            date: self.date,
            nearest: nearest(name, self.types.keys().map(String::as_str)).map(str::to_owned),
        })
    }
}

fn row(line: &str) -> Option<MachineType> {
    let mut cells = line.split(',');
    let machine = MachineType {
        name: cells.next()?.to_owned(),
        cpu_milli: cells.next()?.parse().ok()?,
        memory_mib: cells.next()?.parse().ok()?,
    };
    (cells.next().is_none() && !machine.name.is_empty()).then_some(machine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_is_whole() {
        let table = MachineTypes::built_in().unwrap();
        let size = |name: &str| {
            let machine = table.find(name).unwrap();
            (machine.cpu_milli, machine.memory_mib)
        };
        assert_eq!(size("n2-standard-4"), (4_000, 16_384));
        assert_eq!(size("e2-highmem-8"), (8_000, 65_536));
        assert_eq!(size("n1-standard-1"), (1_000, 3_840));
        assert!(table.iter().all(|machine| machine.memory_mib >= 614));
        let error = table.find("n2-standrad-4").unwrap_err();
        assert_eq!(error.nearest.as_deref(), Some("n2-standard-4"));
        assert_eq!(MachineTypes::parse(&table.render("x")), Ok(table));
    }

    #[test]
    fn a_broken_table_is_refused_with_its_line() {
        let text = "# Source: x. Date: 2026-01-02.\nname,cpu_milli,memory_mib\na-b,1,2\na-b,x,2\n";
        assert_eq!(MachineTypes::parse(text), Err(InvalidTable { line: 4 }));
        assert!(MachineTypes::parse("a,1,2\n").is_err());
    }
}
