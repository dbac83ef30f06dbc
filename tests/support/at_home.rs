//! `epycloud` of a user at home, to whom a server plays Google's services.

use std::path::Path;
use std::process::{Command, Stdio};

use epycloud_test_support::google::FakeGoogle;

/// The command with the given arguments, in the user's home and an environment of its own.
pub(crate) fn epycloud(home: &Path, google: &FakeGoogle, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_epycloud"));
    command
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .env("HOME", home)
        .env("TZ", "UTC")
        .env("EPYCLOUD_GOOGLE_ENDPOINT", google.url())
        .env("GCE_METADATA_HOST", google.host())
        .stdin(Stdio::null());
    command
}
