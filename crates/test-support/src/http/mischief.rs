//! Exchanges that go wrong by chance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::dice::Dice;

/// One way for an exchange to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// 503, and nothing is done.
    Unavailable,
    /// 429, and nothing is done; never by chance.
    TooMany,
    /// The connection is reset before anything is done.
    Reset,
    /// It is done, and then the connection is reset instead of an answer.
    LostAnswer,
    /// It is done, and the answer's body breaks off halfway.
    Truncated,
    /// It is done, and the answer comes late.
    Slow,
}

const ALL: [Trouble; 5] = [
    Trouble::Unavailable,
    Trouble::Reset,
    Trouble::LostAnswer,
    Trouble::Truncated,
    Trouble::Slow,
];

/// How late an answer is that comes late.
pub(crate) const DELAY: Duration = Duration::from_millis(30);

/// How often exchanges of a server go wrong, changeable while it runs. None do at first.
#[derive(Debug, Clone, Default)]
pub struct Mischief(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What goes wrong with the next requests, before chance is asked.
    next: Vec<Trouble>,
    chance: Option<(u64, f64)>,
    /// Calls so far of each request: with the seed they fix what happens, in whatever order
    /// concurrent requests come.
    calls: BTreeMap<String, u64>,
    made: BTreeMap<Trouble, u64>,
}

impl Mischief {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets a share of all requests (0 to 1) go wrong, each way equally often, as a seed says.
    pub fn randomly(&self, seed: u64, share: f64) {
        self.with(|state| state.chance = Some((seed, share)));
    }

    /// Lets the next requests go wrong, so many times.
    pub fn next_times(&self, trouble: Trouble, times: usize) {
        self.with(|state| state.next = vec![trouble; times]);
    }

    /// Ends it.
    pub fn clear(&self) {
        self.with(|state| state.chance = None);
    }

    /// How often each kind has happened.
    #[must_use]
    pub fn made(&self) -> BTreeMap<Trouble, u64> {
        self.with(|state| state.made.clone())
    }

    /// What goes wrong with this request, if anything does.
    pub(crate) fn next(&self, request: &str) -> Option<Trouble> {
        self.with(|state| {
            if let Some(trouble) = state.next.pop() {
                *state.made.entry(trouble).or_default() += 1;
                return Some(trouble);
            }
            let (seed, share) = state.chance?;
            let calls = state.calls.entry(request.to_owned()).or_default();
            let mut dice = Dice::new(seed, request, *calls);
            *calls += 1;
            if dice.fraction() >= share {
                return None;
            }
            let which = usize::try_from(dice.next() % ALL.len() as u64).unwrap_or_default();
            let trouble = ALL[which];
            *state.made.entry(trouble).or_default() += 1;
            Some(trouble)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_fixes_what_happens_and_the_share_is_kept() {
        let happens = |seed| {
            let mischief = Mischief::default();
            mischief.randomly(seed, 0.02);
            let all: Vec<_> = (0..10_000).map(|_| mischief.next("GET /a")).collect();
            all
        };
        assert_eq!(happens(1), happens(1));
        assert_ne!(happens(1), happens(2));
        let wrong = happens(3).iter().flatten().count();
        assert!((150..250).contains(&wrong), "{wrong} of 10,000 at 2 %");
    }
}
