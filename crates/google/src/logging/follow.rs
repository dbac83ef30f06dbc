//! Following a log: every entry once, also those that arrive late.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::entry::LogEntry;

/// How far each question reaches back behind the newest arrival: entries become visible in an
/// order that isn't quite that of their arrival.
const OVERLAP: SignedDuration = SignedDuration::from_secs(60);

/// What has been seen of a log that is followed.
///
/// Entries are asked for by the time of their arrival, not of their happening: a machine may
/// deliver what it wrote minutes ago. The window overlaps the one before, and what is in both is
/// known by its insert ID.
#[derive(Debug, Clone, Default)]
pub struct Follow {
    /// Arrivals of the last window: when, by what names them.
    seen: BTreeMap<(String, String), Timestamp>,
    newest: Option<Timestamp>,
    tail: Option<Tail>,
}

/// The last entries that were there at the beginning. What is older than they are, and was there
/// too, isn't asked for; the first window would bring it up.
#[derive(Debug, Clone, Copy)]
struct Tail {
    oldest: Timestamp,
    newest_arrival: Timestamp,
}

impl Follow {
    /// Begins with the last entries that are there.
    #[must_use]
    pub fn after(last: &[LogEntry]) -> Self {
        let mut follow = Self::default();
        let mut oldest = None;
        for entry in last {
            follow.is_new(entry);
            if let Ok(happened) = entry.timestamp.parse::<Timestamp>() {
                oldest = Some(oldest.map_or(happened, |oldest: Timestamp| oldest.min(happened)));
            }
        }
        follow.tail = oldest
            .zip(follow.newest)
            .map(|(oldest, newest_arrival)| Tail {
                oldest,
                newest_arrival,
            });
        follow
    }

    /// What to add to the filter for the next question; nothing before the first entry.
    #[must_use]
    pub fn condition(&self) -> Option<String> {
        self.newest
            .map(|newest| format!("receiveTimestamp>=\"{}\"", newest - OVERLAP))
    }

    /// The entries that are new, in the order given.
    pub fn keep_new(&mut self, entries: Vec<LogEntry>) -> Vec<LogEntry> {
        let fresh = entries
            .into_iter()
            .filter(|entry| self.is_new(entry))
            .collect();
        if let Some(newest) = self.newest {
            self.seen.retain(|_, arrived| *arrived >= newest - OVERLAP);
        }
        fresh
    }

    fn is_new(&mut self, entry: &LogEntry) -> bool {
        let key = (entry.timestamp.clone(), entry.insert_id.clone());
        let Some(arrived) = arrival(entry) else {
            // Without any time it can't be told from one that was seen; better twice than never.
            return true;
        };
        self.newest = self.newest.max(Some(arrived));
        self.seen.insert(key, arrived).is_none() && !self.is_before_tail(entry, arrived)
    }

    fn is_before_tail(&self, entry: &LogEntry, arrived: Timestamp) -> bool {
        let happened = entry.timestamp.parse::<Timestamp>();
        self.tail
            .zip(happened.ok())
            .is_some_and(|(tail, happened)| {
                arrived <= tail.newest_arrival && happened < tail.oldest
            })
    }
}

fn arrival(entry: &LogEntry) -> Option<Timestamp> {
    let received = entry.receive_timestamp.parse().ok();
    received.or_else(|| entry.timestamp.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, happened: &str, arrived: &str) -> LogEntry {
        let mut entry = LogEntry::default();
        entry.insert_id = id.into();
        entry.timestamp = format!("2026-11-24T{happened}Z");
        entry.receive_timestamp = format!("2026-11-24T{arrived}Z");
        entry
    }

    fn ids(entries: &[LogEntry]) -> Vec<&str> {
        entries
            .iter()
            .map(|entry| entry.insert_id.as_str())
            .collect()
    }

    /// Lesson 18: entries of one time, and those that came late, were dropped.
    #[test]
    fn lesson_18_following_drops_no_entry_and_shows_none_twice() {
        let mut follow = Follow::default();
        assert_eq!(follow.condition(), None);
        let first = vec![
            entry("a", "12:00:00", "12:00:01"),
            entry("b", "12:00:00", "12:00:01"),
        ];
        assert_eq!(ids(&follow.keep_new(first.clone())), ["a", "b"]);
        assert_eq!(
            follow.condition().unwrap(),
            "receiveTimestamp>=\"2026-11-24T11:59:01Z\""
        );
        // One that happened long before, and one of the same moment as the first.
        let mut second = first;
        second.push(entry("late", "11:30:00", "12:00:02"));
        second.push(entry("c", "12:00:00", "12:00:02"));
        assert_eq!(ids(&follow.keep_new(second.clone())), ["late", "c"]);
        assert!(follow.keep_new(second).is_empty());
        // What left the window is forgotten; it isn't asked for again either.
        follow.keep_new(vec![entry("d", "12:10:00", "12:10:00")]);
        assert_eq!(follow.seen.len(), 1);
    }

    #[test]
    fn what_is_before_the_tail_does_not_come_up_and_what_came_meanwhile_does() {
        let old = entry("old", "12:00:00", "12:00:00");
        let last = entry("last", "12:00:05", "12:00:06");
        let mut follow = Follow::after(std::slice::from_ref(&last));
        let window = vec![
            old,
            last,
            entry("meanwhile", "12:00:05", "12:00:06"),
            entry("late", "11:00:00", "12:00:07"),
        ];
        assert_eq!(ids(&follow.keep_new(window)), ["meanwhile", "late"]);
    }
}
