//! How long to wait before a request is sent again.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// How patient a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The longest that one answer may take.
    pub request_timeout: Duration,
    /// The longest that a request may take with all its repetitions.
    pub deadline: Duration,
    /// The longest wait before the second attempt; doubled before each further one.
    pub first_delay: Duration,
    /// The longest wait of all, unless the server asks for more.
    pub longest_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(120),
            first_delay: Duration::from_millis(500),
            longest_delay: Duration::from_secs(20),
        }
    }
}

impl RetryPolicy {
    /// The wait after an attempt (counted from 0): anything up to the doubled delay, so that many
    /// clients don't come back together, but at least what the server asks for.
    pub(crate) fn delay(&self, attempt: u32, asked: Option<Duration>) -> Duration {
        let longest = self
            .first_delay
            .saturating_mul(2_u32.saturating_pow(attempt.min(16)))
            .min(self.longest_delay);
        let jittered = longest.mul_f64(fraction());
        asked.map_or(jittered, |asked| asked + jittered)
    }
}

/// A random number from 0 to 1. Without a source of randomness, a half will do.
fn fraction() -> f64 {
    getrandom::u32().map_or(0.5, |bits| f64::from(bits) / f64::from(u32::MAX))
}

/// What `Retry-After` asks for: seconds, or a date.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_below_the_longest() {
        let policy = RetryPolicy::default();
        for attempt in 0..40 {
            let most = Duration::from_millis(500 << attempt.min(10)).min(policy.longest_delay);
            for _ in 0..20 {
                assert!(policy.delay(attempt, None) <= most);
            }
            let asked = Duration::from_secs(7);
            assert!(policy.delay(attempt, Some(asked)) >= asked);
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", http::HeaderValue::from_static(text));
            retry_after(&headers, now)
        };
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(
            read("Tue, 24 Nov 2026 12:00:30 GMT"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(read("Tue, 24 Nov 2026 11:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
