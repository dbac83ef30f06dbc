//! The submission format of the Flu Scenario Modeling Hub, whose keys are ours: the suite's format
//! has none.

use super::super::fields::value_of;
use super::super::reader::{Item, Reader};
use crate::schema::output::ScenarioOutput;

const KEYS: &[&str] = &[
    "origin_date",
    "scenario_id",
    "targets",
    "n_horizons",
    "n_samples",
    "seed",
];
/// The fewest that the hub accepts (hub-config/tasks.json, round of 2025).
const N_SAMPLES: u32 = 300;
const TARGETS: [&str; 3] = ["inc hosp", "inc ed visit", "inc death"];

impl<'d> Reader<'d> {
    pub(super) fn scenario(&mut self, item: &Item<'d>) -> Option<ScenarioOutput> {
        let fields = self.fields(item, KEYS)?;
        let origin = fields.optional("origin_date");
        let origin_date = origin.and_then(|item| self.date(&item));
        let scenario_id = self.optional_text(&fields, "scenario_id");
        let targets = fields.optional("targets");
        let targets = match targets {
            Some(item) => self.scenario_targets(&item),
            None => Vec::new(),
        };
        let count = |reader: &mut Self, key| {
            let item = fields.optional(key)?;
            let number = reader.whole(&item, 1, i128::from(u32::MAX))?;
            u32::try_from(number).ok()
        };
        let n_horizons = count(self, "n_horizons");
        let n_samples = count(self, "n_samples").unwrap_or(N_SAMPLES);
        let seed = fields.optional("seed");
        let seed = seed.and_then(|item| self.whole(&item, 0, i128::from(u64::MAX)));
        Some(ScenarioOutput {
            origin_date,
            scenario_id: scenario_id.unwrap_or_default(),
            targets,
            n_horizons,
            n_samples,
            seed: seed.and_then(|seed| u64::try_from(seed).ok()),
        })
    }

    /// Targets and the projected columns that they count.
    fn scenario_targets(&mut self, item: &Item<'d>) -> Vec<(String, String)> {
        let entries = self.entries(item, "a mapping of targets to projected columns");
        let mut targets = Vec::new();
        for (target, at) in entries.unwrap_or_default() {
            if !TARGETS.contains(&target.as_str()) {
                let message = format!("`{target}` is no target of the hub");
                self.error_with_hint(&at, message, format!("there are: {}", TARGETS.join(", ")));
            }
            let Some(node) = value_of(item, &target) else {
                continue;
            };
            let value = Item {
                node,
                path: at.path,
            };
            targets.extend(self.text(&value).map(|column| (target, column)));
        }
        targets
    }
}
