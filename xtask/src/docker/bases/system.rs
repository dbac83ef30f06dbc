//! The Debian that the others stand on, as small as the public one: no manuals, no translations.

use std::process::{Command, Stdio};

use super::{LABEL, is_installed};
use crate::failure::Failure;
use crate::process::say;
use epycloud_images::Engine;

/// Left out, as Debian's own slim images leave it out.
const EXCLUDED: [&str; 3] = [
    "/usr/share/doc/*",
    "/usr/share/man/*",
    "/usr/share/locale/*",
];

/// Bootstraps it straight into an image.
pub(super) fn import(engine: &Engine, image: &str) -> Result<(), Failure> {
    if !is_installed("mmdebstrap") {
        return Err(Failure::missing(
            "the stand-ins need `mmdebstrap` (apt-get install mmdebstrap)",
        ));
    }
    let mut bootstrap = Command::new("mmdebstrap");
    bootstrap.args(["--variant=minbase", "--quiet", "--include=ca-certificates"]);
    // apt keeps no caches in the public image.
    for option in ["Dir::Cache::pkgcache \"\"", "Dir::Cache::srcpkgcache \"\""] {
        bootstrap.arg(format!("--aptopt={option}"));
    }
    for pattern in EXCLUDED {
        bootstrap.arg(format!("--dpkgopt=path-exclude={pattern}"));
    }
    say("$ mmdebstrap bookworm | docker import");
    let mut bootstrap = bootstrap
        .args(["bookworm", "-"])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| Failure::Start {
            program: "mmdebstrap".into(),
            source,
        })?;
    let archive = bootstrap
        .stdout
        .take()
        .map_or_else(Stdio::null, Stdio::from);
    let imported = engine
        .command()
        .args(["import", "--change", "CMD [\"bash\"]"])
        .args(["--change", &format!("LABEL {LABEL}=debian")])
        .args(["-", image])
        .stdin(archive)
        .stdout(Stdio::null())
        .status();
    let bootstrapped = bootstrap.wait();
    match (bootstrapped, imported) {
        (Ok(first), Ok(second)) if first.success() && second.success() => Ok(()),
        _ => Err(Failure::unmet("Debian couldn't be bootstrapped")),
    }
}
