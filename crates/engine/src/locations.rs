//! Names of locations: the forms in which experiments, population data and tables write them.
//!
//! A name is found in any of its forms, exactly as written (case included), as the suite finds it
//! in its codebook. Codes are those of ISO 3166 and of the federal standard FIPS 5-2.

use epycloud_errors::nearest;

/// A location in every form in which it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Name of the population in epydemix-data (`United_States_New_York`).
    pub epydemix: &'static str,
    /// English name (`New York`).
    pub name: &'static str,
    /// Postal abbreviation (`NY`).
    pub abbreviation: &'static str,
    /// FIPS code of two characters (`36`).
    pub fips: &'static str,
    /// ISO 3166-2 code (`US-NY`), or ISO 3166-1 for the country (`US`).
    pub iso: &'static str,
}

macro_rules! location {
    ($name:literal, $epydemix:literal, $abbreviation:literal, $fips:literal) => {
        Location {
            epydemix: concat!("United_States_", $epydemix),
            name: $name,
            abbreviation: $abbreviation,
            fips: $fips,
            iso: concat!("US-", $abbreviation),
        }
    };
}

/// How many of [`LOCATIONS`] have population data in epydemix-data; they come first.
const N_WITH_POPULATION: usize = 52;

/// Every location with a code: the country, its states and the federal district in the order of
/// their FIPS codes, then the territories.
pub const LOCATIONS: &[Location] = &[
    Location {
        epydemix: "United_States",
        name: "United States",
        abbreviation: "US",
        fips: "US",
        iso: "US",
    },
    location!("Alabama", "Alabama", "AL", "01"),
    location!("Alaska", "Alaska", "AK", "02"),
    location!("Arizona", "Arizona", "AZ", "04"),
    location!("Arkansas", "Arkansas", "AR", "05"),
    location!("California", "California", "CA", "06"),
    location!("Colorado", "Colorado", "CO", "08"),
    location!("Connecticut", "Connecticut", "CT", "09"),
    location!("Delaware", "Delaware", "DE", "10"),
    location!("District of Columbia", "District_of_Columbia", "DC", "11"),
    location!("Florida", "Florida", "FL", "12"),
    location!("Georgia", "Georgia", "GA", "13"),
    location!("Hawaii", "Hawaii", "HI", "15"),
    location!("Idaho", "Idaho", "ID", "16"),
    location!("Illinois", "Illinois", "IL", "17"),
    location!("Indiana", "Indiana", "IN", "18"),
    location!("Iowa", "Iowa", "IA", "19"),
    location!("Kansas", "Kansas", "KS", "20"),
    location!("Kentucky", "Kentucky", "KY", "21"),
    location!("Louisiana", "Louisiana", "LA", "22"),
    location!("Maine", "Maine", "ME", "23"),
    location!("Maryland", "Maryland", "MD", "24"),
    location!("Massachusetts", "Massachusetts", "MA", "25"),
    location!("Michigan", "Michigan", "MI", "26"),
    location!("Minnesota", "Minnesota", "MN", "27"),
    location!("Mississippi", "Mississippi", "MS", "28"),
    location!("Missouri", "Missouri", "MO", "29"),
    location!("Montana", "Montana", "MT", "30"),
    location!("Nebraska", "Nebraska", "NE", "31"),
    location!("Nevada", "Nevada", "NV", "32"),
    location!("New Hampshire", "New_Hampshire", "NH", "33"),
    location!("New Jersey", "New_Jersey", "NJ", "34"),
    location!("New Mexico", "New_Mexico", "NM", "35"),
    location!("New York", "New_York", "NY", "36"),
    location!("North Carolina", "North_Carolina", "NC", "37"),
    location!("North Dakota", "North_Dakota", "ND", "38"),
    location!("Ohio", "Ohio", "OH", "39"),
    location!("Oklahoma", "Oklahoma", "OK", "40"),
    location!("Oregon", "Oregon", "OR", "41"),
    location!("Pennsylvania", "Pennsylvania", "PA", "42"),
    location!("Rhode Island", "Rhode_Island", "RI", "44"),
    location!("South Carolina", "South_Carolina", "SC", "45"),
    location!("South Dakota", "South_Dakota", "SD", "46"),
    location!("Tennessee", "Tennessee", "TN", "47"),
    location!("Texas", "Texas", "TX", "48"),
    location!("Utah", "Utah", "UT", "49"),
    location!("Vermont", "Vermont", "VT", "50"),
    location!("Virginia", "Virginia", "VA", "51"),
    location!("Washington", "Washington", "WA", "53"),
    location!("West Virginia", "West_Virginia", "WV", "54"),
    location!("Wisconsin", "Wisconsin", "WI", "55"),
    location!("Wyoming", "Wyoming", "WY", "56"),
    location!("American Samoa", "American_Samoa", "AS", "60"),
    location!("Guam", "Guam", "GU", "66"),
    location!(
        "Northern Mariana Islands",
        "Northern_Mariana_Islands",
        "MP",
        "69"
    ),
    location!("Puerto Rico", "Puerto_Rico", "PR", "72"),
    location!(
        "U.S. Minor Outlying Islands",
        "US_Minor_Outlying_Islands",
        "UM",
        "74"
    ),
    location!("Virgin Islands", "Virgin_Islands", "VI", "78"),
];

