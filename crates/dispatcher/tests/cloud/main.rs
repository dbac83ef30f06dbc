//! The built binary in cloud mode: a bucket over HTTP, a git server, a machine's metadata and
//! secrets, all on this machine and all misbehaving on request.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod lab;
mod mischief;
mod repository;
mod secrecy;
mod tables;
