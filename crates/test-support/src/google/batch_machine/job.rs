//! One job on its machines.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::task::{Plan, Task, now};
use super::{Shared, TICK};

/// A job that has machines.
pub(super) struct Running<'a> {
    shared: &'a Shared,
    name: String,
    plan: Plan,
    parallelism: usize,
    tasks: Vec<Task>,
}

impl<'a> Running<'a> {
    pub(super) fn of(shared: &'a Shared, job: &Value) -> Self {
        let group = &job["taskGroups"][0];
        let own: Vec<Value> = group["taskEnvironments"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let count = match own.len() {
            0 => group["taskCount"].as_u64().unwrap_or(1),
            count => count as u64,
        };
        let tasks = (0..count).map(|index| {
            let own = own.get(usize::try_from(index).unwrap_or_default());
            Task::new(index, own.map(|own| variables(&own["variables"])))
        });
        Self {
            shared,
            name: text(&job["name"]),
            plan: Plan::of(job),
            parallelism: group["parallelism"].as_u64().map_or(usize::MAX, |most| {
                usize::try_from(most).unwrap_or(usize::MAX)
            }),
            tasks: tasks.collect(),
        }
    }

    /// Runs it to its end, its deletion, or the fake's.
    pub(super) fn run(mut self) {
        loop {
            self.start_tasks();
            for task in &mut self.tasks {
                task.look(&self.plan);
            }
            match self.tell() {
                Some(true) => std::thread::sleep(TICK),
                Some(false) => return,
                None => {
                    self.tasks.iter_mut().for_each(Task::kill);
                    return;
                }
            }
        }
    }

    fn start_tasks(&mut self) {
        let running = self.tasks.iter().filter(|task| task.is_running()).count();
        let room = self.parallelism.saturating_sub(running);
        let pending = self.tasks.iter_mut().filter(|task| task.is_pending());
        for task in pending.take(room) {
            task.start(self.shared, &self.plan, &self.name);
        }
    }

    /// Says how it stands; whether it goes on, or nothing when it is gone.
    fn tell(&mut self) -> Option<bool> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for task in &self.tasks {
            *counts.entry(task.state()).or_default() += 1;
        }
        let is_over = self.tasks.iter().all(Task::is_over);
        let state = match (is_over, counts.contains_key("FAILED")) {
            (false, _) => "RUNNING",
            (true, false) => "SUCCEEDED",
            (true, true) => "FAILED",
        };
        let counts: BTreeMap<&str, String> = counts
            .into_iter()
            .map(|(state, count)| (state, count.to_string()))
            .collect();
        let tasks: Vec<Value> = self
            .tasks
            .iter()
            .map(|task| task.shown(&self.name))
            .collect();
        self.shared.with(|google| {
            let at = google.jobs.iter().position(|job| job["name"] == self.name)?;
            let job = google.jobs.get_mut(at)?;
            if job["status"]["state"] == "DELETION_IN_PROGRESS" {
                google.jobs.remove(at);
                return None;
            }
            job["fakeTasks"] = json!(tasks);
            job["status"]["state"] = json!(state);
            job["status"]["taskGroups"] = json!({ "group0": { "counts": counts } });
            if is_over {
                job["status"]["statusEvents"] =
                    json!([{ "description": format!("Job state is set to {state}."), "eventTime": now() }]);
            }
            Some(!is_over)
        })?
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(super) fn variables(value: &Value) -> Vec<(String, String)> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}
