//! How many people live in the places that FluSight forecasts: what rates are per.
//!
//! From the hub's `auxiliary-data/locations.csv` (season 2025-26,
//! <https://github.com/cdcepi/FluSight-forecast-hub/blob/main/auxiliary-data/locations.csv>), which
//! is public domain. A folder of tables with a `flusight_locations.csv` wins over it.

use super::error::HubFault;
use crate::model::DataSources;
use crate::tables::{Table, TableError};

/// A table of the hub's locations.
const FILE: &str = "flusight_locations.csv";

/// People by FIPS code.
const PEOPLE: &[(&str, u32)] = &[
    ("US", 340_110_988),
    ("01", 5_157_699),
    ("02", 740_133),
    ("04", 7_582_384),
    ("05", 3_088_354),
    ("06", 39_431_263),
    ("08", 5_957_493),
    ("09", 3_675_069),
    ("10", 1_051_917),
    ("11", 702_250),
    ("12", 23_372_215),
    ("13", 11_180_878),
    ("15", 1_446_146),
    ("16", 2_001_619),
    ("17", 12_710_158),
    ("18", 6_924_275),
    ("19", 3_241_488),
    ("20", 2_970_606),
    ("21", 4_588_372),
    ("22", 4_597_740),
    ("23", 1_405_012),
    ("24", 6_263_220),
    ("25", 7_136_171),
    ("26", 10_140_459),
    ("27", 5_793_151),
    ("28", 2_943_045),
    ("29", 6_245_466),
    ("30", 1_137_233),
    ("31", 2_005_465),
    ("32", 3_267_467),
    ("33", 1_409_032),
    ("34", 9_500_851),
    ("35", 2_130_256),
    ("36", 19_867_248),
    ("37", 11_046_024),
    ("38", 796_568),
    ("39", 11_883_304),
    ("40", 4_095_393),
    ("41", 4_272_371),
    ("42", 13_078_751),
    ("44", 1_112_308),
    ("45", 5_478_831),
    ("46", 924_669),
    ("47", 7_227_750),
    ("48", 31_290_831),
    ("49", 3_503_613),
    ("50", 648_493),
    ("51", 8_811_195),
    ("53", 7_958_180),
    ("54", 1_769_979),
    ("55", 5_960_975),
    ("56", 587_618),
    ("72", 3_203_295),
];

/// The people of a place.
///
/// # Errors
/// When the table can't be read, or has no such place.
pub(super) fn people(location: &str, sources: &DataSources) -> Result<f64, HubFault> {
    let Some(path) = sources.table(FILE) else {
        return PEOPLE
            .iter()
            .find(|(code, _)| *code == location)
            .map(|&(_, people)| people.into())
            .ok_or_else(|| HubFault::People(location.to_owned()));
    };
    let from_table = || -> Result<Option<f64>, TableError> {
        let table = Table::read(&path)?;
        let (code, people) = (table.column("location")?, table.column("population")?);
        let row = table.rows().find(|row| row.text(code) == location);
        row.map(|row| row.number(people, sources.suite_behaviour))
            .transpose()
    };
    match from_table() {
        Ok(Some(people)) => Ok(people),
        Ok(None) => Err(HubFault::People(location.to_owned())),
        Err(source) => Err(HubFault::Table {
            name: FILE.to_owned(),
            path,
            source: Box::new(source),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_sum_to_about_the_country() {
        let of = |code: &str| people(code, &DataSources::of_repository("nowhere")).unwrap();
        let states = PEOPLE
            .iter()
            .filter(|(code, _)| !["US", "72"].contains(code));
        let sum: f64 = states.map(|&(_, people)| f64::from(people)).sum();
        assert!((sum / of("US") - 1.0).abs() < 1e-3, "{sum}");
        assert!(people("99", &DataSources::of_repository("nowhere")).is_err());
    }
}
