//! Workers in containers: an image's engine on this machine's files.
//!
//! A worker is `docker run --interactive IMAGE worker`: the same protocol over the same pipes as a
//! process of this machine. What it is told is in its environment, by name (`--env NAME`), so that
//! no value is in a command line. Containers of a run carry a label; whatever of them is left when
//! a session begins or ends is removed, so that none competes with the run that resumes.

mod apptainer;
mod arguments;
mod client;
mod error;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use epycloud_config::{Environment, Group, RuntimeSettings, variables};
use epycloud_stages::Sha256;

use arguments::Place;
use client::Client;

pub use apptainer::Apptainer;
pub(crate) use client::Container;
pub use error::ContainerError;

/// The label that containers of a workflow carry; its value names the run.
const RUN_LABEL: &str = "org.epycloud.run";
/// The label of containers that run a single stage or task.
const JOB_LABEL: &str = "org.epycloud.job";

/// Variables that only this machine's stages are told, or that nobody is told in a container.
const LEFT_OUT: [&str; 9] = [
    "STAGE",
    "TASK_INDEX",
    "BATCH_TASK_INDEX",
    "SLURM_ARRAY_TASK_ID",
    "JOB_COMPLETION_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    // The image has its own.
    "EPYCLOUD_PYTHON",
    "VIRTUAL_ENV",
    // It is started as the right user.
    "EPYCLOUD_RUN_AS",
];

/// What containers are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A workflow: nobody else may be at work on the run.
    Workflow,
    /// A single stage or task, beside others of the same run.
    Job,
}

/// How containers are started.
#[derive(Debug, Clone)]
pub struct ContainerOptions {
    /// The image.
    pub image: String,
    /// The most memory that a container may hold, in MiB.
    pub memory_mib: Option<u64>,
    /// What they are made for.
    pub purpose: Purpose,
}

/// An image on this machine, and how containers of it see a run.
#[derive(Debug, Clone)]
pub struct Containers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    /// What never changes: the image itself rather than its tag, which may move.
    image_id: String,
    image: String,
    place: Place,
    /// The run's key, which containers' names begin with.
    key: String,
    label: &'static str,
    count: AtomicU32,
}

impl Containers {
    /// Looks for Docker, its daemon and the image. `environment` is that of the stages on this
    /// machine, which `settings` are made of; the client sees it too.
    ///
    /// # Errors
    /// When one of the three isn't there, or the run's folders can't be made.
    pub async fn find(
        options: &ContainerOptions,
        settings: &RuntimeSettings,
        environment: &Environment,
    ) -> Result<Self, ContainerError> {
        let client = Client::new(environment);
        client.check().await?;
        let image_id = client.image_id(&options.image).await?;
        let user = client.user().await?;
        let data = &settings.local_data_path.value;
        std::fs::create_dir_all(data.join("bucket")).map_err(|source| ContainerError::Folder {
            folder: data.clone(),
            source,
        })?;
        Ok(Self(Arc::new(Inner {
            client,
            image_id,
            image: options.image.clone(),
            place: Place::new(settings, user, options.memory_mib),
            key: key(settings),
            label: match options.purpose {
                Purpose::Workflow => RUN_LABEL,
                Purpose::Job => JOB_LABEL,
            },
            count: AtomicU32::new(0),
        })))
    }

    /// The image as it was asked for, and what it is: `epymodelingsuite:local (sha256:…)`.
    #[must_use]
    pub fn image(&self) -> String {
        format!("{} ({})", self.0.image, self.0.image_id)
    }

    /// The environment of stages in a container, in the place of `environment`, which is that of
    /// stages on this machine; what the client itself needs stays.
    pub(crate) fn environment(&self, environment: Environment) -> Environment {
        self.0.place.environment(environment)
    }

    /// A new container's handle, and the client's arguments that start a worker in it.
    pub(crate) fn next(&self, environment: &Environment) -> (Container, Vec<String>) {
        let inner = &self.0;
        let number = inner.count.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{}-{number}", inner.key, std::process::id());
        let mut arguments: Vec<String> = ["run", "--rm", "--interactive"].map(Into::into).into();
        arguments.push(format!("--name={name}"));
        arguments.push(format!("--label={}={}", inner.label, inner.key));
        arguments.extend(inner.place.arguments(environment));
        arguments.extend([inner.image_id.clone(), "worker".to_owned()]);
        (Container::new(inner.client.clone(), name), arguments)
    }

    /// Removes what is left of the run's containers; how many there were.
    pub(crate) async fn sweep(&self) -> Result<usize, ContainerError> {
        let inner = &self.0;
        let label = format!("{}={}", inner.label, inner.key);
        inner.client.remove_all(&label).await
    }

    /// The client's program.
    pub(crate) fn program() -> &'static str {
        client::PROGRAM
    }
}

/// A run's name on this machine: where it lies is part of it.
fn key(settings: &RuntimeSettings) -> String {
    let run_id = settings
        .run_id
        .as_ref()
        .map_or_else(String::new, |run_id| run_id.value.to_string());
    let experiment = settings
        .exp_id
        .as_ref()
        .map_or_else(String::new, |exp_id| exp_id.value.to_string());
    let place = settings
        .local_data_path
        .value
        .join(settings.dir_prefix.value.as_str())
        .join(experiment);
    let digits = Sha256::of(place.as_os_str().as_encoded_bytes()).to_string();
    format!("epycloud-{run_id}-{}", &digits[..8])
}

/// The names of the variables that a container is given.
fn passed(environment: &Environment) -> impl Iterator<Item = &'static str> {
    variables()
        .iter()
        .filter(|variable| variable.group == Group::Stage)
        .map(|variable| variable.name)
        .filter(|name| !LEFT_OUT.contains(name) && environment.get(name).is_some())
}
