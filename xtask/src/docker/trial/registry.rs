//! Pushing to a registry, and getting back what was pushed.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::project::write;
use crate::docker::build;
use crate::failure::Failure;
use crate::process::{run as run_shown, say};
use epycloud_images::Engine;

/// Debian's package of the registry has this program.
const PROGRAM: &str = "docker-registry";
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// `docker-build --push` to a registry on this machine; what is pulled from there is the same image.
pub(super) fn run(engine: &Engine, options: &build::Options) -> Result<(), Failure> {
    let Some(registry) = Registry::start()? else {
        say(&format!(
            "skipped: pushing, as there is no `{PROGRAM}` here"
        ));
        return Ok(());
    };
    let image = format!("{}/trial/epymodelingsuite:pushed", registry.address);
    build::run(&build::Options {
        tag: Some(image.clone()),
        push: true,
        ..options.clone()
    })?;
    let pushed = identity(engine, &image)?;
    remove(engine, &image)?;
    run_shown(
        engine
            .command()
            .args(["pull", "--quiet", &image])
            .stdout(Stdio::null()),
    )?;
    let pulled = identity(engine, &image)?;
    remove(engine, &image)?;
    if pushed != pulled {
        return Err(Failure::unmet(format!(
            "what was pulled isn't what was pushed: {pulled} and {pushed}"
        )));
    }
    say(&format!("push: pulled again, it is the same: {pulled}"));
    Ok(())
}

/// An image's ID and the digest that its registry knows it by.
fn identity(engine: &Engine, image: &str) -> Result<String, Failure> {
    let template = "{{.Id}} {{range .RepoDigests}}{{println .}}{{end}}";
    let repository = image.rsplit_once(':').map_or(image, |(name, _)| name);
    let described = engine.inspect(image, template).unwrap_or_default();
    let mut words = described.split_whitespace();
    let id = words.next().unwrap_or_default().to_owned();
    words
        .find(|digest| digest.starts_with(repository))
        .map(|digest| format!("{id}, {digest}"))
        .ok_or_else(|| Failure::unmet(format!("`{image}` has no digest of its registry's")))
}

fn remove(engine: &Engine, image: &str) -> Result<(), Failure> {
    run_shown(
        engine
            .command()
            .args(["rmi", "--force", image])
            .stdout(Stdio::null()),
    )
}

/// A registry on the loopback address, which Docker trusts without certificates; it ends with this.
struct Registry {
    address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl Registry {
    fn start() -> Result<Option<Self>, Failure> {
        let failed = |source| Failure::File {
            path: PathBuf::from("the registry"),
            source,
        };
        let folder = TempDir::new().map_err(failed)?;
        let address = free_address().map_err(failed)?;
        let config = folder.path().join("config.yml");
        let storage = folder.path().join("images");
        write(
            &config,
            &format!(
                "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: '{address}'}}\n",
                storage.display()
            ),
        )?;
        let started = Command::new(PROGRAM)
            .arg("serve")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = match started {
            Ok(process) => process,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(Failure::Start {
                    program: PROGRAM.into(),
                    source,
                });
            }
        };
        let registry = Self {
            address,
            process,
            _folder: folder,
        };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if begun.elapsed() > PATIENCE {
                return Err(Failure::unmet(format!("`{PROGRAM}` doesn't listen")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Some(registry))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address that nobody listens at; somebody else may take it until the registry does, who then
/// fails.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}
