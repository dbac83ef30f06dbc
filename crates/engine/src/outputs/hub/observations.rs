//! Observed values from tables of the forecast repository.

use std::collections::BTreeMap;
use std::path::Path;

use epycloud_config::SuiteBehaviour;
use jiff::ToSpan;
use jiff::civil::Date;

use super::error::HubFault;
use crate::model::DataSources;
use crate::schema::output::SurveillanceSource;
use crate::tables::{Table, TableError};

const EPOCH: Date = Date::constant(1970, 1, 1);

/// Tables of observed values, each read once.
#[derive(Debug, Default)]
pub(in crate::outputs) struct Observations {
    tables: BTreeMap<String, Places>,
}

/// The observations of every place of a table, by the place's name, ascending by date.
type Places = BTreeMap<String, Vec<(Date, f64)>>;

impl Observations {
    /// A population's observations, ascending by date; none if the table doesn't have it.
    pub(in crate::outputs) fn of(
        &mut self,
        source: &SurveillanceSource,
        population: &str,
        sources: &DataSources,
    ) -> Result<&[(Date, f64)], HubFault> {
        let places = match self.tables.entry(source.name.clone()) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let path = sources.repository.join(&source.data_path);
                let read = read(&path, source, sources.suite_behaviour);
                entry.insert(read.map_err(|fault| HubFault::Table {
                    name: source.name.clone(),
                    path,
                    source: Box::new(fault),
                })?)
            }
        };
        let name = source
            .location_form
            .of(population)
            .ok_or_else(|| HubFault::Location(population.to_owned()))?;
        Ok(places.get(&*name).map_or(&[], Vec::as_slice))
    }
}

fn read(
    path: &Path,
    source: &SurveillanceSource,
    behaviour: SuiteBehaviour,
) -> Result<Places, TableError> {
    let table = Table::read(path)?;
    let [value, date, location] = [
        &source.value_column,
        &source.date_column,
        &source.location_column,
    ]
    .map(|name| table.column(name));
    let (value, date, location) = (value?, date?, location?);
    let mut places = Places::new();
    for row in table.rows() {
        if let Some(value) = row.optional_number(value, behaviour)? {
            let place = places.entry(row.text(location).to_owned()).or_default();
            let day = EPOCH.saturating_add(row.day(date)?.days());
            place.push((day, value));
        }
    }
    for place in places.values_mut() {
        place.sort_by_key(|(date, _)| *date);
    }
    Ok(places)
}
