//! Rejection from a triangle, two parallelograms and two exponential tails.
//!
//! Algorithm BTPE of Kachitvichyanukul and Schmeiser, "Binomial random variate generation" (1988),
//! in the arithmetic of numpy 2.4's `random_binomial_btpe`. numpy 2.5 corrected the Stirling terms
//! of the last test (numpy pull request 31238), which changes some draws.

use super::{MARGIN, OfProbability};
use crate::math::{log, rough_log};
use crate::random::Pcg64;

/// The envelope for one `n` and `p`; names as in the paper.
struct Envelope {
    n: f64,
    r: f64,
    q: f64,
    nrq: f64,
    /// The mode.
    m: f64,
    /// Area of the triangle; also its half width.
    p1: f64,
    xm: f64,
    xl: f64,
    xr: f64,
    /// Height of the parallelograms.
    c: f64,
    /// Rates of the exponential tails.
    laml: f64,
    lamr: f64,
    /// Areas, summed up: with the parallelograms, the left tail, the right tail.
    p2: f64,
    p3: f64,
    p4: f64,
}

/// Successes in `n` trials of probability `p`, at most one half.
#[inline]
pub(super) fn draw(rng: &mut Pcg64, n: f64, p: f64, derived: &impl OfProbability) -> f64 {
    let envelope = Envelope::new(n, p);
    loop {
        if let Some(count) = envelope.attempt(rng, derived) {
            return count;
        }
    }
}

impl Envelope {
    #[inline]
    fn new(n: f64, p: f64) -> Self {
        let r = p;
        let q = 1.0 - r;
        let nrq = n * r * q;
        let fm = n * r + r;
        let m = floor(fm);
        let p1 = floor(2.195 * nrq.sqrt() - 4.6 * q) + 0.5;
        let xm = m + 0.5;
        let xl = xm - p1;
        let xr = xm + p1;
        let c = 0.134 + 20.5 / (15.3 + m);
        let a = (fm - xl) / (fm - xl * r);
        let laml = a * (1.0 + a / 2.0);
        let a = (xr - fm) / (xr * q);
        let lamr = a * (1.0 + a / 2.0);
        let p2 = p1 * (1.0 + 2.0 * c);
        let p3 = p2 + c / laml;
        let p4 = p3 + c / lamr;
        Self {
            n,
            r,
            q,
            nrq,
            m,
            p1,
            xm,
            xl,
            xr,
            c,
            laml,
            lamr,
            p2,
            p3,
            p4,
        }
    }

    /// One candidate from two uniforms, or `None` when it is rejected.
    #[inline]
    fn attempt(&self, rng: &mut Pcg64, derived: &impl OfProbability) -> Option<f64> {
        let u = rng.next_double() * self.p4;
        let v = rng.next_double();
        if u <= self.p1 {
            return Some(floor(self.xm - self.p1 * v + u));
        }
        self.attempt_outside(u, v, derived)
    }

    /// The same outside the triangle.
    #[inline(never)]
    fn attempt_outside(&self, u: f64, v: f64, derived: &impl OfProbability) -> Option<f64> {
        let (y, v) = if u <= self.p2 {
            let x = self.xl + (u - self.p1) / self.c;
            let v = v * self.c + 1.0 - (self.m - x + 0.5).abs() / self.p1;
            if v > 1.0 {
                return None;
            }
            (floor(x), v)
        } else if v == 0.0 {
            return None;
        } else if u <= self.p3 {
            let y = floor_of_log(v, self.xl, self.laml);
            if y < 0.0 {
                return None;
            }
            (y, v * (u - self.p2) * self.laml)
        } else {
            let y = floor_of_log(v, self.xr, -self.lamr);
            if y > self.n {
                return None;
            }
            (y, v * (u - self.p3) * self.lamr)
        };
        self.accepts(y, v, derived).then_some(y)
    }

    #[inline]
    fn accepts(&self, y: f64, v: f64, derived: &impl OfProbability) -> bool {
        let k = (y - self.m).abs();
        if k > 20.0 && k < self.nrq / 2.0 - 1.0 {
            self.accepts_far(y, k, v)
        } else {
            self.accepts_near(y, k, v, derived)
        }
    }

    /// Compares `v` with the density at `y` relative to the mode, which is a product of
    /// `(n + 1 - i) p / (i q)`.
    #[inline]
    fn accepts_near(&self, y: f64, k: f64, v: f64, derived: &impl OfProbability) -> bool {
        // So that twenty factors stay finite.
        const LARGEST_FACTOR: f64 = 1e14;
        if k > 20.0 || self.m > LARGEST_FACTOR {
            return v <= self.density_ratio(y);
        }
        let odds = derived.odds();
        let above = self.n + 1.0;
        let (low, high) = if y > self.m { (self.m, y) } else { (y, self.m) };
        let mut numerator = 1.0;
        let mut denominator = 1.0;
        let mut i = low;
        while i < high {
            i += 1.0;
            numerator *= (above - i) * odds;
            denominator *= i;
        }
        let (left, right) = if y > self.m {
            (v * denominator, numerator)
        } else {
            (v * numerator, denominator)
        };
        if (left - right).abs() > MARGIN * right {
            left < right
        } else {
            v <= self.density_ratio(y)
        }
    }

