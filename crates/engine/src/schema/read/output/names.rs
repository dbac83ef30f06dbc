//! The columns that a model's tables can have.

use epycloud_errors::nearest;

use super::super::reader::{Item, Reader};
use crate::schema::basemodel::BaseModel;
use crate::schema::modelset::{Modelset, Study};

/// Age group that sums the others.
const TOTAL: &str = "total";

/// The names that output columns are made of.
pub(in super::super) struct Names {
    /// Age groups.
    pub(in super::super) groups: Vec<String>,
    /// Compartments.
    pub(in super::super) compartments: Vec<String>,
    /// Source and target of each transition.
    pub(in super::super) transitions: Vec<(String, String)>,
    /// Columns of a projection that calibrations add: what they compare with observations.
    pub(in super::super) comparisons: Vec<String>,
}

/// Which columns a selection picks from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Columns {
    Compartments,
    Transitions,
}

impl Columns {
    const fn what(self) -> &'static str {
        match self {
            Self::Compartments => "compartment",
            Self::Transitions => "transition",
        }
    }

    const fn form(self) -> &'static str {
        match self {
            Self::Compartments => {
                "columns are named `{compartment}_{age group}` or `{compartment}_total`"
            }
            Self::Transitions => {
                "columns are named `{source}_to_{target}_{age group}` or `…_total`"
            }
        }
    }
}

impl Names {
    pub(in super::super) fn of_model(model: &BaseModel) -> Self {
        Self {
            groups: model.population.age_groups.clone(),
            compartments: model
                .compartments
                .iter()
                .map(|known| known.id.clone())
                .collect(),
            transitions: model
                .transitions
                .iter()
                .map(|known| (known.source.clone(), known.target.clone()))
                .collect(),
            comparisons: Vec::new(),
        }
    }

    /// With the columns that a calibration adds to its projection.
    pub(in super::super) fn with_comparisons(self, modelset: Option<&Modelset>) -> Self {
        let comparisons = match modelset.map(|modelset| &modelset.study) {
            Some(Study::Calibration(calibration)) => calibration
                .comparison
                .iter()
                .map(|comparison| comparison.observed_value_column.clone())
                .collect(),
            _ => Vec::new(),
        };
        Self {
            comparisons,
            ..self
        }
    }

    /// Whether a table has this column.
    fn has(&self, columns: Columns, name: &str) -> bool {
        if self.comparisons.iter().any(|known| known == name) {
            return true;
        }
        self.bases(columns).iter().any(|base| {
            name.strip_prefix(base.as_str())
                .and_then(|rest| rest.strip_prefix('_'))
                .is_some_and(|group| self.is_group(group))
        })
    }

    /// The column that was probably meant.
    fn nearest(&self, columns: Columns, name: &str) -> Option<String> {
        let bases = self.bases(columns);
        if bases.iter().any(|base| base == name) {
            return Some(format!("{name}_{TOTAL}"));
        }
        let groups = || self.groups.iter().map(String::as_str).chain([TOTAL]);
        let all: Vec<String> = bases
            .iter()
            .flat_map(|base| groups().map(move |group| format!("{base}_{group}")))
            .collect();
        nearest(name, all.iter().map(String::as_str)).map(str::to_owned)
    }

    fn is_group(&self, group: &str) -> bool {
        group == TOTAL || self.groups.iter().any(|known| known == group)
    }

    /// Column names without their age group, each once.
    fn bases(&self, columns: Columns) -> Vec<String> {
        let mut bases: Vec<String> = Vec::new();
        let all = match columns {
            Columns::Compartments => self.compartments.clone(),
            Columns::Transitions => self
                .transitions
                .iter()
                .map(|(source, target)| format!("{source}_to_{target}"))
                .collect(),
        };
        for base in all {
            if !bases.contains(&base) {
                bases.push(base);
            }
        }
        bases
    }
}

impl Reader<'_> {
    /// Whether the model has a column; without one, an error names the nearest.
    pub(in super::super) fn is_column(
        &mut self,
        item: &Item<'_>,
        name: &str,
        columns: Columns,
        names: &Names,
    ) -> bool {
        if names.has(columns, name) {
            return true;
        }
        let message = format!("`{name}` is no {} column of the model", columns.what());
        let hint = match names.nearest(columns, name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => columns.form().to_owned(),
        };
        self.error_with_hint(item, message, hint);
        false
    }
}
