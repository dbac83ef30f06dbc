//! Commands that are run in the image.

use std::process::{Command, Output, Stdio};

use super::schema::{CommandTest, RunOptions, Tests, Variable};
use super::{Findings, compare, excerpt};
use crate::failure::Failure;
use crate::process::{capture, run as run_shown};
use epycloud_images::Engine;

pub(super) fn run(
    engine: &Engine,
    image: &str,
    tests: &Tests,
) -> Result<Vec<(String, Findings)>, Failure> {
    let runner = Runner {
        engine,
        options: &tests.container_run_options,
        everywhere: &tests.global_env_vars,
    };
    tests
        .command_tests
        .iter()
        .map(|test| Ok((test.name.clone(), runner.test(image, test)?)))
        .collect()
}

struct Runner<'a> {
    engine: &'a Engine,
    options: &'a RunOptions,
    everywhere: &'a [Variable],
}

impl Runner<'_> {
    fn test(&self, image: &str, test: &CommandTest) -> Result<Findings, Failure> {
        if test.setup.is_empty() && test.teardown.is_empty() {
            return self.compare(image, test);
        }
        // Each step is run on what the step before left.
        let mut steps = Vec::new();
        let findings = self.with_steps(image, test, &mut steps);
        for step in steps.iter().rev() {
            run_shown(
                self.engine
                    .command()
                    .args(["rmi", "--force", step])
                    .stdout(Stdio::null()),
            )?;
        }
        findings
    }

    fn with_steps(
        &self,
        image: &str,
        test: &CommandTest,
        steps: &mut Vec<String>,
    ) -> Result<Findings, Failure> {
        let mut image = image.to_owned();
        for step in &test.setup {
            image = self.commit(&image, step, test)?;
            steps.push(image.clone());
        }
        let findings = self.compare(&image, test)?;
        for step in &test.teardown {
            image = self.commit(&image, step, test)?;
            steps.push(image.clone());
        }
        Ok(findings)
    }

    fn compare(&self, image: &str, test: &CommandTest) -> Result<Findings, Failure> {
        let mut words = vec![test.command.clone()];
        words.extend(test.args.iter().cloned());
        let mut command = self.container("run", image, &words, &test.env_vars);
        let output = output(&mut command)?;
        let out = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        let mut findings = compare("output", &out, &test.expected_output, &test.excluded_output);
        findings.extend(compare(
            "error output",
            &error,
            &test.expected_error,
            &test.excluded_error,
        ));
        if output.status.code() != Some(test.exit_code) {
            findings.push(format!(
                "{}; expected exit code {}: {}",
                output.status,
                test.exit_code,
                excerpt(&format!("{out}\n{error}"))
            ));
        }
        Ok(findings)
    }

    /// Runs a step and keeps what it left as an image.
    fn commit(&self, image: &str, step: &[String], test: &CommandTest) -> Result<String, Failure> {
        let container = capture(&mut self.container("create", image, step, &test.env_vars))?;
        let container = container.trim();
        let started = run_shown(self.engine.command().args(["start", "--attach", container]));
        let kept = capture(self.engine.command().args(["commit", container]));
        run_shown(
            self.engine
                .command()
                .args(["rm", "--force", container])
                .stdout(Stdio::null()),
        )?;
        started?;
        Ok(kept?.trim().to_owned())
    }

    /// `docker run` or `docker create` of a command in the place of the entry point.
    fn container(
        &self,
        verb: &str,
        image: &str,
        words: &[String],
        variables: &[Variable],
    ) -> Command {
        let mut command = self.engine.command();
        command.arg(verb);
        if verb == "run" {
            command.arg("--rm");
        }
        for variable in self.everywhere.iter().chain(variables) {
            command.args(["--env", &format!("{}={}", variable.key, variable.value)]);
        }
        for name in &self.options.env_vars {
            command.args(["--env", name]);
        }
        if let Some(file) = &self.options.env_file {
            command.args(["--env-file", file]);
        }
        if let Some(user) = &self.options.user {
            command.args(["--user", user]);
        }
        if self.options.privileged {
            command.arg("--privileged");
        }
        for capability in &self.options.capabilities {
            command.args(["--cap-add", capability]);
        }
        for mount in &self.options.bind_mounts {
            command.args(["--volume", mount]);
        }
        let (program, arguments) = words
            .split_first()
            .map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        command
            .args(["--entrypoint", program, image])
            .args(arguments);
        command
    }
}

fn output(command: &mut Command) -> Result<Output, Failure> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Failure::Start {
            program: "docker".into(),
            source,
        })
}
