//! numpy's algorithm without shortcuts, to compare the one with shortcuts against.

use crate::math::{exp, log, log1p};
use crate::random::Pcg64;

pub(super) fn binomial(rng: &mut Pcg64, n: i64, p: f64) -> i64 {
    if n == 0 || p == 0.0 {
        return 0;
    }
    if p <= 0.5 {
        of_rarer(rng, n, p)
    } else {
        n - of_rarer(rng, n, 1.0 - p)
    }
}

fn of_rarer(rng: &mut Pcg64, n: i64, p: f64) -> i64 {
    if p * n as f64 <= 30.0 {
        inversion(rng, n, p)
    } else {
        btpe(rng, n, p)
    }
}

fn inversion(rng: &mut Pcg64, n: i64, p: f64) -> i64 {
    let q = 1.0 - p;
    let qn = exp(n as f64 * log1p(-p));
    let np = n as f64 * p;
    let bound = (n as f64).min(np + 10.0 * (np * q + 1.0).sqrt()) as i64;
    let mut x = 0;
    let mut px = qn;
    let mut u = rng.next_double();
    while u > px {
        x += 1;
        if x > bound {
            x = 0;
            px = qn;
            u = rng.next_double();
        } else {
            u -= px;
            px = ((n - x + 1) as f64 * p * px) / (x as f64 * q);
        }
    }
    x
}

fn btpe(rng: &mut Pcg64, n: i64, p: f64) -> i64 {
    let nf = n as f64;
    let r = p.min(1.0 - p);
    let q = 1.0 - r;
    let fm = nf * r + r;
    let m = fm.floor() as i64;
    let mf = m as f64;
    let p1 = (2.195 * (nf * r * q).sqrt() - 4.6 * q).floor() + 0.5;
    let xm = mf + 0.5;
    let xl = xm - p1;
    let xr = xm + p1;
    let c = 0.134 + 20.5 / (15.3 + mf);
    let a = (fm - xl) / (fm - xl * r);
    let laml = a * (1.0 + a / 2.0);
    let a = (xr - fm) / (xr * q);
    let lamr = a * (1.0 + a / 2.0);
    let p2 = p1 * (1.0 + 2.0 * c);
    let p3 = p2 + c / laml;
    let p4 = p3 + c / lamr;
    let nrq = nf * r * q;
    loop {
        let u = rng.next_double() * p4;
        let mut v = rng.next_double();
        let y;
        if u <= p1 {
            return (xm - p1 * v + u).floor() as i64;
        } else if u <= p2 {
            let x = xl + (u - p1) / c;
            v = v * c + 1.0 - (mf - x + 0.5).abs() / p1;
            if v > 1.0 {
                continue;
            }
            y = x.floor() as i64;
        } else if u <= p3 {
            y = (xl + log(v) / laml).floor() as i64;
            if y < 0 || v == 0.0 {
                continue;
            }
            v = v * (u - p2) * laml;
        } else {
            y = (xr - log(v) / lamr).floor() as i64;
            if y > n || v == 0.0 {
                continue;
            }
            v = v * (u - p3) * lamr;
        }
        let k = (y - m).abs();
        let kf = k as f64;
        if !(k > 20 && kf < nrq / 2.0 - 1.0) {
            let s = r / q;
            let a = s * (n + 1) as f64;
            let mut f = 1.0;
            for i in m + 1..=y {
                f *= a / i as f64 - s;
            }
            for i in y + 1..=m {
                f /= a / i as f64 - s;
            }
            if v > f {
                continue;
            }
            return y;
        }
        let rho = (kf / nrq) * ((kf * (kf / 3.0 + 0.625) + 0.166_666_666_666_666_66) / nrq + 0.5);
        let t = (-k * k) as f64 / (2.0 * nrq);
        let a = log(v);
        if a < t - rho {
            return y;
        }
        if a > t + rho {
            continue;
        }
        let x1 = y as f64 + 1.0;
        let f1 = mf + 1.0;
        let z = nf + 1.0 - mf;
        let w = nf - y as f64 + 1.0;
        let stirling = |x: f64| {
            let x2 = x * x;
            (13680.0 - (462.0 - (132.0 - (99.0 - 140.0 / x2) / x2) / x2) / x2) / x / 166_320.0
        };
        if a > xm * log(f1 / x1)
            + ((n - m) as f64 + 0.5) * log(z / w)
            + (y - m) as f64 * log(w * r / (x1 * q))
            + stirling(f1)
            + stirling(z)
            + stirling(x1)
            + stirling(w)
        {
            continue;
        }
        return y;
    }
}
