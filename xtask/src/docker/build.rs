//! `cargo xtask docker-build`.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use clap::{Args, ValueEnum};
use epycloud_config::Environment;
use epycloud_config::user::{Configuration, Selection};
use epycloud_errors::Secret;
use epycloud_images::{Engine, ImageBuild, NetworkFile, revision};

use super::bases;
use super::context::{SUITE_IMAGE, run_or_show, suite_image};
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

/// Builds an image, as the user's configuration has it where no option says otherwise.
pub(crate) fn task(options: &Options) -> Result<(), Failure> {
    run(&configured(options)?)
}

/// Builds an image and says how large it is.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let engine = Engine::find(&Environment::from_process())?;
    let begun = Instant::now();
    if let Some(checkout) = &options.suite_path {
        run_or_show(&mut suite_image(&engine, checkout)?, options.dry_run)?;
    }
    let network = NetworkFile::of(&Environment::from_process())?;
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
    let caller = Environment::from_process();
    let context = options.context.as_deref().unwrap_or(workspace::root());
    let mut arguments = vec![
        ("CARGO_PROFILE", options.profile.clone()),
        ("VERSION", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    arguments.extend(revision(workspace::root()).map(|commit| ("REVISION", commit)));
    if options.suite_path.is_some() {
        arguments.push(("SUITE_SOURCE", SUITE_IMAGE.to_owned()));
    }
    let given = [
        ("GITHUB_MODELING_SUITE_REPO", &options.suite_repo),
        ("GITHUB_MODELING_SUITE_REF", &options.suite_ref),
    ];
    arguments.extend(
        given
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?))),
    );
    let token = options
        .token
        .as_deref()
        .or_else(|| caller.get("GITHUB_PAT"));
    let build = ImageBuild {
        context: context.to_owned(),
        dockerfile: None,
        target: options.target.to_string(),
        image: options.image(),
        arguments,
        cache: !options.no_cache,
        progress: options.progress.clone(),
        token: token.map(|token| Secret::new(token.to_owned())),
        certificates: options.extra_ca.clone(),
        more: options.docker.clone(),
    };
    build.command(engine, &caller, network)
}

/// The options with what the user's configuration says of the image and the suite, where neither an
/// option nor a variable says so.
fn configured(options: &Options) -> Result<Options, Failure> {
    let selection = Selection {
        project_dir: workspace::root().to_owned(),
        ..Selection::default()
    };
    let caller = Environment::from_process();
    let configuration = Configuration::load(&caller, &selection)?;
    let said = |key: &str| {
        let found = configuration.inspection();
        let source = found.source_of(key)?;
        let text = found.text_of(key).filter(|text| !text.is_empty())?;
        (*source != epycloud_config::Source::Default).then(|| text.to_owned())
    };
    let mut options = options.clone();
    if options.suite_path.is_none() {
        options.suite_repo = options
            .suite_repo
            .or_else(|| said("github.modeling_suite_repo"));
        options.suite_ref = options
            .suite_ref
            .or_else(|| said("github.modeling_suite_ref"));
    }
    if options.tag.is_none()
        && let Some(name) = said("docker.image_name")
    {
        options.tag = Some(format!("{name}:{}", options.target));
    }
    if options.token.is_none() && caller.get("GITHUB_PAT").is_none() {
        let token = &configuration.values().github.personal_access_token;
        options.token = token.as_ref().map(|token| token.expose().to_owned());
    }
    Ok(options)
}

/// In units of 10⁶ bytes, as Docker counts.
pub(super) fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}
