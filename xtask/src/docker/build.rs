//! `cargo xtask docker-build`.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::bases;
use super::context::{NetworkFile, PROXIES, SUITE_IMAGE, revision, run_or_show, suite_image};
use super::engine::Engine;
use crate::failure::Failure;
use crate::process::say;
use crate::workspace;

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-build
  cargo xtask docker-build --suite-path ../epymodelingsuite
  GITHUB_PAT=… cargo xtask docker-build --target cloud --suite-repo my-lab/epymodelingsuite \\
      --suite-ref v0.2.0 --tag europe-docker.pkg.dev/my-project/epi/epymodelingsuite:latest --push

The token (GITHUB_PAT in the environment) is needed for a private repository only. UV_DEFAULT_INDEX,
CARGO_INDEX, DEBIAN_MIRROR and proxies are taken from the environment where they are set.";

/// A stage of the Dockerfile that is an image of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// For one's own machine and clusters
    Local,
    /// For Google Cloud, with the gcloud CLI
    Cloud,
    /// For Google Cloud, without it
    CloudSlim,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Cloud => "cloud",
            Self::CloudSlim => "cloud-slim",
        })
    }
}

#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// Which image.
    #[arg(long, value_enum, default_value_t = Target::Local)]
    pub(super) target: Target,
    /// Takes epymodelingsuite from a local checkout instead of GitHub.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["suite_repo", "suite_ref"])]
    pub(super) suite_path: Option<PathBuf>,
    /// The GitHub repository of epymodelingsuite (the Dockerfile names the default).
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_MODELING_SUITE_REPO")]
    pub(super) suite_repo: Option<String>,
    /// Its branch, tag or commit.
    #[arg(long, value_name = "REF", env = "GITHUB_MODELING_SUITE_REF")]
    pub(super) suite_ref: Option<String>,
    /// The image's name [default: epymodelingsuite:TARGET].
    #[arg(long, value_name = "NAME:TAG")]
    pub(super) tag: Option<String>,
    /// Pushes it to the registry that its name says.
    #[arg(long)]
    pub(super) push: bool,
    /// Builds every step anew.
    #[arg(long)]
    pub(super) no_cache: bool,
    /// Shows what would be done.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// How progress is shown.
    #[arg(long, default_value = "auto", value_parser = ["auto", "plain", "tty"])]
    pub(super) progress: String,
    /// Certificates (PEM) to be trusted during the build; not kept in the image.
    #[arg(long, value_name = "FILE", env = "SSL_CERT_FILE")]
    pub(super) extra_ca: Option<PathBuf>,
    /// Cargo's profile for the programs.
    #[arg(long, default_value = "release")]
    pub(super) profile: String,
    /// The token of a private repository, if not the environment's GITHUB_PAT.
    #[arg(skip)]
    pub(super) token: Option<String>,
    /// The folder that the image is built from, if not this checkout.
    #[arg(skip)]
    pub(super) context: Option<PathBuf>,
    /// Further arguments for `docker build`.
    #[arg(last = true)]
    pub(super) docker: Vec<String>,
}

impl Options {
    pub(super) fn image(&self) -> String {
        self.tag
            .clone()
            .unwrap_or_else(|| format!("epymodelingsuite:{}", self.target))
    }
}

/// Builds an image and says how large it is.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let engine = Engine::find()?;
    let begun = Instant::now();
    if let Some(checkout) = &options.suite_path {
        run_or_show(&mut suite_image(&engine, checkout)?, options.dry_run)?;
    }
    let network = NetworkFile::of_environment()?;
    let built = run_or_show(&mut command(&engine, options, &network), options.dry_run);
    if built.is_err() {
        hint_at_bases(&engine, options)?;
    }
    built?;
    let image = options.image();
    if !options.dry_run {
        let size = megabytes(engine.size(&image)?);
        let seconds = begun.elapsed().as_secs();
        say(&format!("built {image}: {size} MB, in {seconds} s"));
    }
    if options.push {
        run_or_show(engine.command().args(["push", &image]), options.dry_run)?;
    }
    Ok(())
}

/// Where no registry is reached, the error is about a base image.
fn hint_at_bases(engine: &Engine, options: &Options) -> Result<(), Failure> {
    let missing = bases::missing(engine, options.target == Target::Cloud)?;
    if !missing.is_empty() {
        say(&format!(
            "hint: not on this machine: {}; where no registry can be reached, `cargo xtask \
             docker-bases` makes stand-ins",
            missing.join(", ")
        ));
    }
    Ok(())
}

/// The build, without any secret in its arguments.
pub(super) fn command(engine: &Engine, options: &Options, network: &NetworkFile) -> Command {
    let context = options.context.as_deref().unwrap_or(workspace::root());
    let mut command = engine.command();
    command
        .args(["build", "--file"])
        .arg(context.join("docker/Dockerfile"))
        .args(["--target", &options.target.to_string()])
        .args(["--tag", &options.image()])
        .args(["--progress", &options.progress]);
    if options.no_cache {
        command.arg("--no-cache");
    }
    let mut argument = |name: &str, value: &str| {
        command.args(["--build-arg", &format!("{name}={value}")]);
    };
    argument("CARGO_PROFILE", &options.profile);
    argument("VERSION", env!("CARGO_PKG_VERSION"));
    if let Some(revision) = revision() {
        argument("REVISION", &revision);
    }
    if options.suite_path.is_some() {
        argument("SUITE_SOURCE", SUITE_IMAGE);
    }
    if let Some(repository) = &options.suite_repo {
        argument("GITHUB_MODELING_SUITE_REPO", repository);
    }
    if let Some(reference) = &options.suite_ref {
        argument("GITHUB_MODELING_SUITE_REF", reference);
    }
    for name in PROXIES.into_iter().filter(|name| is_set(name)) {
        command.args(["--build-arg", name]);
    }
    if let Some(token) = &options.token {
        command.env("GITHUB_PAT", token);
    }
    if options.token.is_some() || is_set("GITHUB_PAT") {
        command.args(["--secret", "id=github_pat,env=GITHUB_PAT"]);
    }
    if let Some(path) = network.path() {
        command.args(["--secret", &format!("id=network,src={}", path.display())]);
    }
    if let Some(path) = options.extra_ca.as_ref().filter(|path| path.is_file()) {
        command.args(["--secret", &format!("id=ca,src={}", path.display())]);
    }
    command.args(&options.docker).arg(context);
    command
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// In units of 10⁶ bytes, as Docker counts.
pub(super) fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}