/// The locations that `all` stands for in an experiment's `population_names`, in task order: the
/// country, the fifty states and the federal district.
#[must_use]
pub fn all() -> &'static [Location] {
    &LOCATIONS[..N_WITH_POPULATION]
}

/// The location that has this name in any of its forms.
///
/// ```
/// use epycloud_engine::locations::find;
///
/// for name in ["US-MA", "MA", "25", "Massachusetts", "United_States_Massachusetts"] {
///     assert_eq!(find(name).map(|location| location.iso), Some("US-MA"));
/// }
/// assert_eq!(find("massachusetts"), None);
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Location> {
    LOCATIONS
        .iter()
        .find(|location| location.forms().contains(&name))
}

/// The known name most like this one, in whatever form is nearest.
#[must_use]
pub fn suggest(name: &str) -> Option<&'static str> {
    let codes = LOCATIONS.iter().map(|location| location.iso);
    let names = LOCATIONS
        .iter()
        .flat_map(|location| [location.name, location.epydemix]);
    if name.contains('-') {
        nearest(name, codes)
    } else {
        nearest(name, names)
    }
}

impl Location {
    /// Every form of the name.
    #[must_use]
    pub const fn forms(&self) -> [&'static str; 5] {
        [
            self.epydemix,
            self.name,
            self.abbreviation,
            self.fips,
            self.iso,
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn no_form_of_a_name_stands_for_two_locations() {
        for (at, location) in LOCATIONS.iter().enumerate() {
            for form in location.forms() {
                let found = LOCATIONS
                    .iter()
                    .position(|other| other.forms().contains(&form));
                assert_eq!(found, Some(at), "{form}");
            }
        }
    }

    #[test]
    fn names_match_exactly_and_the_nearest_is_suggested() {
        assert_eq!(
            find("US-NY").map(|location| location.epydemix),
            Some("United_States_New_York")
        );
        assert_eq!(find("us-ny"), None);
        assert_eq!(suggest("us-ny"), Some("US-NY"));
        assert_eq!(suggest("Massachusets"), Some("Massachusetts"));
        assert_eq!(suggest("Harbour_Island"), None);
    }

    #[test]
    fn the_table_agrees_with_the_suites_codebook_in_content_and_order() {
        let Some(text) = shared_table("location_codebook.csv") else {
            return;
        };
        let rows: Vec<String> = text
            .lines()
            .skip(1)
            .map(|line| line.replace('"', ""))
            .collect();
        let ours: Vec<String> = all()
            .iter()
            .map(|location| location.forms().join(","))
            .collect();
        assert_eq!(ours, rows);
    }

    fn shared_table(name: &str) -> Option<String> {
        let data = std::env::var_os("EPYCLOUD_SHARED_DATA").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
            PathBuf::from,
        );
        let path = data.join("suite-tables").join(name);
        let text = std::fs::read_to_string(&path).ok();
        if text.is_none() {
            eprintln!("skipped: `{}` is not there", path.display());
        }
        text
    }
}
