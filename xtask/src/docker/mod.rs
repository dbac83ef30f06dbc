//! Container images: stand-ins for their bases, building, checking and trying them.

mod bases;
mod build;
mod context;
mod engine;

mod names;



pub(crate) use bases::Options as BasesOptions;
pub(crate) use build::Options as BuildOptions;




pub(crate) use bases::run as bases;
pub(crate) use build::run as build;


