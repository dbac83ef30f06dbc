//! When things go wrong: by a script, or by chance that a seed fixes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use object_store::path::Path;

use super::{Fault, Operation};
use crate::dice::Dice;

/// Which of the calls that a rule fits go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// All.
    Always,
    /// The n-th one, from 0.
    Call(u64),
    /// The first n.
    First(u64),
    /// The ones after so many bytes were written in parts.
    AfterBytes(u64),
}

/// One line of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Which operation.
    pub operation: Operation,
    /// Which objects: those whose paths contain this.
    pub path_contains: String,
    /// Which calls of those.
    pub when: When,
    /// What goes wrong.
    pub fault: Fault,
}

impl Rule {
    /// A rule for all objects.
    #[must_use]
    pub const fn new(operation: Operation, when: When, fault: Fault) -> Self {
        Self {
            operation,
            path_contains: String::new(),
            when,
            fault,
        }
    }
}

/// How likely each fault is, from 0 to 1, for each call that can have it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// Of [`Fault::Unavailable`].
    pub unavailable: f64,
    /// Of [`Fault::LostAnswer`].
    pub lost_answer: f64,
    /// Of [`Fault::Denied`].
    pub denied: f64,
    /// Of [`Fault::Broken`], within the first 64 KiB.
    pub broken: f64,
    /// Of [`Fault::Truncated`], within the first 64 KiB.
    pub truncated: f64,
    /// Of [`Fault::Corrupted`], within the first 64 KiB.
    pub corrupted: f64,
    /// Of [`Fault::Slow`], up to 5 ms.
    pub slow: f64,
}

/// A fault that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injected {
    /// In which operation.
    pub operation: Operation,
    /// On which object.
    pub path: String,
    /// What.
    pub fault: Fault,
}

/// The faults of a store: the handle by which a test changes and counts them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    rules: Vec<(Rule, u64)>,
    chance: Option<(u64, Rates)>,
    /// Calls so far of an operation on an object: with the seed they fix what happens, in
    /// whatever order concurrent calls come.
    calls: BTreeMap<(Operation, String), u64>,
    part_bytes: BTreeMap<String, u64>,
    injected: Vec<Injected>,
}

impl Faults {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a rule; the first that fits counts.
    pub fn add(&self, rule: Rule) {
        self.with(|state| state.rules.push((rule, 0)));
    }

    /// Lets chance, fixed by a seed, decide where no rule does.
    pub fn randomly(&self, seed: u64, rates: Rates) {
        self.with(|state| state.chance = Some((seed, rates)));
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.with(|state| {
            state.rules.clear();
            state.chance = None;
        });
    }

    /// What has gone wrong so far, in order.
    #[must_use]
    pub fn injected(&self) -> Vec<Injected> {
        self.with(|state| state.injected.clone())
    }

    /// What goes wrong with this call, if anything does.
    pub(crate) fn next(&self, operation: Operation, path: &Path, bytes: u64) -> Option<Fault> {
        self.with(|state| {
            let fault = state.next(operation, path.as_ref(), bytes)?;
            let path = path.to_string();
            state.injected.push(Injected {
                operation,
                path,
                fault: fault.clone(),
            });
            Some(fault)
        })
    }
}

impl State {
    fn next(&mut self, operation: Operation, path: &str, bytes: u64) -> Option<Fault> {
        let sent = self.part_bytes.entry(path.to_owned()).or_default();
        if operation == Operation::Part {
            *sent += bytes;
        }
        let sent = *sent;
        let calls = self.calls.entry((operation, path.to_owned())).or_default();
        let call = *calls;
        *calls += 1;
        let mut scripted = None;
        for (rule, fitted) in &mut self.rules {
            if rule.operation != operation || !path.contains(&rule.path_contains) {
                continue;
            }
            let nth = *fitted;
            *fitted += 1;
            let due = match rule.when {
                When::Always => true,
                When::Call(n) => nth == n,
                When::First(n) => nth < n,
                When::AfterBytes(n) => sent > n,
            };
            if due && scripted.is_none() {
                scripted = Some(rule.fault.clone());
            }
        }
        let (None, Some((seed, rates))) = (&scripted, self.chance) else {
            return scripted;
        };
        let dice = Dice::new(seed ^ ((operation as u64) << 56), path, call);
        chosen(rates, operation, dice)
    }
}

fn chosen(rates: Rates, operation: Operation, mut dice: Dice) -> Option<Fault> {
    let body = matches!(operation, Operation::Get | Operation::List);
    let write = matches!(
        operation,
        Operation::Put | Operation::Part | Operation::Complete | Operation::Delete
    );
    let only = |can: bool, rate: f64| if can { rate } else { 0.0 };
    let within = dice.next() % (64 << 10);
    let table = [
        (rates.unavailable, Fault::Unavailable),
        (only(write, rates.lost_answer), Fault::LostAnswer),
        (rates.denied, Fault::Denied),
        (only(body, rates.broken), Fault::Broken { after: within }),
        (
            only(operation == Operation::Get, rates.truncated),
            Fault::Truncated { after: within },
        ),
        (
            only(operation == Operation::Get, rates.corrupted),
            Fault::Corrupted { at: within },
        ),
        (
            rates.slow,
            Fault::Slow(Duration::from_micros(within % 5_000)),
        ),
    ];
    let mut point = dice.fraction();
    for (rate, fault) in table {
        if point < rate {
            return Some(fault);
        }
        point -= rate;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(seed: u64) -> Vec<Option<Fault>> {
        let faults = Faults::default();
        faults.randomly(
            seed,
            Rates {
                unavailable: 0.3,
                slow: 0.2,
                ..Rates::default()
            },
        );
        let path = Path::from("a/b");
        (0..200)
            .map(|_| faults.next(Operation::Get, &path, 0))
            .collect()
    }

    #[test]
    fn a_seed_fixes_what_happens() {
        assert_eq!(outcomes(1), outcomes(1));
        assert_ne!(outcomes(1), outcomes(2));
        let unavailable = outcomes(3)
            .iter()
            .filter(|fault| **fault == Some(Fault::Unavailable))
            .count();
        assert!(
            (40..80).contains(&unavailable),
            "{unavailable} of 200 at 0.3"
        );
    }

    #[test]
    fn rules_fit_by_operation_path_and_count() {
        let faults = Faults::default();
        let mut rule = Rule::new(Operation::Put, When::Call(1), Fault::Denied);
        rule.path_contains = "b".to_owned();
        faults.add(rule);
        let put = |path: &str| faults.next(Operation::Put, &Path::from(path), 0);
        assert_eq!(put("b"), None);
        assert_eq!(put("a"), None);
        assert_eq!(put("b"), Some(Fault::Denied));
        assert_eq!(put("b"), None);
        assert_eq!(faults.injected().len(), 1);
    }
}
