//! Names of what Google Cloud computes on, and of whom it bills.

use super::{Refusal, identifier};

identifier! {
    /// A region of Google Cloud, such as `us-central1`.
    ///
    /// ```
    /// use epycloud_config::Region;
    ///
    /// assert!("europe-west4".parse::<Region>().is_ok());
    /// assert!("europe-west4-b".parse::<Region>().is_err());
    /// ```
    Region("a region", check_region)
}

/// Source: <https://cloud.google.com/compute/docs/regions-zones>
fn check_region(text: &str) -> Result<&str, Refusal> {
    let expected = "a region such as `us-central1` or `europe-west4`";
    let zone = text
        .rsplit_once('-')
        .is_some_and(|(region, zone)| zone.len() == 1 && is_region(region));
    if zone {
        return Err(Refusal::with_hint(
            expected,
            "leave out the zone at its end",
        ));
    }
    if is_region(text) {
        Ok(text)
    } else {
        Err(Refusal::new(expected))
    }
}

fn is_region(text: &str) -> bool {
    let Some((continent, place)) = text.split_once('-') else {
        return false;
    };
    let letters =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let name = place.trim_end_matches(|last: char| last.is_ascii_digit());
    text.len() <= 40 && letters(continent) && letters(name) && name.len() < place.len()
}

identifier! {
    /// A machine type of Google Cloud, such as `c4d-standard-2`; whether there is one of the name
    /// isn't looked at.
    MachineType("a machine type", check_machine_type)
}

fn check_machine_type(text: &str) -> Result<&str, Refusal> {
    let fits = (3..=63).contains(&text.len())
        && text.contains('-')
        && text.split('-').all(|part| !part.is_empty())
        && text
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if fits {
        Ok(text)
    } else {
        Err(Refusal::new(
            "a machine type such as `c4d-standard-2` or `e2-standard-4`",
        ))
    }
}

identifier! {
    /// Whom costs are counted for in billing reports, as a label's value: 1 to 63 of
    /// `A-Z a-z 0-9 _ -`. A label is lowercase, so it is lowered where it becomes one.
    ///
    /// Source: <https://cloud.google.com/resource-manager/docs/labels-overview>
    BillingLabel("a billing label", check_billing)
}

fn check_billing(text: &str) -> Result<&str, Refusal> {
    let fits = (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if fits {
        Ok(text)
    } else {
        Err(Refusal::new("1 to 63 of A-Z a-z 0-9 _ -"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_no_zone() {
        for text in ["us-central1", "northamerica-northeast2", "me-west1"] {
            assert!(text.parse::<Region>().is_ok(), "{text}");
        }
        for text in [
            "",
            "us",
            "us-central",
            "US-central1",
            "us-central1-a",
            "-a1",
            "us-1",
            "us_central1",
        ] {
            assert!(text.parse::<Region>().is_err(), "{text:?}");
        }
        let error = "us-central1-a".parse::<Region>().unwrap_err();
        assert!(error.hint.unwrap().contains("zone"));
    }

    #[test]
    fn machine_types_and_labels() {
        for text in ["c4d-standard-2", "e2-medium", "n2-custom-4-8192"] {
            assert!(text.parse::<MachineType>().is_ok(), "{text}");
        }
        for text in ["", "big", "C4-standard", "a--b", "e2-", "e2 standard"] {
            assert!(text.parse::<MachineType>().is_err(), "{text:?}");
        }
        assert!("Flu_2026".parse::<BillingLabel>().is_ok());
        assert!("a b".parse::<BillingLabel>().is_err());
    }
}
