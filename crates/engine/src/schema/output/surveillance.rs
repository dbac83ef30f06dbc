//! Sources of observed values.

use std::borrow::Cow;

use crate::locations;

/// A CSV table of observed values by date and location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveillanceSource {
    /// Its name in `output.options.surveillance`.
    pub name: String,
    /// The table, relative to the forecast repository.
    pub data_path: String,
    /// Column of the values.
    pub value_column: String,
    /// Column of the dates.
    pub date_column: String,
    /// Column of the locations.
    pub location_column: String,
    /// Form of the locations' names.
    pub location_form: LocationForm,
}

/// A form of locations' names in a table of observed values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LocationForm {
    /// `US-MA`.
    #[default]
    Iso,
    /// `25`.
    Fips,
    /// `MA`.
    Abbreviation,
    /// `Massachusetts`.
    Name,
    /// `United_States_Massachusetts`.
    Epydemix,
    /// `boston`: what follows `metrocast_location_` in the name of a population.
    Metrocast,
}

/// How the populations of flu-metrocast's places begin.
const METROCAST: &str = "metrocast_location_";

impl LocationForm {
    /// The name of a population (in epydemix's form) in this one; `None` if it has none.
    #[must_use]
    pub fn of(self, population: &str) -> Option<Cow<'_, str>> {
        let place = population.strip_prefix(METROCAST);
        if self == Self::Metrocast {
            return Some(Cow::Borrowed(place.unwrap_or(population)));
        }
        if self == Self::Epydemix {
            return Some(Cow::Borrowed(population));
        }
        let location = locations::find(population)?;
        Some(Cow::Borrowed(match self {
            Self::Iso => location.iso,
            Self::Fips => location.fips,
            Self::Abbreviation => location.abbreviation,
            Self::Name => location.name,
            Self::Epydemix | Self::Metrocast => population,
        }))
    }
}

/// The code of a population in a hub's tables: FIPS, or a metrocast place's own; `None` if it has
/// none.
#[must_use]
pub fn hub_location(population: &str) -> Option<Cow<'_, str>> {
    match population.strip_prefix(METROCAST) {
        Some(place) => Some(Cow::Borrowed(place)),
        None => LocationForm::Fips.of(population),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_population_has_a_name_in_every_form() {
        let name = |form: LocationForm| form.of("United_States_New_York").unwrap().into_owned();
        assert_eq!(name(LocationForm::Iso), "US-NY");
        assert_eq!(name(LocationForm::Fips), "36");
        assert_eq!(name(LocationForm::Abbreviation), "NY");
        assert_eq!(name(LocationForm::Name), "New York");
        assert_eq!(name(LocationForm::Epydemix), "United_States_New_York");
    }

    #[test]
    fn hubs_know_states_by_fips_and_metrocast_places_by_their_own_name() {
        assert_eq!(hub_location("United_States_Alabama").unwrap(), "01");
        assert_eq!(hub_location("United_States").unwrap(), "US");
        assert_eq!(hub_location("metrocast_location_denver").unwrap(), "denver");
        assert_eq!(hub_location("Atlantis"), None);
    }
}
