//! Cloud Build: building the image where it is used.
//!
//! Source: <https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds>

use epycloud_config::{GitRef, GithubRepository, ProjectId, SecretName};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::endpoints::Service;
use crate::pages::page;
use crate::place::Place;
use crate::request::{ApiRequest, Method};
use crate::tolerant::tolerant;

/// The program that builds images.
const DOCKER: &str = "gcr.io/cloud-builders/docker";
/// The program that looks into an image.
const STRUCTURE_TEST: &str = "gcr.io/gcp-runtimes/container-structure-test:latest";
/// The project's own Dockerfile, and its stage for the cloud, as in `deploy/cloudbuild.yaml`.
const DOCKERFILE: &str = "docker/Dockerfile";
const TARGET: &str = "cloud";
/// The variable that a build step sees the token in.
const TOKEN: &str = "GITHUB_PAT";

tolerant! {
    /// How a build stands.
    BuildStatus {
        /// It waits for its turn to be made.
        Pending = "PENDING",
        /// It waits for a machine.
        Queued = "QUEUED",
        /// It runs.
        Working = "WORKING",
        /// It succeeded.
        Success = "SUCCESS",
        /// A step failed.
        Failure = "FAILURE",
        /// Cloud Build failed.
        InternalError = "INTERNAL_ERROR",
        /// It took too long.
        Timeout = "TIMEOUT",
        /// It was cancelled.
        Cancelled = "CANCELLED",
        /// It waited too long.
        Expired = "EXPIRED",
    }
}

impl BuildStatus {
    /// Whether it may still do something.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Pending | Self::Queued | Self::Working)
    }
}

/// A build.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Build {
    /// Its ID.
    pub id: String,
    /// How it stands.
    pub status: BuildStatus,
    /// More of it, in words.
    pub status_detail: Option<String>,
    /// When it was created (RFC 3339).
    pub create_time: Option<String>,
    /// When it began.
    pub start_time: Option<String>,
    /// When it ended.
    pub finish_time: Option<String>,
    /// Its page in the console.
    pub log_url: Option<String>,
    /// The images it pushes.
    pub images: Vec<String>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// What `builds.create` answers: an operation that holds the build.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Submitted {
    metadata: Metadata,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Metadata {
    build: Build,
}

impl Submitted {
    /// The build.
    #[must_use]
    pub fn into_build(self) -> Build {
        self.metadata.build
    }
}

page!(Builds, builds, "builds", Build);

/// Where the files to build from are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A public Git repository.
    Git {
        /// Its `https` address.
        url: String,
        /// The branch, tag or commit.
        revision: String,
    },
    /// A `.tar.gz` in a bucket.
    Archive {
        /// The bucket.
        bucket: String,
        /// The object.
        object: String,
    },
}

/// An image to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageBuild {
    /// Where it is built; the bill goes to the project.
    pub place: Place,
    /// The files.
    pub source: Source,
    /// The image without its tag, as it is pushed.
    pub image: String,
    /// Its tag.
    pub tag: String,
    /// The Dockerfile, from the source's root.
    pub dockerfile: String,
    /// The modelling suite; the Dockerfile's own default if none.
    pub suite_repo: Option<GithubRepository>,
    /// What of it.
    pub suite_ref: Option<GitRef>,
    /// The secret that holds the GitHub token, for a private suite. The build reads it itself; its
    /// value never is in the request.
    pub token_secret: Option<(ProjectId, SecretName)>,
    /// Whether earlier layers are used.
    pub cache: bool,
    /// When it is ended, in seconds.
    pub timeout_secs: u32,
    /// The machine that builds; Cloud Build's default if none.
    pub machine_type: Option<String>,
}

impl ImageBuild {
    fn image_and_tag(&self) -> String {
        format!("{}:{}", self.image, self.tag)
    }

    /// Whether stages and tests of it are known.
    fn is_ours(&self) -> bool {
        self.dockerfile == DOCKERFILE
    }

