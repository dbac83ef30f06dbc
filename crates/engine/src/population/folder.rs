//! Finding the folder of population data and a location in it.

use std::path::{Path, PathBuf};

use epycloud_errors::nearest;

use super::error::PopulationError;
use crate::locations::{self, Location};
use crate::tables::Table;

/// A folder in epydemix-data's layout.
#[derive(Debug)]
pub(crate) struct PopulationFolder {
    path: PathBuf,
    /// Name and contact source of each location, in the order of `locations.csv`.
    locations: Vec<(String, String)>,
}

/// A location of a [`PopulationFolder`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its name in results: epydemix's name (`United_States_New_York`), or the name as
    /// `locations.csv` has it for a location that no table knows.
    pub(crate) name: String,
    /// Its names in all forms, if it has them.
    pub(crate) location: Option<&'static Location>,
    /// Its folder under `data`.
    pub(crate) folder: String,
    /// Whose contact matrices are used.
    pub(crate) contact_source: String,
}

impl PopulationFolder {
    /// Opens the first of the folders that has a `locations.csv`.
    pub(crate) fn open(candidates: &[PathBuf]) -> Result<Self, PopulationError> {
        let Some(path) = candidates
            .iter()
            .find(|path| path.join("locations.csv").is_file())
        else {
            return Err(PopulationError::NoFolder {
                looked_in: candidates.to_vec(),
            });
        };
        let table = Table::read(&path.join("locations.csv"))?;
        let (name, source) = (
            table.column("location")?,
            table.column("primary_contact_source")?,
        );
        let locations = table
            .rows()
            .map(|row| (row.text(name).to_owned(), row.text(source).to_owned()))
            .collect();
        Ok(Self {
            path: path.clone(),
            locations,
        })
    }

    /// Finds a location by its name in any form (ISO, FIPS, abbreviation, English, epydemix), or
    /// as `locations.csv` writes it.
    ///
    /// epydemix-data 1.2 writes states with a double underscore (`United_States__New_York`); both
    /// ways are understood.
    fn find(&self, name: &str) -> Option<Place> {
        let location = locations::find(name).or_else(|| locations::find(&name.replace("__", "_")));
        let mut spellings = vec![name.to_owned()];
        if let Some(location) = location {
            spellings.push(location.epydemix.to_owned());
            spellings.push(
                location
                    .epydemix
                    .replacen("United_States_", "United_States__", 1),
            );
        }
        let (folder, contact_source) = spellings
            .iter()
            .find_map(|spelling| self.locations.iter().find(|(listed, _)| listed == spelling))?;
        Some(Place {
            name: location.map_or_else(|| folder.clone(), |location| location.epydemix.to_owned()),
            location,
            folder: folder.clone(),
            contact_source: contact_source.clone(),
        })
    }

    /// Finds several locations.
    ///
    /// # Errors
    /// Names all that aren't there, not only the first.
    pub(crate) fn find_all(&self, names: &[String]) -> Result<Vec<Place>, PopulationError> {
        let found: Vec<Option<Place>> = names.iter().map(|name| self.find(name)).collect();
        if found.iter().all(Option::is_some) {
            return Ok(found.into_iter().flatten().collect());
        }
        let missing = names
            .iter()
            .zip(&found)
            .filter(|(_, place)| place.is_none());
        let missing: Vec<String> = missing.map(|(name, _)| name.clone()).collect();
        let listed = || self.locations.iter().map(|(listed, _)| listed.as_str());
        Err(PopulationError::UnknownLocations {
            suggestion: match missing.as_slice() {
                [name] if locations::find(name).is_none() => nearest(name, listed())
                    .or_else(|| locations::suggest(name))
                    .map(str::to_owned),
                _ => None,
            },
            locations: missing,
            looked_in: self.list(),
        })
    }

    /// The file of a location's age distribution.
    pub(super) fn demography(&self, place: &Place) -> PathBuf {
        self.data(place)
            .join("demographic")
            .join("age_distribution.csv")
    }

    /// The file of a location's contact matrix in a layer.
    pub(super) fn contact_matrix(&self, place: &Place, layer: &str) -> PathBuf {
        self.data(place)
            .join("contact_matrices")
            .join(&place.contact_source)
            .join(format!("contacts_matrix_{layer}.csv"))
    }

    /// The file that lists the locations.
    pub(crate) fn list(&self) -> PathBuf {
        self.path.join("locations.csv")
    }

    /// The folder of a location, if there is such a location.
    pub(crate) fn of(&self, name: &str) -> Option<PathBuf> {
        self.find(name).map(|place| self.data(&place))
    }

    fn data(&self, place: &Place) -> PathBuf {
        Path::new(&self.path).join("data").join(&place.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> PopulationFolder {
        PopulationFolder {
            path: PathBuf::from("population"),
            locations: names
                .iter()
                .map(|&name| (name.to_owned(), "mistry_2021".to_owned()))
                .collect(),
        }
    }

    #[test]
    fn a_location_is_found_in_any_form_and_in_both_spellings_of_the_data() {
        for listed in ["United_States_New_York", "United_States__New_York"] {
            let folder = folder(&["United_States", listed]);
            for name in [
                "US-NY",
                "NY",
                "36",
                "New York",
                "United_States_New_York",
                listed,
            ] {
                let place = folder.find(name).unwrap();
                assert_eq!(place.name, "United_States_New_York", "{name}");
                assert_eq!(place.folder, listed, "{name}");
            }
        }
        assert_eq!(
            folder(&["Harbour_Island"])
                .find("Harbour_Island")
                .unwrap()
                .name,
            "Harbour_Island"
        );
    }

    #[test]
    fn unknown_locations_are_all_named_with_where_they_were_looked_for() {
        let folder = folder(&["Harbour_Island", "Meadow_County"]);
        let find = |names: &[&str]| {
            folder.find_all(
                &names
                    .iter()
                    .map(|&name| name.to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(find(&["Meadow_County", "Harbour_Island"]).unwrap().len(), 2);
        let error = find(&["Harbor_Island"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no population data for `Harbor_Island` in `population/locations.csv`"
        );
        assert_eq!(
            epycloud_errors::Diagnose::hint(&error).as_deref(),
            Some("is `Harbour_Island` meant?")
        );
        let error = find(&["US-MA", "Harbour_Island", "US-NY"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no population data for `US-MA`, `US-NY` in `population/locations.csv`"
        );
    }
}
