//! A summary as text for people, in the suite's layout.

use jiff::Timestamp;

use super::format::{duration, size};
use super::{
    BuilderSection, CalibrationBlock, Configuration, ModelSummary, OutputSection, ProjectionBlock,
    RunnerSection, SimulationBlock, Status, Summary,
};

const MIB: f64 = 1024.0 * 1024.0;

impl Summary {
    /// The summary as text, saying that it was written at `now`.
    #[must_use]
    pub fn to_text(&self, now: Timestamp) -> String {
        let mut text = Text::default();
        let rule = "=".repeat(60);
        text.line(&rule);
        text.line("Telemetry Summary");
        text.line(&rule);
        text.line(format!(
            "Generated: {}",
            now.strftime("%Y-%m-%d %H:%M:%S UTC")
        ));
        if let Some(title) = self.title() {
            text.line(title);
        }
        text.blank();
        text.configuration(&self.configuration);
        if self.builder != BuilderSection::default() {
            text.builder(&self.builder);
        }
        if !self.runner.models.is_empty() {
            text.runner(&self.runner);
        }
        if self.output != OutputSection::default() {
            text.output(&self.output);
        }
        text.summary(self);
        text.warnings(&self.warnings);
        text.failure(self);
        text.0
    }

    /// Which stage this is, or which workflow when it has several.
    fn title(&self) -> Option<String> {
        let stages = [
            (self.builder != BuilderSection::default(), "Builder"),
            (!self.runner.models.is_empty(), "Runner"),
            (self.output != OutputSection::default(), "Output"),
        ];
        let there: Vec<&str> = stages
            .iter()
            .filter(|(there, _)| *there)
            .map(|(_, name)| *name)
            .collect();
        match (&self.configuration.workflow_type, there.as_slice()) {
            (Some(workflow), [_, _, ..]) => Some(format!("Workflow: {}", title_case(workflow))),
            (_, [name, ..]) => Some(format!("Stage: {name}")),
            _ => None,
        }
    }
}

