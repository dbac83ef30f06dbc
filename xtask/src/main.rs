//! Development tasks, run as `cargo xtask <task>`.

mod bench;
mod conformance;
mod docker;
mod failure;
mod generate;
mod oracle;
mod process;
mod slurm;
mod soak;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Development tasks of epycloud.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Makes the Python environment that tests compare with (`.venv`, packages from PyPI).
    Setup,
    /// Sets up what the tests need and runs all of them.
    Test(test::Options),
    /// Checks what the compiler can't: layers, file sizes, leftovers, what is generated.
    Tidy,
    /// Writes the workflow's jobs and Terraform's variables from the types that jobs are made with.
    Generate(generate::Options),
    /// Measures speed and memory side by side with the Python pipeline.
    Bench(bench::Options),
    /// Compares the python engine with the modelling suite called directly.
    Conformance(conformance::Options),
    /// Makes this machine a one-node Slurm cluster for the tests (Debian, as root).
    SlurmCluster,
    /// Runs the kill and fault tests many more times than the tests do.
    Soak(soak::Options),
    /// Makes stand-ins for the images' bases, for a machine that reaches no container registry.
    DockerBases(docker::BasesOptions),
    /// Builds an image.
    DockerBuild(docker::BuildOptions),
    /// Checks the Dockerfile, the Compose file, the Cloud Build file and the images' scripts.
    DockerLint,
    /// Runs container structure tests (schema 2.0.0) against an image.
    StructureTest(docker::StructureOptions),
    /// Builds an image and tries it: structure, stages in containers, Compose, users, the token.
    DockerTest(docker::TestOptions),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Setup => oracle::set_up().map(drop),
        Task::Test(options) => test::run(&options),
        Task::Tidy => tidy::run(),
        Task::Generate(options) => generate::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Conformance(options) => conformance::run_all(&options),
        Task::SlurmCluster => slurm::start(),
        Task::Soak(options) => soak::run(&options),
        Task::DockerBases(options) => docker::bases(&options),
        Task::DockerBuild(options) => docker::build(&options),
        Task::DockerLint => docker::lint(),
        Task::StructureTest(options) => docker::structure_test(&options),
        Task::DockerTest(options) => docker::test(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            process::say(&format!("xtask: {failure}"));
            ExitCode::FAILURE
        }
    }
}
