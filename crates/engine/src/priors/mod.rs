//! Prior distributions: what `scipy.stats` means by a name and its arguments.
//!
//! A [`Prior`] is scipy's frozen distribution: the same arguments by position or keyword, the same
//! density or mass, the same support. Its draws follow the same distribution, but aren't scipy's
//! numbers for a seed.

pub(crate) mod draws;
mod error;
mod family;
mod normal;
mod saddle_point;
mod shape;

use epycloud_kernel::random::Pcg64;

use crate::schema::modelset::Distribution;
use family::{FAMILIES, Parameters};
use shape::Shape;

pub use error::PriorError;

/// A distribution with all its parameters.
///
/// ```
/// use epycloud_engine::priors::Prior;
/// use epycloud_engine::schema::modelset::Distribution;
///
/// // scipy.stats.uniform(0.5, 0.25): from 0.5 to 0.75
/// let uniform = Distribution { name: "uniform".into(), args: vec![0.5, 0.25], kwargs: vec![] };
/// let prior = Prior::new(&uniform)?;
/// assert_eq!(prior.support(), (0.5, 0.75));
/// assert_eq!(prior.density(0.7), 4.0);
/// # Ok::<(), epycloud_engine::priors::PriorError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    shape: Shape,
    location: f64,
    scale: f64,
}

impl Prior {
    /// The distribution that scipy makes of a name and arguments.
    ///
    /// # Errors
    /// When there is no such distribution here, or scipy refuses the arguments, either at once or
    /// when a number is drawn.
    pub fn new(distribution: &Distribution) -> Result<Self, PriorError> {
        let parameters = Parameters::bind(distribution)?;
        Ok(Self {
            shape: Shape::new(&parameters)?,
            location: parameters.location,
            scale: parameters.scale,
        })
    }

    /// The names of the distributions there are.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FAMILIES.iter().map(|family| family.name)
    }

    /// Whether only whole numbers (from the location on) have a probability, so that
    /// [`density`](Self::density) is a probability and not a density.
    #[must_use]
    pub const fn is_discrete(&self) -> bool {
        self.shape.is_discrete()
    }

    /// The least and greatest value; a discrete distribution takes them and the whole steps
    /// between.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        let (low, high) = self.shape.support();
        (
            low * self.scale + self.location,
            high * self.scale + self.location,
        )
    }

    /// The density (`pdf`) at a value, or the probability of a discrete one (`pmf`).
    #[must_use]
    pub fn density(&self, value: f64) -> f64 {
        let standard = (value - self.location) / self.scale;
        let (low, high) = self.shape.support();
        if (low..=high).contains(&standard) {
            self.shape.density(standard) / self.scale
        } else {
            0.0
        }
    }

    /// Draws a value.
    pub fn draw(&self, rng: &mut Pcg64) -> f64 {
        self.shape.draw(rng) * self.scale + self.location
    }

    /// The values that matter of a discrete distribution: its support, with an end at infinity
    /// drawn in to where less than 1e-12 of the probability lies beyond.
    pub(crate) fn reach(&self) -> (f64, f64) {
        let (low, high) = self.shape.support();
        let high = if high.is_finite() {
            high
        } else {
            self.shape.far_out()
        };
        (low + self.location, high + self.location)
    }
}
