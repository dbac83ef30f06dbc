//! From merged texts to typed values; what is wrong is collected.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::key::Key;
use super::layer::{Entry, Layer};
use super::value::{Token, Truth, Whole};
use super::values::{
    BatchConfig, DockerConfig, EngineConfig, GithubConfig, GoogleCloudConfig, LoggingConfig,
    NotificationConfig, RetryPolicyConfig, StageResources, StorageConfig, UserConfig,
    WorkflowConfig,
};
use crate::settings::{Problem, SettingError, Source};

/// What the original's templates have in the place of a value.
pub(crate) fn is_placeholder(key: &str, text: &str) -> bool {
    match key {
        "google_cloud.project_id" | "google_cloud.bucket_name" => text.starts_with("your-"),
        "github.personal_access_token" => {
            let rest = ["github_pat_", "ghp_"]
                .iter()
                .find_map(|start| text.strip_prefix(start));
            rest.is_some_and(|rest| rest.bytes().all(|byte| byte == b'x'))
        }
        _ => false,
    }
}

/// Reads typed values; a wrong one becomes an error, and its built-in default stands in.
pub(crate) struct Reader<'a> {
    resolved: &'a BTreeMap<&'static str, Entry>,
    defaults: &'a Layer,
    pub(crate) errors: Vec<SettingError>,
    /// Every key asked for, so that a test can hold it against the table of keys.
    pub(crate) asked: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(resolved: &'a BTreeMap<&'static str, Entry>, defaults: &'a Layer) -> Self {
        Self {
            resolved,
            defaults,
            errors: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// A value that may be absent.
    fn optional<T>(&mut self, key: &'static str) -> Option<T>
    where
        T: FromStr,
        Problem: From<T::Err>,
    {
        self.asked.push(key);
        let resolved = self.resolved.get(key)?;
        let text = resolved.text.as_deref().filter(|text| !text.is_empty());
        if text.is_none()
            && let Some(Err(problem)) = Key::find(key).map(Key::check_empty)
        {
            self.error(key, &resolved.source, problem);
        }
        let text = text.filter(|text| !is_placeholder(key, text))?;
        match text.parse::<T>().map_err(Problem::from) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.error(key, &resolved.source, with_template_hint(text, problem));
                None
            }
        }
    }

    /// A value that has a default.
    fn required<T>(&mut self, key: &'static str) -> Option<T>
    where
        T: FromStr,
        Problem: From<T::Err>,
    {
        let value = self.optional(key);
        value.or_else(|| {
            let default = self.defaults.entries.get(key)?.text.as_deref()?;
            default.parse().ok()
        })
    }

    fn error(&mut self, key: &'static str, source: &Source, problem: Problem) {
        let name = match source {
            Source::Default => format!("default: {key}"),
            source => format!("{source}: {key}"),
        };
        self.errors.push(SettingError {
            name,
            message: problem.message,
            hint: problem.hint,
        });
    }

    fn stage(&mut self, keys: [&'static str; 4]) -> Option<StageResources> {
        let [cpu, memory, machine, duration] = keys;
        let cpu_milli = self.required::<Whole<1, { u32::MAX }>>(cpu)?.0;
        let memory_mib = self.required::<Whole<1, { u32::MAX }>>(memory)?.0;
        Some(StageResources {
            cpu_milli,
            memory_mib,
            machine_type: self.optional(machine),
            max_run_duration: self
                .required::<Whole<1, { super::key::LONGEST_RUN }>>(duration)?
                .0,
        })
    }

    /// All values; `None` only where the built-in defaults themselves are wrong.
    pub(crate) fn read(&mut self) -> Option<UserConfig> {
        Some(UserConfig {
            storage: StorageConfig {
                dir_prefix: self.required("storage.dir_prefix")?,
            },
            google_cloud: self.google_cloud()?,
            docker: DockerConfig {
                registry: self.required("docker.registry")?,
                repo_name: self.required("docker.repo_name")?,
                image_name: self.required("docker.image_name")?,
                image_tag: self.required("docker.image_tag")?,
            },
            github: GithubConfig {
                modeling_suite_repo: self.optional("github.modeling_suite_repo"),
                modeling_suite_ref: self.required("github.modeling_suite_ref")?,
                forecast_repo: self.optional("github.forecast_repo"),
                forecast_repo_ref: self.optional("github.forecast_repo_ref"),
                personal_access_token: self
                    .optional::<Token>("github.personal_access_token")
                    .map(|token| token.0),
            },
            logging: LoggingConfig {
                level: self.required("logging.level")?,
                storage_verbose: self.required::<Truth>("logging.storage_verbose")?.0,
            },
            workflow: self.workflow()?,
            engine: EngineConfig {
                name: self.optional("engine.name"),
                suite_behaviour: self.optional("engine.suite_behaviour"),
                population_data: self.optional("engine.population_data"),
                data_tables: self.optional("engine.data_tables"),
            },
        })
    }

    fn google_cloud(&mut self) -> Option<GoogleCloudConfig> {
        Some(GoogleCloudConfig {
            project_id: self.optional("google_cloud.project_id"),
            region: self.required("google_cloud.region")?,
            bucket_name: self.optional("google_cloud.bucket_name"),
            billing_project: self.optional("google_cloud.billing_project"),
            service_account_key_path: self.optional("google_cloud.service_account_key_path"),
            github_pat_secret: self.optional("google_cloud.github_pat_secret"),
            network: self.optional("google_cloud.network"),
            subnetwork: self.optional("google_cloud.subnetwork"),
            batch: self.batch()?,
        })
    }

    fn batch(&mut self) -> Option<BatchConfig> {
        const MOST: u32 = super::key::MOST_PARALLEL;
        Some(BatchConfig {
            max_parallelism: self
                .required::<Whole<1, MOST>>("google_cloud.batch.max_parallelism")?
                .0,
            task_count_per_node: self
                .required::<Whole<1, 1000>>("google_cloud.batch.task_count_per_node")?
                .0,
            stage_a: self.stage([
                "google_cloud.batch.stage_a.cpu_milli",
                "google_cloud.batch.stage_a.memory_mib",
                "google_cloud.batch.stage_a.machine_type",
                "google_cloud.batch.stage_a.max_run_duration",
            ])?,
            stage_b: self.stage([
                "google_cloud.batch.stage_b.cpu_milli",
                "google_cloud.batch.stage_b.memory_mib",
                "google_cloud.batch.stage_b.machine_type",
                "google_cloud.batch.stage_b.max_run_duration",
            ])?,
            stage_c: self.stage([
                "google_cloud.batch.stage_c.cpu_milli",
                "google_cloud.batch.stage_c.memory_mib",
                "google_cloud.batch.stage_c.machine_type",
                "google_cloud.batch.stage_c.max_run_duration",
            ])?,
            run_output_stage: self
                .required::<Truth>("google_cloud.batch.stage_c.run_output_stage")?
                .0,
        })
    }

    fn workflow(&mut self) -> Option<WorkflowConfig> {
        Some(WorkflowConfig {
            retry_policy: RetryPolicyConfig {
                max_attempts: self
                    .required::<Whole<1, 100>>("workflow.retry_policy.max_attempts")?
                    .0,
                backoff_seconds: self
                    .required::<Whole<0, 86_400>>("workflow.retry_policy.backoff_seconds")?
                    .0,
            },
            notification: NotificationConfig {
                enabled: self.required::<Truth>("workflow.notification.enabled")?.0,
                email: self.optional("workflow.notification.email"),
            },
        })
    }
}

/// A `{profile}` that is left means that there is no profile.
fn with_template_hint(text: &str, mut problem: Problem) -> Problem {
    if text.contains("{profile}") {
        problem.hint = Some(
            "no profile is active: `--profile NAME` names one for this command, `epycloud profile \
             use NAME` for all"
                .to_owned(),
        );
    }
    problem
}
