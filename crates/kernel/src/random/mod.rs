//! numpy's random streams and the draws that a simulation makes from them, number for number.
//!
//! [`Pcg64`] is the stream, [`SeedSequence`] what seeds it, [`binomial`] and [`multinomial`] the
//! draws. Which numpy they equal, and on what host, stands in the [crate's documentation](crate).

mod binomial;
mod bounded;
mod multinomial;
mod pcg64;
mod permutation;
mod seed_sequence;

pub use binomial::binomial;
pub use multinomial::{InvalidDraw, multinomial};
pub use pcg64::{Pcg64, Pcg64State};
pub use seed_sequence::SeedSequence;

pub(crate) use binomial::{Conditional, draw_binomial};
pub(crate) use multinomial::check_probabilities;