    fn body(&self) -> Value {
        let image = self.image_and_tag();
        let mut steps = Vec::new();
        if self.cache {
            // There is nothing to pull the first time.
            steps.push(json!({
                "id": "cache",
                "name": DOCKER,
                "args": ["pull", image],
                "allowFailure": true,
            }));
        }
        steps.push(self.build_step());
        if self.is_ours() {
            steps.push(self.test_step());
        }
        let mut options = json!({ "logging": "CLOUD_LOGGING_ONLY" });
        if let Some(machine) = &self.machine_type {
            options["machineType"] = json!(machine);
        }
        let mut body = json!({
            "source": source(&self.source),
            "steps": steps,
            "images": [image],
            "options": options,
            "timeout": format!("{}s", self.timeout_secs),
            "tags": ["epycloud"],
        });
        if let Some((project, name)) = &self.token_secret {
            body["availableSecrets"] = json!({ "secretManager": [{
                "versionName": format!("projects/{project}/secrets/{name}/versions/latest"),
                "env": TOKEN,
            }]});
        }
        body
    }

    /// `docker build`; the token reaches it as a BuildKit secret from the environment, never as an
    /// argument, which the image's history would keep.
    fn build_step(&self) -> Value {
        let mut args = vec![
            "build".to_owned(),
            "--tag".into(),
            self.image_and_tag(),
            "--file".into(),
            self.dockerfile.clone(),
        ];
        let mut add = |flag: &str, value: String| args.extend([flag.to_owned(), value]);
        if self.is_ours() {
            add("--target", TARGET.into());
        }
        if let Some(repository) = &self.suite_repo {
            add(
                "--build-arg",
                format!("GITHUB_MODELING_SUITE_REPO={repository}"),
            );
        }
        if let Some(reference) = &self.suite_ref {
            add(
                "--build-arg",
                format!("GITHUB_MODELING_SUITE_REF={reference}"),
            );
        }
        if self.cache {
            add("--build-arg", "BUILDKIT_INLINE_CACHE=1".into());
            add("--cache-from", self.image_and_tag());
        } else {
            args.push("--no-cache".into());
        }
        if self.token_secret.is_some() {
            args.extend(["--secret".into(), format!("id=github_pat,env={TOKEN}")]);
        }
        args.push(".".into());
        let mut step = json!({
            "id": "build",
            "name": DOCKER,
            "args": args,
            "env": ["DOCKER_BUILDKIT=1"],
        });
        if self.token_secret.is_some() {
            step["secretEnv"] = json!([TOKEN]);
        }
        step
    }

    /// The image is pushed only if it is what it should be.
    fn test_step(&self) -> Value {
        let mut args = vec!["test".to_owned(), "--image".into(), self.image_and_tag()];
        for file in ["container-structure-test", "container-structure-test.cloud"] {
            args.extend(["--config".into(), format!("docker/{file}.yaml")]);
        }
        json!({ "id": "structure-test", "name": STRUCTURE_TEST, "args": args })
    }
}

fn source(source: &Source) -> Value {
    match source {
        Source::Git { url, revision } => {
            json!({ "gitSource": { "url": url, "revision": revision } })
        }
        Source::Archive { bucket, object } => {
            json!({ "storageSource": { "bucket": bucket, "object": object } })
        }
    }
}

fn request(method: Method, path: &str, purpose: impl Into<String>) -> ApiRequest {
    ApiRequest::new(Service::CloudBuild, method, format!("v1/{path}"), purpose)
}

/// Starts a build. The API knows no request ID, so it is repeated only where it surely didn't
/// begin.
#[must_use]
pub fn create(build: &ImageBuild) -> ApiRequest {
    request(
        Method::Post,
        &format!("{}/builds", build.place.path()),
        format!("start the build of `{}`", build.image_and_tag()),
    )
    .with_body(build.body())
    .only_if_refused()
}

/// One build.
#[must_use]
pub fn get(place: &Place, id: &str) -> ApiRequest {
    request(
        Method::Get,
        &format!("{}/builds/{id}", place.path()),
        format!("read build `{id}`"),
    )
}

/// The builds of a place that a filter leaves, the newest first: a listing of [`Builds`].
#[must_use]
pub fn list(place: &Place, filter: Option<&str>) -> ApiRequest {
    let all = request(
        Method::Get,
        &format!("{}/builds", place.path()),
        "list the builds",
    )
    .with("pageSize", "100");
    match filter {
        Some(filter) => all.with("filter", filter),
        None => all,
    }
}
