//! Fixtures, redactions and misbehaving wrappers for tests.
