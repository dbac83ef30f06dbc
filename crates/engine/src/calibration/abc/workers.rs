//! Work of many threads, taken in order.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

/// Evaluates numbers from `first` on, over several threads, and hands the results to `take` one
/// after the other in the order of their numbers, until it breaks.
///
/// `evaluate` must depend on its number alone. Numbers beyond the last one taken may have been
/// evaluated for nothing.
pub(in crate::calibration) fn in_order<M, T: Send, B>(
    n_threads: NonZeroUsize,
    first: u32,
    memory: impl Fn() -> M + Sync,
    evaluate: impl Fn(u32, &mut M) -> T + Sync,
    mut take: impl FnMut(u32, T) -> ControlFlow<B>,
) -> Option<B> {
    if n_threads.get() == 1 {
        let mut memory = memory();
        return (first..=u32::MAX).find_map(|number| {
            let result = evaluate(number, &mut memory);
            take(number, result).break_value()
        });
    }
    let next = AtomicU64::new(first.into());
    let stop = AtomicBool::new(false);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..n_threads.get() {
            let sender = sender.clone();
            let (next, stop, memory, evaluate) = (&next, &stop, &memory, &evaluate);
            scope.spawn(move || {
                let _stop = StopOnPanic(stop);
                let mut memory = memory();
                while !stop.load(Ordering::Relaxed) {
                    let Ok(number) = u32::try_from(next.fetch_add(1, Ordering::Relaxed)) else {
                        break;
                    };
                    if sender
                        .send((number, evaluate(number, &mut memory)))
                        .is_err()
                    {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut expected = first;
        let mut result = None;
        for (number, value) in receiver {
            early.insert(number, value);
            while let Some(value) = early.remove(&expected) {
                if let ControlFlow::Break(value) = take(expected, value) {
                    stop.store(true, Ordering::Relaxed);
                    result = Some(value);
                    break;
                }
                expected += 1;
            }
            if result.is_some() {
                break;
            }
        }
        result
    })
}

/// Lets the other threads end when one panics, so that the panic is passed on.
struct StopOnPanic<'a>(&'a AtomicBool);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(n_threads: usize) -> (Vec<(u32, u64)>, Option<&'static str>) {
        let mut taken = Vec::new();
        let result = in_order(
            NonZeroUsize::new(n_threads).unwrap(),
            5,
            || 0_u64,
            |number, spins| {
                // later numbers are often ready first
                for _ in 0..(1000 - number % 7 * 100) {
                    *spins = spins.wrapping_mul(31).wrapping_add(7);
                }
                u64::from(number) * 2
            },
            |number, value| {
                taken.push((number, value));
                if number == 500 {
                    ControlFlow::Break("done")
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        (taken, result)
    }

    #[test]
    fn results_are_taken_in_order_whatever_the_number_of_threads() {
        let expected: Vec<(u32, u64)> = (5..=500).map(|n| (n, u64::from(n) * 2)).collect();
        for n_threads in [1, 2, 5] {
            assert_eq!(taken(n_threads), (expected.clone(), Some("done")));
        }
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_of_a_thread_is_passed_on() {
        in_order(
            NonZeroUsize::new(2).unwrap(),
            0,
            || (),
            |number, ()| assert!(number != 20, "number 20"),
            |_, ()| ControlFlow::<()>::Continue(()),
        );
    }
}
