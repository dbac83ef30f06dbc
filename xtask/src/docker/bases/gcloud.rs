//! The machine's gcloud CLI, without emulators and other components that the public slim image
//! doesn't have either.

use std::path::Path;

use super::files;
use crate::failure::Failure;

/// Where Debian's package and the public image have it.
const PLACE: &str = "usr/lib/google-cloud-sdk";
const PARTS: [&str; 7] = [
    "usr/lib/google-cloud-sdk/VERSION",
    "usr/lib/google-cloud-sdk/properties",
    "usr/lib/google-cloud-sdk/bin",
    "usr/lib/google-cloud-sdk/lib",
    "usr/lib/google-cloud-sdk/data",
    "usr/lib/google-cloud-sdk/platform/bq",
    "usr/lib/google-cloud-sdk/platform/gsutil",
];
const DOCKERFILE: &str = "FROM scratch\nCOPY usr/ /usr/\n";

/// Puts the context of the stand-in together.
pub(super) fn collect(folder: &Path) -> Result<(), Failure> {
    let root = Path::new("/");
    if !root.join(PLACE).join("bin/gcloud").is_file() {
        return Err(Failure::missing(format!(
            "the stand-in for the target `cloud` needs a gcloud CLI in /{PLACE}"
        )));
    }
    files::copy(
        root,
        &PARTS,
        &["__pycache__", "bin/anthoscli", "bin/kpt", "bin/kubectl*"],
        folder,
    )?;
    files::write(&folder.join("Dockerfile"), DOCKERFILE)
}
