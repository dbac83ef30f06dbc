//! Container images: stand-ins for their bases, building, checking and trying them.

mod bases;
mod build;
mod context;
mod lint;
mod names;
mod structure;
mod trial;

pub(crate) use bases::{Options as BasesOptions, run as bases};
pub(crate) use build::{Options as BuildOptions, task as build};
pub(crate) use lint::run as lint;
pub(crate) use structure::{Options as StructureOptions, run as structure_test};
pub(crate) use trial::{Options as TestOptions, run as test};
