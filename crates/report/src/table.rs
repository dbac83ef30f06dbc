//! Reading the run's own tables.

use epycloud_config::FileName;
use epycloud_orchestrator::record::OutputsRecord;
use epycloud_storage::{LoadOptions, RunLayout, Storage};

/// Larger tables aren't read for a picture, in bytes.
const LARGEST: u64 = 512 << 20;

/// A table of the outputs, unpacked; `None` where there is none of the name that can be read.
pub(crate) async fn load(
    storage: &Storage,
    layout: &RunLayout,
    outputs: &OutputsRecord,
    table: &str,
) -> Option<Vec<u8>> {
    let is_there = outputs.files.iter().any(|file| file.name.as_str() == table);
    let name = table.parse::<FileName>().ok().filter(|_| is_there)?;
    let options = LoadOptions {
        max_bytes: LARGEST,
        ..LoadOptions::default()
    };
    let path = layout.output_file(&outputs.folder, &name);
    storage.load_bytes(&path, &options).await.ok()
}

/// Where the columns of a table are.
pub(crate) struct Header(csv::StringRecord);

impl Header {
    pub(crate) fn of(reader: &mut csv::Reader<&[u8]>) -> Option<Self> {
        reader.headers().ok().cloned().map(Self)
    }

    pub(crate) fn at(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|header| header == name)
    }

    pub(crate) fn all<const N: usize>(&self, names: [&str; N]) -> Option<[usize; N]> {
        let mut places = [0; N];
        for (place, name) in places.iter_mut().zip(names) {
            *place = self.at(name)?;
        }
        Some(places)
    }

    pub(crate) fn name(&self, column: usize) -> &str {
        self.0.get(column).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A finite number of a row.
pub(crate) fn number(row: &csv::StringRecord, column: usize) -> Option<f64> {
    let value: f64 = row.get(column)?.parse().ok()?;
    value.is_finite().then_some(value)
}
