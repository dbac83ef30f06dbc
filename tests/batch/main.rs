//! Runs in the cloud whose stages the command submits itself, against a Batch whose machines run the
//! stages as processes, over a bucket and a git server on this machine.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../support/at_home.rs"]
mod at_home;
mod deaths;
mod failures;
mod lab;
#[path = "../support/ran.rs"]
mod ran;
mod reading;
mod stops;
mod success;
mod weather;
