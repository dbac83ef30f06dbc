//! What can go wrong with programs that commands hand work to: Docker, Terraform, Cloud Build.

use std::path::PathBuf;

use epycloud_errors::{Diagnose, ExitCode};

/// What can go wrong with programs that commands hand work to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    /// Terraform isn't installed.
    #[error("there is no `terraform` on PATH")]
    NoTerraform,
    /// The project has nothing for Terraform.
    #[error("`{}` has no folder `terraform` or `deploy/terraform`", .project.display())]
    NoTerraformFolder {
        /// The project.
        project: PathBuf,
    },
    /// The folder that is named isn't one.
    #[error("`{}` is no folder", .folder.display())]
    NoFolder {
        /// What was named.
        folder: PathBuf,
    },
    /// Somebody has to agree, and nobody is at the terminal.
    #[error("`terraform {command}` changes what is in the cloud, and nobody can be asked")]
    NobodyAgrees {
        /// The command.
        command: &'static str,
    },
    /// A program can't be started.
    #[error("`{program}` can't be started")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A program failed; what it said has been seen.
    #[error("`{command}` failed ({status})")]
    Failed {
        /// What was asked of it.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// The bucket for the files to build from can't be called so.
    #[error("the bucket for the files to build from can't be called so")]
    SourceBucket {
        /// Why not.
        source: epycloud_config::IdentifierError,
    },
    /// The files to build from can't be sent.
    #[error("the files to build from can't be sent to `gs://{bucket}`")]
    Upload {
        /// The bucket.
        bucket: String,
        /// Why.
        source: epycloud_storage::StorageError,
    },
    /// A build in the cloud failed.
    #[error("build `{id}` ended as {status}")]
    Build {
        /// The build.
        id: String,
        /// How it ended.
        status: String,
        /// Its page in the console.
        log: Option<String>,
    },
}

impl Diagnose for ToolError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoTerraformFolder { .. }
            | Self::NoFolder { .. }
            | Self::NobodyAgrees { .. }
            | Self::SourceBucket { .. } => ExitCode::Usage,
            Self::Upload { source, .. } => source.exit_code(),
            _ => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoTerraform => {
                Some("install it: https://developer.hashicorp.com/terraform/install".into())
            }
            Self::NoTerraformFolder { .. } => Some(
                "name the project with `--project-dir`, or the folder with `--terraform-dir`"
                    .into(),
            ),
            Self::NobodyAgrees { .. } => Some("`--auto-approve` agrees beforehand".into()),
            Self::SourceBucket { .. } => Some("`--source-bucket` names another".into()),
            Self::Upload { bucket, .. } => Some(format!(
                "`gcloud storage buckets create gs://{bucket}` makes the bucket; `--source-bucket` \
                 names another, and `--from-commit` does without"
            )),
            Self::Build { log: Some(log), .. } => Some(format!("its log: {log}")),
            _ => None,
        }
    }
}
