//! Docker's client, asked for small things.

use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use epycloud_config::Environment;
use tokio::process::Command;

use super::error::ContainerError;

/// The client's program.
pub(super) const PROGRAM: &str = "docker";

/// The client, with the environment that says which daemon it talks to.
#[derive(Debug, Clone)]
pub(super) struct Client(Environment);

impl Client {
    pub(super) fn new(environment: &Environment) -> Self {
        Self(environment.clone())
    }

    /// Whether there is a client and a daemon that answers it.
    pub(super) async fn check(&self) -> Result<(), ContainerError> {
        let asked = self
            .run("version", &["version", "--format", "{{.Server.Version}}"])
            .await;
        match asked {
            Err(ContainerError::Command { reason, .. }) => Err(ContainerError::NoDaemon { reason }),
            asked => asked.map(drop),
        }
    }

    /// What an image is, whatever its tag is given to later.
    pub(super) async fn image_id(&self, image: &str) -> Result<String, ContainerError> {
        let asked = self
            .run(
                "image inspect",
                &["image", "inspect", "--format", "{{.Id}}", image],
            )
            .await;
        match asked {
            Err(ContainerError::Command { reason, .. })
                if reason.to_lowercase().contains("no such image") =>
            {
                Err(ContainerError::NoImage {
                    image: image.to_owned(),
                })
            }
            asked => asked,
        }
    }

    /// The arguments by which files belong to the caller. Of a daemon without root's rights, root in
    /// a container is the caller already; one that maps users has to leave this one alone.
    pub(super) async fn user(&self) -> Result<Vec<String>, ContainerError> {
        let options = self
            .run("info", &["info", "--format", "{{json .SecurityOptions}}"])
            .await?;
        let mut arguments = Vec::new();
        #[cfg(unix)]
        if !options.contains("name=rootless") {
            let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
            arguments.push(format!("--user={}:{}", user.as_raw(), group.as_raw()));
        }
        if options.contains("name=userns") {
            arguments.push("--userns=host".to_owned());
        }
        Ok(arguments)
    }

    /// Removes every container that carries a label; how many there were.
    pub(super) async fn remove_all(&self, label: &str) -> Result<usize, ContainerError> {
        let filter = format!("label={label}");
        let listed = self
            .run("ps", &["ps", "--all", "--quiet", "--filter", &filter])
            .await?;
        let ids: Vec<&str> = listed.lines().collect();
        if !ids.is_empty() {
            let arguments = [&["rm", "--force"], ids.as_slice()].concat();
            let removed = self.run("rm", &arguments).await;
            // One may be gone by itself meanwhile.
            if let Err(error) = removed
                && self.any(&filter).await?
            {
                return Err(error);
            }
        }
        Ok(ids.len())
    }

    async fn any(&self, filter: &str) -> Result<bool, ContainerError> {
        let listed = self
            .run("ps", &["ps", "--all", "--quiet", "--filter", filter])
            .await?;
        Ok(!listed.is_empty())
    }

    /// Runs a command; what it wrote.
    async fn run(
        &self,
        command: &'static str,
        arguments: &[&str],
    ) -> Result<String, ContainerError> {
        let output = Command::new(PROGRAM)
            .args(arguments)
            .env_clear()
            .envs(self.0.pairs())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|source| ContainerError::NoClient { source })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(ContainerError::Command {
            command,
            reason: said.trim().replace('\n', "; "),
        })
    }
}

/// A container that a worker runs in.
#[derive(Debug)]
pub(crate) struct Container {
    client: Client,
    name: String,
    since: SystemTime,
}

impl Container {
    pub(super) fn new(client: Client, name: String) -> Self {
        Self {
            client,
            name,
            since: SystemTime::now(),
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The worker's process as this machine numbers it; none where the daemon is on another machine
    /// (or in a virtual one), whose numbers mean nothing here.
    pub(crate) async fn process(&self) -> Option<u32> {
        let template = "{{.State.Pid}} {{.Id}}";
        let said = self
            .client
            .run("inspect", &["inspect", "--format", template, &self.name])
            .await
            .ok()?;
        let (process, id) = said.split_once(' ')?;
        let groups = std::fs::read_to_string(format!("/proc/{process}/cgroup")).ok()?;
        groups.contains(id).then(|| process.parse().ok())?
    }

    /// Ends it at once. It may have ended by itself, and is removed then.
    pub(crate) async fn remove(&self) {
        let _ = self.client.run("rm", &["rm", "--force", &self.name]).await;
    }

    /// Whether a process of it was ended because it held more memory than the container may.
    pub(crate) async fn ran_out_of_memory(&self) -> bool {
        let time = |time: SystemTime| {
            let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
            format!(
                "{}.{:09}",
                since_epoch.as_secs(),
                since_epoch.subsec_nanos()
            )
        };
        let (since, until) = (time(self.since), time(SystemTime::now()));
        let filter = format!("container={}", self.name);
        let mut arguments = vec!["events", "--since", &since, "--until", &until];
        arguments.extend(["--filter", &filter, "--filter", "event=oom"]);
        arguments.extend(["--format", "{{.Action}}"]);
        let events = self.client.run("events", &arguments).await;
        events.is_ok_and(|events| !events.is_empty())
    }
}
