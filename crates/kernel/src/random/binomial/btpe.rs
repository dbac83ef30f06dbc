//! Rejection from a triangle, two parallelograms and two exponential tails.
//!
//! Algorithm BTPE of Kachitvichyanukul and Schmeiser, "Binomial random variate generation" (1988),
//! in the arithmetic of numpy 2.4's `random_binomial_btpe`. numpy 2.5 corrected the Stirling terms
//! of the last test (numpy pull request 31238), which changes about one draw in a million.

use crate::math::log;
use crate::random::Pcg64;

/// The envelope for one `n` and `p`; names as in the paper.
struct Envelope {
    n: i64,
    r: f64,
    q: f64,
    nrq: f64,
    m: i64,
    p1: f64,
    xm: f64,
    xl: f64,
    xr: f64,
    c: f64,
    laml: f64,
    lamr: f64,
    p2: f64,
    p3: f64,
    p4: f64,
}

/// Successes in `n` trials of probability `p`, at most one half.
pub(super) fn draw(rng: &mut Pcg64, n: i64, p: f64) -> i64 {
    let envelope = Envelope::new(n, p);
    loop {
        if let Some(count) = envelope.attempt(rng) {
            return count;
        }
    }
}

impl Envelope {
    fn new(n: i64, p: f64) -> Self {
        let trials = n as f64;
        let r = p;
        let q = 1.0 - r;
        let nrq = trials * r * q;
        let fm = trials * r + r;
        let m = fm.floor() as i64;
        let mode = m as f64;
        let p1 = (2.195 * nrq.sqrt() - 4.6 * q).floor() + 0.5;
        let xm = mode + 0.5;
        let xl = xm - p1;
        let xr = xm + p1;
        let c = 0.134 + 20.5 / (15.3 + mode);
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
    fn attempt(&self, rng: &mut Pcg64) -> Option<i64> {
        let u = rng.next_double() * self.p4;
        let v = rng.next_double();
        if u <= self.p1 {
            return Some((self.xm - self.p1 * v + u).floor() as i64);
        }
        let (y, v) = if u <= self.p2 {
            let x = self.xl + (u - self.p1) / self.c;
            let v = v * self.c + 1.0 - (self.m as f64 - x + 0.5).abs() / self.p1;
            if v > 1.0 {
                return None;
            }
            (x.floor() as i64, v)
        } else if u <= self.p3 {
            let y = (self.xl + log(v) / self.laml).floor() as i64;
            if y < 0 || v == 0.0 {
                return None;
            }
            (y, v * (u - self.p2) * self.laml)
        } else {
            let y = (self.xr - log(v) / self.lamr).floor() as i64;
            if y > self.n || v == 0.0 {
                return None;
            }
            (y, v * (u - self.p3) * self.lamr)
        };
        self.accepts(y, v).then_some(y)
    }

    fn accepts(&self, y: i64, v: f64) -> bool {
        let k = (y - self.m).abs();
        if k > 20 && (k as f64) < self.nrq / 2.0 - 1.0 {
            self.accepts_far(y, k, v)
        } else {
            v <= self.density_ratio(y)
        }
    }

    /// Density at `y` relative to the mode, by recursion.
    fn density_ratio(&self, y: i64) -> f64 {
        let s = self.r / self.q;
        let a = s * (self.n + 1) as f64;
        let mut ratio = 1.0;
        for i in self.m + 1..=y {
            ratio *= a / i as f64 - s;
        }
        for i in y + 1..=self.m {
            ratio /= a / i as f64 - s;
        }
        ratio
    }

    /// Squeeze, then the test with Stirling's approximation.
    fn accepts_far(&self, y: i64, k: i64, v: f64) -> bool {
        let distance = k as f64;
        let rho = (distance / self.nrq)
            * ((distance * (distance / 3.0 + 0.625) + 0.166_666_666_666_666_66) / self.nrq + 0.5);
        let t = k.wrapping_mul(k).wrapping_neg() as f64 / (2.0 * self.nrq);
        let log_v = log(v);
        if log_v < t - rho {
            return true;
        }
        if log_v > t + rho {
            return false;
        }
        log_v <= self.log_density_ratio(y)
    }

    fn log_density_ratio(&self, y: i64) -> f64 {
        let (n, m) = (self.n as f64, self.m as f64);
        let x1 = y as f64 + 1.0;
        let f1 = m + 1.0;
        let z = n + 1.0 - m;
        let w = n - y as f64 + 1.0;
        self.xm * log(f1 / x1)
            + ((self.n - self.m) as f64 + 0.5) * log(z / w)
            + (y - self.m) as f64 * log(w * self.r / (x1 * self.q))
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
