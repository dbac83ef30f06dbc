//! Tracing subscribers for Cloud Logging and for people.