    /// Density at `y` relative to the mode, in numpy's arithmetic.
    #[cold]
    fn density_ratio(&self, y: f64) -> f64 {
        let s = self.r / self.q;
        let a = s * (self.n + 1.0);
        let (m, y) = (self.m as i64, y as i64);
        let mut ratio = 1.0;
        for i in m + 1..=y {
            ratio *= a / i as f64 - s;
        }
        for i in y + 1..=m {
            ratio /= a / i as f64 - s;
        }
        ratio
    }

    /// Squeeze, then the test with Stirling's approximation.
    #[inline]
    fn accepts_far(&self, y: f64, k: f64, v: f64) -> bool {
        let rho =
            (k / self.nrq) * ((k * (k / 3.0 + 0.625) + 0.166_666_666_666_666_66) / self.nrq + 0.5);
        let t = -(k * k) / (2.0 * self.nrq);
        let rough = if v >= f64::MIN_POSITIVE {
            rough_log(v)
        } else {
            f64::NAN
        };
        if rough < t - rho - MARGIN {
            return true;
        }
        if rough > t + rho + MARGIN {
            return false;
        }
        self.accepts_unclear(y, v, t, rho)
    }

    #[cold]
    fn accepts_unclear(&self, y: f64, v: f64, t: f64, rho: f64) -> bool {
        let log_v = log(v);
        log_v < t - rho || (log_v <= t + rho && log_v <= self.log_density_ratio(y))
    }

    fn log_density_ratio(&self, y: f64) -> f64 {
        let Self { n, m, .. } = *self;
        let x1 = y + 1.0;
        let f1 = m + 1.0;
        let z = n + 1.0 - m;
        let w = n - y + 1.0;
        self.xm * log(f1 / x1)
            + (n - m + 0.5) * log(z / w)
            + (y - m) * log(w * self.r / (x1 * self.q))
            + stirling(f1)
            + stirling(z)
            + stirling(x1)
            + stirling(w)
    }
}

/// Correction to Stirling's approximation, with the constant as numpy 2.4 and earlier have it
/// (the series has 13860).
fn stirling(x: f64) -> f64 {
    let x2 = x * x;
    (13680.0 - (462.0 - (132.0 - (99.0 - 140.0 / x2) / x2) / x2) / x2) / x / 166_320.0
}

/// `floor(start + log(v) / rate)`.
#[inline]
fn floor_of_log(v: f64, start: f64, rate: f64) -> f64 {
    let rough = start + rough_log(v) / rate;
    let margin = MARGIN / rate.abs() + MARGIN;
    let floored = floor(rough - margin);
    if floored == floor(rough + margin) {
        floored
    } else {
        floor(start + log(v) / rate)
    }
}

/// The largest whole number not above `x`: without SSE 4.1, the standard library's `floor` is a
/// call.
#[inline]
fn floor(x: f64) -> f64 {
    let truncated = x as i64 as f64;
    if truncated > x {
        truncated - 1.0
    } else {
        truncated
    }
}

#[cfg(test)]
mod tests {
    use super::super::Fresh;
    use super::*;

    #[test]
    fn close_comparisons_follow_numpys_arithmetic() {
        let mut rng = Pcg64::new(6);
        for _ in 0..50_000 {
            let p = 0.5 * rng.next_double();
            let size = rng.bounded(40);
            let n = (30.0 / p).floor() + 1.0 + rng.bounded(1 << size) as f64;
            let envelope = Envelope::new(n, p);
            let k = rng.bounded(20) as f64 + 1.0;
            for y in [envelope.m - k, envelope.m + k] {
                let ratio = envelope.density_ratio(y);
                for close in [
                    1.0,
                    1.0 + 1e-15,
                    1.0 - 1e-15,
                    1.0 + 1e-12,
                    1.0 - 1e-12,
                    1.1,
                    0.9,
                ] {
                    let v = ratio * close;
                    let accepted = envelope.accepts_near(y, k, v, &Fresh(p));
                    assert_eq!(accepted, v <= ratio, "n {n}, p {p}, y {y}, v {v:e}");
                }
            }
            // A logarithm that ends next to a whole number.
            let x = (envelope.xl + 0.5).floor() - rng.bounded(20) as f64;
            let v = crate::math::exp((x - envelope.xl) * envelope.laml);
            let exact = (envelope.xl + log(v) / envelope.laml).floor();
            assert_eq!(
                floor_of_log(v, envelope.xl, envelope.laml),
                exact,
                "n {n}, p {p}, v {v:e}"
            );
        }
    }

    #[test]
    fn floors_are_floors() {
        for x in [
            0.0, 0.5, -0.5, 1.0, -1.0, 2.999, -3.0, -3.001, 9e15, -9e15, 1e17,
        ] {
            assert_eq!(floor(x), x.floor(), "{x}");
        }
    }
}