/// `calibration_projection` as `Calibration Projection`.
fn title_case(name: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect::<String>()
        })
    };
    name.split('_')
        .map(capitalised)
        .collect::<Vec<_>>()
        .join(" ")
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        self.line(heading);
        self.line("-".repeat(60));
    }

    fn memory(&mut self, peak_mib: Option<f64>) {
        if let Some(peak) = peak_mib {
            self.line(format!("Peak memory: {}", size(peak * MIB)));
        }
    }

    fn configuration(&mut self, configuration: &Configuration) {
        let timespan = configuration
            .start_date
            .as_ref()
            .zip(configuration.end_date.as_ref());
        if configuration.populations.is_none()
            && timespan.is_none()
            && configuration.random_seed.is_none()
        {
            return;
        }
        self.heading("CONFIGURATION");
        if let Some(populations) = &configuration.populations {
            let n = configuration.n_populations.unwrap_or(populations.len());
            self.line(format!("Populations: {n} ({})", populations.join(", ")));
        }
        if let Some((start, end)) = timespan {
            let delta_t = configuration
                .delta_t
                .map_or_else(|| "unknown".to_owned(), |dt| format!("{dt:?}"));
            self.line(format!("Timespan: {start} to {end} (dt={delta_t})"));
        }
        if let Some(seed) = configuration.random_seed {
            self.line(format!("Random seed: {seed}"));
        }
        self.blank();
    }

    fn builder(&mut self, builder: &BuilderSection) {
        self.heading("BUILDER STAGE");
        if let Some(seconds) = builder.times.duration_seconds {
            self.line(format!("Duration: {}", duration(seconds)));
        }
        if let Some(n) = builder.n_models {
            self.line(format!("Models created: {n}"));
        }
        self.memory(builder.times.peak_memory_mb);
        self.blank();
    }

    fn runner(&mut self, runner: &RunnerSection) {
        self.heading("RUNNER STAGE");
        if let Some(seconds) = runner.times.duration_seconds {
            self.line(format!("Total duration: {}", duration(seconds)));
        }
        self.blank();
        for model in &runner.models {
            self.model(model);
        }
        self.memory(runner.times.peak_memory_mb);
        self.blank();
    }

    fn model(&mut self, model: &ModelSummary) {
        self.line(format!(
            "{} (primary_id: {}):",
            model.population, model.primary_id
        ));
        if let Some(simulation) = &model.simulation {
            self.simulation(simulation);
        }
        if let Some(calibration) = &model.calibration {
            self.calibration(calibration);
        }
        if let Some(projection) = &model.projection {
            self.projection(projection);
        }
        if let Some(error) = &model.error {
            self.line(format!("  ERROR: {error}"));
        }
        self.blank();
    }

    fn simulation(&mut self, simulation: &SimulationBlock) {
        self.line(format!(
            "  Simulation: {}",
            duration(simulation.duration_seconds)
        ));
        if let Some(n) = simulation.n_sims {
            self.line(format!("    Simulations: {n}"));
        }
    }

    fn calibration(&mut self, calibration: &CalibrationBlock) {
        self.line(format!(
            "  Calibration: {}",
            duration(calibration.duration_seconds)
        ));
        let number = |n: Option<u64>| n.map_or_else(|| "?".to_owned(), |n| n.to_string());
        if let Some(strategy) = &calibration.strategy {
            let particles = number(calibration.num_particles);
            let generations = number(calibration.num_generations);
            self.line(format!(
                "    Strategy: {strategy} ({particles} particles, {generations} generations)"
            ));
        }
        if let Some(distance) = &calibration.distance_function {
            self.line(format!("    Distance: {distance}"));
        }
        if let Some(accepted) = calibration.particles_accepted {
            self.line(format!("    Particles accepted: {accepted}"));
        }
    }

    fn projection(&mut self, projection: &ProjectionBlock) {
        self.line(format!(
            "  Projection: {}",
            duration(projection.duration_seconds)
        ));
        let failed = match projection.failed_trajectories {
            0 => String::new(),
            failed => format!(" ({failed} failed)"),
        };
        self.line(format!(
            "    Trajectories: {}/{} successful{failed}",
            projection.successful_trajectories, projection.requested_trajectories
        ));
    }

    fn output(&mut self, output: &OutputSection) {
        self.heading("OUTPUT STAGE");
        if let Some(seconds) = output.times.duration_seconds {
            self.line(format!("Duration: {}", duration(seconds)));
        }
        if let Some(files) = &output.files {
            self.line(format!("Files generated: {}", files.len()));
            for file in files {
                self.line(format!(
                    "  - {} ({})",
                    file.name,
                    size(file.size_bytes as f64)
                ));
            }
        }
        if let Some(total) = output.total_size_bytes {
            self.line(format!("Total size: {}", size(total as f64)));
        }
        if let Some(filtered) = output.filtered_projections.filter(|&filtered| filtered > 0) {
            self.line(format!("Filtered projections: {filtered}"));
        }
        self.memory(output.times.peak_memory_mb);
        self.blank();
    }

    fn summary(&mut self, summary: &Summary) {
        self.heading("SUMMARY");
        if let Some(seconds) = summary.total_duration_seconds {
            self.line(format!("Total duration: {}", duration(seconds)));
        }
        self.memory(summary.resources.peak_memory_mb);
        if let Some(user) = summary.resources.cpu_time_user_seconds {
            let system = summary.resources.cpu_time_system_seconds.unwrap_or(0.0);
            self.line(format!(
                "CPU time: {} (user), {} (system)",
                duration(user),
                duration(system)
            ));
        }
        if summary.status == Status::Partial {
            self.line("Status: finished with partial results");
        }
    }

    fn warnings(&mut self, warnings: &[String]) {
        if warnings.is_empty() {
            return;
        }
        self.blank();
        self.heading(&format!("WARNINGS ({})", warnings.len()));
        for warning in warnings {
            self.line(format!("- {warning}"));
        }
    }

    fn failure(&mut self, summary: &Summary) {
        let Some(failure) = &summary.error else {
            return;
        };
        self.blank();
        self.heading("FAILED");
        for (level, link) in failure.chain.iter().enumerate() {
            let lead = if level == 0 { "" } else { "  caused by: " };
            self.line(format!("{lead}{link}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{Failure, OutputFile, Resources, Times};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The suite's own example of a runner's summary, field by field and line by line.
    #[test]
    fn a_calibration_task_reads_as_the_suite_writes_it() {
        let json = r#"{
          "metadata": {"process_id": 2923, "python_version": "3.11.7", "total_duration_seconds": 89.81929},
          "configuration": {}, "builder": {},
          "runner": {
            "models": [{
              "primary_id": 0, "population": "United_States_Massachusetts",
              "calibration": {"duration_seconds": 68.70462274551392, "strategy": "smc",
                              "num_particles": 20, "num_generations": 5},
              "projection": {"duration_seconds": 21.114006519317627, "requested_trajectories": 100,
                             "successful_trajectories": 100, "failed_trajectories": 0}
            }],
            "errors": [],
            "start_time": "2026-11-23T22:19:43.905324", "end_time": "2026-11-23T22:21:13.724614",
            "duration_seconds": 89.81929, "peak_memory_mb": 180.6953125
          },
          "output": {},
          "resources": {"peak_memory_mb": 180.6953125, "cpu_time_user_seconds": 90.7,
                        "cpu_time_system_seconds": 0.15},
          "status": "completed", "warnings": [], "total_duration_seconds": 89.81929
        }"#;
        let summary: Summary = serde_json::from_str(json).unwrap();
        let expected = "\
============================================================
Telemetry Summary
============================================================
Generated: 2026-11-23 22:21:18 UTC
Stage: Runner

RUNNER STAGE
------------------------------------------------------------
Total duration: 1m 29s

United_States_Massachusetts (primary_id: 0):
  Calibration: 1m 8s
    Strategy: smc (20 particles, 5 generations)
  Projection: 21.1s
    Trajectories: 100/100 successful

Peak memory: 180.7 MB

SUMMARY
------------------------------------------------------------
Total duration: 1m 29s
Peak memory: 180.7 MB
CPU time: 1m 30s (user), 0.1s (system)
";
        assert_eq!(summary.to_text(at("2026-11-23T22:21:18Z")), expected);
    }

    #[test]
    fn a_whole_workflow_with_a_failure_shows_every_section() {
        let times = Times {
            duration_seconds: Some(0.3),
            ..Times::default()
        };
        let summary = Summary {
            configuration: Configuration {
                workflow_type: Some("calibration_projection".into()),
                populations: Some(vec!["A".into(), "B".into()]),
                start_date: Some("calibrated".into()),
                end_date: Some("2025-05-31".into()),
                delta_t: Some(1.0),
                random_seed: Some(42),
                ..Configuration::default()
            },
            builder: BuilderSection {
                times: times.clone(),
                n_models: Some(2),
            },
            runner: RunnerSection {
                models: vec![ModelSummary {
                    population: "A".into(),
                    simulation: Some(SimulationBlock {
                        duration_seconds: 0.1,
                        n_sims: Some(10),
                    }),
                    error: Some("no".into()),
                    ..ModelSummary::default()
                }],
                ..RunnerSection::default()
            },
            output: OutputSection {
                times,
                files: Some(vec![OutputFile {
                    name: "q.csv.gz".into(),
                    size_bytes: 2048,
                }]),
                total_size_bytes: Some(2048),
                ..OutputSection::default()
            },
            resources: Resources {
                peak_memory_mb: Some(10.0),
                ..Resources::default()
            },
            warnings: vec!["odd".into()],
            error: Some(Failure {
                chain: vec!["a".into(), "b".into()],
                exit_code: 1,
            }),
            ..Summary::default()
        };
        insta::assert_snapshot!(summary.to_text(at("2026-01-05T00:00:00Z")));
    }
}
