//! Distributions in their standard form, before location and scale.

use epycloud_kernel::math::{exp, log};
use epycloud_kernel::random::{Pcg64, binomial};

use super::draws::{self, open_uniform, standard_normal};
use super::error::PriorError;
use super::family::Parameters;
use super::{normal, saddle_point};

/// The greatest number of trials and width of a range that are drawn exactly.
const MOST: f64 = 9_007_199_254_740_992.0;

/// A distribution and its shape parameters.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Uniform,
    LogUniform { a: f64, b: f64 },
    Normal,
    TruncatedNormal { a: f64, b: f64, log_mass: f64 },
    LogNormal { s: f64 },
    Beta { a: f64, b: f64 },
    Gamma { a: f64 },
    Exponential,
    Triangular { c: f64 },
    Integers { low: f64, high: f64 },
    Poisson { mu: f64 },
    Binomial { n: f64, p: f64 },
}

impl Shape {
    pub(super) fn new(parameters: &Parameters) -> Result<Self, PriorError> {
        let positive = |at: usize| {
            let (name, value) = (parameters.family.shapes[at], parameters.shapes[at]);
            let is_valid = value > 0.0 && value.is_finite();
            parameters
                .check(name, value, is_valid, "greater than 0")
                .map(|()| value)
        };
        Ok(
            match (parameters.family.name, parameters.shapes.as_slice()) {
                ("loguniform" | "reciprocal", &[_, b]) => {
                    let a = positive(0)?;
                    parameters.check("b", b, b > a && b.is_finite(), "greater than `a`")?;
                    Self::LogUniform { a, b }
                }
                ("truncnorm", &[a, b]) => {
                    parameters.check("a", a, !a.is_nan(), "a number")?;
                    parameters.check("b", b, b > a, "greater than `a`")?;
                    Self::TruncatedNormal {
                        a,
                        b,
                        log_mass: normal::log_mass(a, b),
                    }
                }
                // the standard half-normal is the upper half of the normal
                ("halfnorm", _) => {
                    let (a, b) = (0.0, f64::INFINITY);
                    Self::TruncatedNormal {
                        a,
                        b,
                        log_mass: normal::log_mass(a, b),
                    }
                }
                ("norm", _) => Self::Normal,
                ("lognorm", _) => Self::LogNormal { s: positive(0)? },
                ("beta", _) => Self::Beta {
                    a: positive(0)?,
                    b: positive(1)?,
                },
                ("gamma", _) => Self::Gamma { a: positive(0)? },
                ("expon", _) => Self::Exponential,
                ("triang", &[c]) => {
                    parameters.check("c", c, (0.0..=1.0).contains(&c), "from 0 to 1")?;
                    Self::Triangular { c }
                }
                ("randint", &[low, high]) => {
                    parameters.check("low", low, is_whole(low), "a whole number")?;
                    parameters.check("high", high, is_whole(high), "a whole number")?;
                    parameters.check("high", high, high > low, "greater than `low`")?;
                    Self::Integers { low, high }
                }
                ("poisson", &[mu]) => {
                    let is_valid = (0.0..=MOST).contains(&mu);
                    parameters.check("mu", mu, is_valid, "a number of at least 0")?;
                    Self::Poisson { mu }
                }
                ("binom", &[n, p]) => {
                    parameters.check(
                        "n",
                        n,
                        n >= 0.0 && is_whole(n),
                        "a whole number of at least 0",
                    )?;
                    parameters.check("p", p, (0.0..=1.0).contains(&p), "from 0 to 1")?;
                    Self::Binomial { n, p }
                }
                _ => Self::Uniform,
            },
        )
    }

    pub(super) const fn is_discrete(&self) -> bool {
        matches!(
            self,
            Self::Integers { .. } | Self::Poisson { .. } | Self::Binomial { .. }
        )
    }

    pub(super) const fn support(&self) -> (f64, f64) {
        match *self {
            Self::Uniform | Self::Beta { .. } | Self::Triangular { .. } => (0.0, 1.0),
            Self::LogUniform { a, b } | Self::TruncatedNormal { a, b, .. } => (a, b),
            Self::Normal => (f64::NEG_INFINITY, f64::INFINITY),
            Self::LogNormal { .. }
            | Self::Gamma { .. }
            | Self::Exponential
            | Self::Poisson { .. } => (0.0, f64::INFINITY),
            Self::Integers { low, high } => (low, high - 1.0),
            Self::Binomial { n, .. } => (0.0, n),
        }
    }

    /// A whole number that less than 1e-12 of a Poisson distribution exceeds.
    pub(super) fn far_out(&self) -> f64 {
        match *self {
            Self::Poisson { mu } => (mu + 8.0 * mu.sqrt() + 20.0).ceil(),
            _ => self.support().1,
        }
    }

    /// The density or probability at a value of the support.
    pub(super) fn density(&self, x: f64) -> f64 {
        if self.is_discrete() && x.fract() != 0.0 {
            return 0.0;
        }
        match *self {
            Self::Uniform => 1.0,
            Self::LogUniform { a, b } => 1.0 / (x * log(b / a)),
            Self::Normal => exp(normal::log_density(x)),
            Self::TruncatedNormal { log_mass, .. } => exp(normal::log_density(x) - log_mass),
            Self::LogNormal { s } => {
                if x > 0.0 {
                    exp(normal::log_density(log(x) / s)) / (s * x)
                } else {
                    0.0
                }
            }
            Self::Beta { a, b } => saddle_point::beta(x, a, b),
            Self::Gamma { a } => saddle_point::gamma(x, a),
            Self::Exponential => exp(-x),
            Self::Triangular { c } => {
                if x < c || c >= 1.0 {
                    2.0 * x / c
                } else {
                    2.0 * (1.0 - x) / (1.0 - c)
                }
            }
            Self::Integers { low, high } => 1.0 / (high - low),
            Self::Poisson { mu } => saddle_point::poisson(x, mu),
            Self::Binomial { n, p } => saddle_point::binomial(x, n, p, 1.0 - p),
        }
    }

    pub(super) fn draw(&self, rng: &mut Pcg64) -> f64 {
        match *self {
            Self::Uniform => rng.next_double(),
            Self::LogUniform { a, b } => (a * exp(rng.next_double() * log(b / a))).min(b),
            Self::Normal => standard_normal(rng),
            Self::TruncatedNormal { a, b, .. } => normal::draw_between(a, b, || open_uniform(rng)),
            Self::LogNormal { s } => exp(s * standard_normal(rng)),
            Self::Beta { a, b } => draws::beta(rng, a, b),
            Self::Gamma { a } => exp(draws::log_gamma(rng, a)),
            Self::Exponential => draws::exponential(rng),
            Self::Triangular { c } => {
                let u = rng.next_double();
                if u < c {
                    (u * c).sqrt()
                } else {
                    1.0 - ((1.0 - u) * (1.0 - c)).sqrt()
                }
            }
            Self::Integers { low, high } => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    clippy::cast_sign_loss,
                    reason = "whole and below 2^54"
                )]
                let above = rng.bounded((high - low - 1.0) as u64) as f64;
                low + above
            }
            Self::Poisson { mu } => draws::poisson(rng, mu),
            Self::Binomial { n, p } => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    reason = "whole and at most 2^53"
                )]
                // refused for no `n` and `p` that a shape can have
                let successes = binomial(rng, n as i64, p).map_or(0.0, |count| count as f64);
                successes
            }
        }
    }
}

fn is_whole(value: f64) -> bool {
    value.fract() == 0.0 && value.abs() <= MOST
}
