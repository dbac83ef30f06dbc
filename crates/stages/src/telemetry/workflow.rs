//! The summaries of all stages as one.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{BuilderSection, Resources, RunnerSection, Status, Summary, Times};

/// Merges the summaries of the stages of one run, as the suite's `create_workflow_telemetry`
/// does: models and errors of all runners in order, wall time from the earliest start to the
/// latest end, CPU time summed, memory the largest. What is missing is left out. Ours besides:
/// warnings of every stage, and a status that says when a stage failed or results are partial.
#[must_use]
pub fn merge(builder: Option<&Summary>, runners: &[Summary], output: Option<&Summary>) -> Summary {
    let stages = || builder.into_iter().chain(runners).chain(output);
    let runner = merge_runners(runners);
    let total = builder
        .and_then(|summary| summary.builder.times.start_time.as_deref())
        .and_then(read_time)
        .zip(
            output
                .and_then(|summary| summary.output.times.end_time.as_deref())
                .and_then(read_time),
        )
        .map(|(start, end)| seconds_between(start, end));
    let mut metadata = builder
        .or(output)
        .map(|summary| summary.metadata.clone())
        .unwrap_or_default();
    metadata.total_duration_seconds = total;
    let peaks = [
        builder.and_then(|summary| summary.builder.times.peak_memory_mb),
        runner.times.peak_memory_mb,
        output.and_then(|summary| summary.output.times.peak_memory_mb),
    ];
    let mut warnings: Vec<String> = Vec::new();
    for warning in stages().flat_map(|summary| &summary.warnings) {
        if !warnings.contains(warning) {
            warnings.push(warning.clone());
        }
    }
    Summary {
        metadata,
        configuration: builder
            .map(|summary| summary.configuration.clone())
            .unwrap_or_default(),
        builder: builder.map_or_else(BuilderSection::default, |summary| summary.builder.clone()),
        runner,
        output: output
            .map(|summary| summary.output.clone())
            .unwrap_or_default(),
        resources: Resources {
            peak_memory_mb: peaks.into_iter().flatten().reduce(f64::max),
            cpu_time_user_seconds: sum(
                stages().map(|summary| summary.resources.cpu_time_user_seconds)
            ),
            cpu_time_system_seconds: sum(
                stages().map(|summary| summary.resources.cpu_time_system_seconds)
            ),
        },
        status: merge_status(builder, output),
        warnings,
        error: output.or(builder).and_then(|summary| summary.error.clone()),
        total_duration_seconds: total,
    }
}

fn merge_runners(runners: &[Summary]) -> RunnerSection {
    let sections = || runners.iter().map(|summary| &summary.runner);
    let time = |text: &Option<String>| text.as_deref().and_then(read_time);
    let start = sections()
        .filter_map(|section| time(&section.times.start_time))
        .min();
    let end = sections()
        .filter_map(|section| time(&section.times.end_time))
        .max();
    RunnerSection {
        models: sections()
            .flat_map(|section| section.models.iter().cloned())
            .collect(),
        errors: sections()
            .flat_map(|section| section.errors.iter().cloned())
            .collect(),
        times: Times {
            start_time: start.map(super::timestamp),
            end_time: end.map(super::timestamp),
            duration_seconds: start
                .zip(end)
                .map(|(start, end)| seconds_between(start, end)),
            peak_memory_mb: sections()
                .filter_map(|section| section.times.peak_memory_mb)
                .reduce(f64::max),
        },
    }
}

/// The workflow ended as stage C did; without one, it hasn't ended unless stage A failed.
fn merge_status(builder: Option<&Summary>, output: Option<&Summary>) -> Status {
    match (builder, output) {
        (_, Some(output)) => output.status,
        (Some(builder), None) if builder.status == Status::Failed => Status::Failed,
        _ => Status::Running,
    }
}

fn sum(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    values.flatten().reduce(|sum, value| sum + value)
}

/// Reads a summary's time: ours, or the suite's, which has no offset (taken as UTC).
fn read_time(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })
}

fn seconds_between(start: Timestamp, end: Timestamp) -> f64 {
    end.duration_since(start).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{Configuration, ModelSummary, OutputSection};

    fn times(start: &str, end: &str, peak: f64) -> Times {
        Times {
            start_time: Some(start.into()),
            end_time: Some(end.into()),
            peak_memory_mb: Some(peak),
            ..Times::default()
        }
    }

    fn resources(user: f64) -> Resources {
        Resources {
            cpu_time_user_seconds: Some(user),
            ..Resources::default()
        }
    }

    #[test]
    fn stages_add_up_to_a_workflow() {
        let builder = Summary {
            configuration: Configuration {
                workflow_type: Some("simulation".into()),
                ..Configuration::default()
            },
            builder: BuilderSection {
                times: times("2026-01-05T10:00:00Z", "2026-01-05T10:00:01Z", 30.0),
                n_models: Some(2),
            },
            resources: resources(1.0),
            status: Status::Completed,
            warnings: vec!["one".into()],
            ..Summary::default()
        };
        let runner = |id: u32, start: &str, end: &str| Summary {
            runner: RunnerSection {
                models: vec![ModelSummary {
                    primary_id: id,
                    ..ModelSummary::default()
                }],
                errors: Vec::new(),
                times: times(start, end, 50.0),
            },
            resources: resources(2.0),
            ..Summary::default()
        };
        // the suite's times have no offset
        let runners = [
            runner(0, "2026-01-05T10:00:02", "2026-01-05T10:00:05"),
            runner(1, "2026-01-05T10:00:03Z", "2026-01-05T10:00:04Z"),
        ];
        let output = Summary {
            output: OutputSection {
                times: times("2026-01-05T10:00:06Z", "2026-01-05T10:00:07.5Z", 40.0),
                ..OutputSection::default()
            },
            resources: resources(4.0),
            status: Status::Partial,
            warnings: vec!["one".into(), "two".into()],
            ..Summary::default()
        };
        let workflow = merge(Some(&builder), &runners, Some(&output));
        assert_eq!(workflow.total_duration_seconds, Some(7.5));
        assert_eq!(workflow.runner.times.duration_seconds, Some(3.0));
        assert_eq!(workflow.runner.models.len(), 2);
        assert_eq!(workflow.resources.peak_memory_mb, Some(50.0));
        assert_eq!(workflow.resources.cpu_time_user_seconds, Some(9.0));
        assert_eq!(workflow.status, Status::Partial);
        assert_eq!(workflow.warnings, ["one", "two"]);
        assert_eq!(
            workflow.configuration.workflow_type.as_deref(),
            Some("simulation")
        );
    }

    #[test]
    fn missing_stages_are_left_out() {
        let workflow = merge(None, &[], None);
        assert_eq!(workflow, Summary::default());
    }
}
