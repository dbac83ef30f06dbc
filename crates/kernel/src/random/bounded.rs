//! Integers in a range, as numpy draws them.

use super::Pcg64;

impl Pcg64 {
    /// A number of `0..=max`, each equally likely, as `Generator.integers(0, max, endpoint=True)`
    /// draws one with a 64-bit type.
    ///
    /// Ranges below 2^32 take 32 bits of the stream a try, others 64 (Lemire, "Fast Random Integer
    /// Generation in an Interval", 2019). `max = 0` takes nothing from the stream.
    pub fn bounded(&mut self, max: u64) -> u64 {
        const U32_MAX: u64 = u32::MAX as u64;
        match max {
            0 => 0,
            1..U32_MAX => u64::from(self.lemire_u32(max as u32 + 1)),
            U32_MAX => u64::from(self.next_u32()),
            u64::MAX => self.next_u64(),
            _ => self.lemire_u64(max + 1),
        }
    }

    /// A number of `low..high`, as `Generator.integers(low, high)`.
    ///
    /// Returns `None` for an empty range, which numpy refuses.
    pub fn integers(&mut self, low: i64, high: i64) -> Option<i64> {
        let max = high
            .checked_sub(1)
            .filter(|&last| last >= low)?
            .wrapping_sub(low) as u64;
        Some(low.wrapping_add(self.bounded(max) as i64))
    }

    /// A number of `0..=max` by masking and rejection, as `Generator.shuffle` and
    /// `Generator.permutation` draw the index to swap with.
    pub fn masked(&mut self, max: u64) -> u64 {
        if max == 0 {
            return 0;
        }
        let mask = u64::MAX >> max.leading_zeros();
        loop {
            let value = if max <= u64::from(u32::MAX) {
                u64::from(self.next_u32()) & mask
            } else {
                self.next_u64() & mask
            };
            if value <= max {
                return value;
            }
        }
    }

    fn lemire_u32(&mut self, range: u32) -> u32 {
        let mut scaled = u64::from(self.next_u32()) * u64::from(range);
        if (scaled as u32) < range {
            let threshold = range.wrapping_neg() % range;
            while (scaled as u32) < threshold {
                scaled = u64::from(self.next_u32()) * u64::from(range);
            }
        }
        (scaled >> 32) as u32
    }

    fn lemire_u64(&mut self, range: u64) -> u64 {
        let mut scaled = u128::from(self.next_u64()) * u128::from(range);
        if (scaled as u64) < range {
            let threshold = range.wrapping_neg() % range;
            while (scaled as u64) < threshold {
                scaled = u128::from(self.next_u64()) * u128::from(range);
            }
        }
        (scaled >> 64) as u64
    }
}
