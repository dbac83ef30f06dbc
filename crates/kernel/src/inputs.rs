//! The numbers of one simulation.

use crate::error::SimulationError;
use crate::plan::Plan;

/// A number for every group, constant or for every step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Series<'a> {
    /// 1 when the values hold for the whole simulation, else at least the number of steps.
    pub steps: usize,
    /// Row-major `[steps, G]`.
    pub values: &'a [f64],
}

impl<'a> Series<'a> {
    /// The values of step `t`.
    pub(crate) fn at(&self, t: usize, n_groups: usize) -> &'a [f64] {
        let row = if self.steps == 1 { 0 } else { t * n_groups };
        &self.values[row..row + n_groups]
    }
}

/// How numpy holds the contact matrices in memory, which decides the order in which it adds a row:
/// pairwise along a contiguous row, one after the other along a strided one. It matters from eight
/// groups on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatrixOrder {
    /// Rows are contiguous ("C"), as numpy makes arrays and as age aggregation leaves them.
    #[default]
    RowMajor,
    /// Columns are contiguous ("F"), as in a matrix taken from a pandas frame as it is.
    ColumnMajor,
}

/// Everything a run needs besides the plan and the stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inputs<'a> {
    /// Step in days.
    pub dt: f64,
    /// Takes `rate * dt` as the probability instead of `1 - exp(-rate * dt)`.
    pub linear_approximation: bool,
    /// Number of steps, T.
    pub n_steps: usize,
    /// People in each group, `[G]`: the denominators of contacts.
    pub group_sizes: &'a [f64],
    /// People in each compartment and group at the start, row-major `[C, G]`.
    pub initial: &'a [i64],
    /// Rates per day that transitions refer to by index.
    pub rates: &'a [Series<'a>],
    /// Overall contact matrices, row-major `[M, G, G]` whatever numpy's order is.
    pub contact_matrices: &'a [f64],
    /// numpy's order.
    pub matrix_order: MatrixOrder,
    /// Matrix of each step, `[T]`. May be empty when no transition is mediated.
    pub contact_of_step: &'a [u32],
    /// Doses per day that transitions refer to by index.
    pub doses: &'a [Series<'a>],
}

impl Inputs<'_> {
    /// Checks shapes and references against the plan.
    pub(crate) fn check(&self, plan: &Plan) -> Result<(), SimulationError> {
        let groups = plan.n_groups;
        check_length("group sizes", self.group_sizes.len(), groups)?;
        check_length(
            "initial counts",
            self.initial.len(),
            plan.n_compartments * groups,
        )?;
        check_series(
            "rate",
            "values of a rate",
            self.rates,
            plan.n_rates,
            self.n_steps,
            groups,
        )?;
        check_series(
            "doses",
            "values of doses",
            self.doses,
            plan.n_doses,
            self.n_steps,
            groups,
        )?;
        if !plan.mediators.is_empty() {
            self.check_contacts(groups)?;
        }
        self.check_people(groups)
    }

    fn check_contacts(&self, groups: usize) -> Result<(), SimulationError> {
        check_length(
            "contact matrices of steps",
            self.contact_of_step.len(),
            self.n_steps,
        )?;
        let n_matrices = self.contact_matrices.len() / (groups * groups);
        check_length(
            "values of contact matrices",
            self.contact_matrices.len(),
            n_matrices * groups * groups,
        )?;
        let missing = self
            .contact_of_step
            .iter()
            .position(|&m| m as usize >= n_matrices);
        missing.map_or(Ok(()), |step| {
            Err(SimulationError::MissingMatrix {
                step,
                matrix: self.contact_of_step[step],
                found: n_matrices,
            })
        })
    }

    fn check_people(&self, groups: usize) -> Result<(), SimulationError> {
        for group in 0..groups {
            let people: i128 = self
                .initial
                .iter()
                .skip(group)
                .step_by(groups)
                .map(|&people| i128::from(people).abs())
                .sum();
            if people > 1 << 53 {
                return Err(SimulationError::TooManyPeople { group, people });
            }
        }
        Ok(())
    }
}

fn check_length(what: &'static str, found: usize, expected: usize) -> Result<(), SimulationError> {
    if found == expected {
        Ok(())
    } else {
        Err(SimulationError::Length {
            what,
            found,
            expected,
        })
    }
}

fn check_series(
    what: &'static str,
    values_of: &'static str,
    series: &[Series<'_>],
    needed: usize,
    n_steps: usize,
    groups: usize,
) -> Result<(), SimulationError> {
    if series.len() < needed {
        return Err(SimulationError::MissingSeries {
            what,
            index: needed - 1,
            found: series.len(),
        });
    }
    for (index, Series { steps, values }) in series.iter().enumerate() {
        if *steps != 1 && *steps < n_steps {
            return Err(SimulationError::Steps {
                what,
                index,
                found: *steps,
                expected: n_steps,
            });
        }
        check_length(values_of, values.len(), steps * groups)?;
    }
    Ok(())
}
