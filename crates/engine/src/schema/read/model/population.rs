//! `population`.

use epycloud_config::ModelsetKind;

use super::super::Workflow;
use super::super::reader::{Item, Reader};
use crate::limits::Limit;
use crate::locations;
use crate::schema::basemodel::Population;

/// The oldest single age of population data, which stands for everybody of that age and older.
const OLDEST_AGE: u32 = 84;

impl<'d> Reader<'d> {
    pub(super) fn population(&mut self, item: &Item<'d>, workflow: Workflow) -> Option<Population> {
        let fields = self.fields(
            item,
            &["name", "location_type", "contact_matrix", "age_groups"],
        )?;
        if let Some(kind) = fields.optional("location_type")
            && self.choice(&kind, &["iso", "metrocast_location"]) == Some("metrocast_location")
        {
            self.metrocast(&kind);
        }
        let name = fields.optional("name");
        let name_text = name.as_ref().and_then(|item| self.location(item));
        match (&name, workflow) {
            (None, None) => self.error_with_hint(
                &fields.item,
                "key `name` is missing, and no modelset lists populations",
                "name a location such as `US-MA`",
            ),
            (Some(name), Some(ModelsetKind::Populations)) => self.warn(
                name,
                format!(
                    "{} is not used: the modelset lists the populations",
                    name.node.shown()
                ),
                None,
            ),
            _ => {}
        }
        let contact_matrix = fields
            .optional("contact_matrix")
            .and_then(|item| self.location(&item));
        let groups = self.required(&fields, "age_groups");
        let age_groups = groups.and_then(|item| self.age_groups(&item))?;
        Some(Population {
            name: name_text,
            contact_matrix,
            age_groups,
        })
    }

    /// A location's name. One that the table doesn't have may be a population of the user's own,
    /// which only the population data knows; but a US code or a near miss is a slip.
    pub(in super::super) fn location(&mut self, item: &Item<'_>) -> Option<String> {
        let name = self.name(item)?;
        if locations::find(&name).is_some() {
            return Some(name);
        }
        let hint = locations::suggest(&name).map(|near| format!("did you mean `{near}`?"));
        if name.starts_with("US-") {
            let message = format!(
                "{} is no code of a US state or territory",
                item.node.shown()
            );
            self.error_with_hint(
                item,
                message,
                hint.unwrap_or_else(|| "such as `US-MA`".into()),
            );
            return None;
        }
        if hint.is_some() {
            let message = format!(
                "{} is no known location; the population data must have it by this name",
                item.node.shown()
            );
            self.warn(item, message, hint);
        }
        Some(name)
    }

    pub(in super::super) fn metrocast(&mut self, item: &Item<'_>) {
        let message = "metrocast locations are not in the native engine";
        self.beyond(item, Limit::Metrocast, message);
    }

    /// Age groups that hold every age once: from 0, each starting after the one before, the last
    /// one open.
    fn age_groups(&mut self, item: &Item<'d>) -> Option<Vec<String>> {
        let elements = self.elements(item, "a list of age groups such as \"0-4\" and \"65+\"")?;
        if elements.is_empty() {
            self.expected(item, "at least one age group");
            return None;
        }
        let mut labels = Vec::with_capacity(elements.len());
        let mut next_age = Some(0);
        let mut all_good = true;
        for (at, element) in elements.iter().enumerate() {
            let is_last = at + 1 == elements.len();
            let read = self.age_group(element, next_age, is_last);
            all_good &= read.is_some();
            // After a group that can't be read, only the form of the others is checked.
            next_age = read.as_ref().and_then(|(_, next)| *next);
            labels.extend(read.map(|(label, _)| label));
        }
        all_good.then_some(labels)
    }

    /// A group's label and the age that the next group starts with.
    fn age_group(
        &mut self,
        item: &Item<'_>,
        starts_with: Option<u32>,
        is_last: bool,
    ) -> Option<(String, Option<u32>)> {
        let label = self.text(item)?;
        let Some((first, last)) = bounds(&label) else {
            self.expected(
                item,
                "an age group such as \"0-4\", or \"65+\" for the last",
            );
            return None;
        };
        if let Some(age) = starts_with.filter(|&age| age != first) {
            let message = format!("`{label}` starts at {first}, expected {age}");
            let hint = if age == 0 {
                "groups start at age 0"
            } else {
                "groups follow each other"
            };
            self.error_with_hint(item, message, hint);
            return None;
        }
        match last {
            None if !is_last => {
                self.error(item, format!("`{label}` is open, but isn't the last group"));
                None
            }
            Some(_) if is_last => {
                let hint = format!("the last group has no upper end, such as \"{first}+\"");
                self.error_with_hint(item, format!("`{label}` leaves older people out"), hint);
                None
            }
            Some(last) if last < first => {
                self.error(item, format!("`{label}` ends before it starts"));
                None
            }
            Some(last) if last >= OLDEST_AGE => {
                let hint = format!("the last group can start at {OLDEST_AGE} at the latest");
                self.error_with_hint(item, format!("`{label}` splits the oldest ages"), hint);
                None
            }
            None if first > OLDEST_AGE => {
                let hint = format!("population data ends with {OLDEST_AGE}+");
                self.error_with_hint(item, format!("`{label}` has nobody"), hint);
                None
            }
            last => Some((label, last.map(|last| last + 1))),
        }
    }
}

/// First and last age of a label; an open group has no last.
fn bounds(label: &str) -> Option<(u32, Option<u32>)> {
    let age = |digits: &str| {
        let is_plain = digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_plain)
    };
    match label.strip_suffix('+') {
        Some(first) => Some((age(first)?, None)),
        None => {
            let (first, last) = label.split_once('-')?;
            Some((age(first)?, Some(age(last)?)))
        }
    }
}
