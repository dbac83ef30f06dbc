//! The table of prices.

use std::collections::BTreeMap;

use epycloud_config::Region;
use epycloud_errors::Diagnose;
use jiff::civil::Date;

use super::dollars::Dollars;
use crate::batch::Provisioning;
use crate::dated_table;

/// The table that is compiled in.
const BUILT_IN: &str = include_str!("prices.csv");

/// A GB of Standard storage for a month, in a region of the United States.
///
/// Source: <https://cloud.google.com/storage/pricing>, 2026-08
pub const BUCKET_GB_MONTH: Dollars = Dollars(0.020);
/// A GiB of a boot disk for a month, in a region of the United States: the dearer of the two kinds
/// that jobs have (balanced Persistent Disk; Hyperdisk Balanced is 0.08).
///
/// Source: <https://cloud.google.com/compute/disks-image-pricing>, 2026-08
const DISK_GIB_MONTH: Dollars = Dollars(0.10);
/// A boot disk, in GiB: what jobs ask for where they ask.
const DISK_GIB: f64 = 50.0;
/// The hours of a month, as prices by the month are reckoned.
const MONTH_HOURS: f64 = 730.0;

/// What a machine's parts cost for an hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// A virtual processor.
    pub vcpu: Dollars,
    /// A GiB of memory.
    pub gib: Dollars,
}

/// What a family's machines cost in a region.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Family {
    standard: Rate,
    spot: Option<Rate>,
}

/// Prices by region and family of machines, as they were on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    families: BTreeMap<(String, String), Family>,
    date: Date,
}

/// A text that is no table of prices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the table of prices is not understood")]
pub struct InvalidPrices {
    /// The line, from 1.
    pub line: usize,
}

impl Diagnose for InvalidPrices {}

impl Prices {
    /// The table that is compiled in.
    ///
    /// # Errors
    ///
    /// None that a release has: a test reads it.
    pub fn built_in() -> Result<Self, InvalidPrices> {
        Self::parse(BUILT_IN)
    }

    /// Reads a table.
    ///
    /// # Errors
    ///
    /// [`InvalidPrices`], with the line.
    pub fn parse(text: &str) -> Result<Self, InvalidPrices> {
        let (rows, date) =
            dated_table::parse(text, "region,", row).map_err(|line| InvalidPrices { line })?;
        Ok(Self {
            families: rows.into_iter().collect(),
            date,
        })
    }

    /// The day it describes.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }

    /// What a family's machines cost in a region; `None` if the table doesn't know.
    #[must_use]
    pub fn rate(&self, region: &Region, family: &str, provisioning: Provisioning) -> Option<Rate> {
        let key = (region.to_string(), family.to_owned());
        let family = self.families.get(&key)?;
        match provisioning {
            Provisioning::Standard => Some(family.standard),
            Provisioning::Spot => family.spot,
        }
    }

    /// A machine's boot disk for an hour.
    #[must_use]
    pub(super) fn disk(&self) -> Dollars {
        DISK_GIB_MONTH * DISK_GIB / MONTH_HOURS
    }
}

fn row(line: &str) -> Option<((String, String), Family)> {
    let cells: Vec<&str> = line.split(',').collect();
    let [region, family, vcpu, gib, spot_vcpu, spot_gib] = cells.as_slice() else {
        return None;
    };
    let standard = rate(vcpu, gib)?;
    let spot = match (*spot_vcpu, *spot_gib) {
        ("", "") => None,
        (vcpu, gib) => Some(rate(vcpu, gib)?),
    };
    let key = ((*region).to_owned(), (*family).to_owned());
    Some((key, Family { standard, spot }))
}

fn rate(vcpu: &str, gib: &str) -> Option<Rate> {
    let price = |text: &str| -> Option<Dollars> {
        let amount: f64 = text.parse().ok()?;
        (amount.is_finite() && amount >= 0.0).then_some(Dollars(amount))
    };
    Some(Rate {
        vcpu: price(vcpu)?,
        gib: price(gib)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine_types::MachineTypes;

    #[test]
    fn the_built_in_table_is_whole() {
        let prices = Prices::built_in().unwrap();
        assert_eq!(prices.date().to_string(), "2026-08-03");
        let iowa: Region = "us-central1".parse().unwrap();
        let e2 = prices.rate(&iowa, "e2", Provisioning::Standard).unwrap();
        assert_eq!((e2.vcpu, e2.gib), (Dollars(0.021_812), Dollars(0.002_924)));
        for (key, family) in &prices.families {
            let rate = family.standard;
            assert!(
                rate.vcpu > Dollars(0.01) && rate.vcpu < Dollars(0.2),
                "{key:?}"
            );
            let spot = family.spot.unwrap();
            assert!(spot.vcpu > Dollars(0.0) && spot.vcpu < rate.vcpu, "{key:?}");
        }
    }

    /// A family that stages can run on has a price, but for those that share a processor.
    #[test]
    fn every_family_of_the_table_of_machine_types_has_a_price() {
        let prices = Prices::built_in().unwrap();
        let iowa: Region = "us-central1".parse().unwrap();
        for machine in MachineTypes::built_in().unwrap().iter() {
            let (family, _) = machine.name.split_once('-').unwrap();
            let is_priced = prices.rate(&iowa, family, Provisioning::Spot).is_some();
            assert_eq!(is_priced, !["f1", "g1"].contains(&family), "{family}");
        }
    }

    #[test]
    fn a_broken_table_is_refused_with_its_line() {
        let head = "# Date: 2026-01-02.\nregion,family,vcpu,gib,spot_vcpu,spot_gib\n";
        for row in [
            "a,b,1,2,3",
            "a,b,1,x,3,4",
            "a,b,1,2,3,",
            "a,b,-1,2,3,4",
            "a,b,nan,2,3,4",
        ] {
            let text = format!("{head}{row}\n");
            assert_eq!(
                Prices::parse(&text),
                Err(InvalidPrices { line: 3 }),
                "{row}"
            );
        }
        assert!(Prices::parse("a,b,1,2,3,4\n").is_err());
        let no_spot = Prices::parse(&format!("{head}a-b1,c,1,2,,\n")).unwrap();
        let region: Region = "a-b1".parse().unwrap();
        assert!(no_spot.rate(&region, "c", Provisioning::Standard).is_some());
        assert!(no_spot.rate(&region, "c", Provisioning::Spot).is_none());
    }
}
