//! Builder, runner and output stages, their artifacts and their engines.
