//! What Slurm says of its jobs, read from `squeue --json`.
//!
//! Releases differ: numbers are plain or `{"set": …, "number": …}`, states a word or a list of
//! words. Both are read.

use serde_json::Value;

/// A job of an array, or the rest of the array that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The array.
    pub(super) array: u64,
    /// The indices in the array: one that runs or has ended, or all that wait.
    pub(super) indices: Vec<u32>,
    /// `RUNNING`, `COMPLETED`, …
    pub(super) state: String,
    /// Why it waits.
    pub(super) reason: String,
    /// Exit code, where it has ended by itself.
    pub(super) exit_code: Option<i32>,
    /// The signal that ended it.
    pub(super) signal: Option<i32>,
    /// Its name.
    pub(super) name: String,
    /// What we wrote into its comment.
    pub(super) comment: String,
}

impl Entry {
    /// Whether it waits or runs.
    pub(super) fn is_active(&self) -> bool {
        matches!(
            self.state.as_str(),
            "PENDING"
                | "RUNNING"
                | "COMPLETING"
                | "CONFIGURING"
                | "SUSPENDED"
                | "RESIZING"
                | "REQUEUED"
                | "REQUEUE_HOLD"
                | "SIGNALING"
                | "STAGE_OUT"
        )
    }
}

/// Reads the answer of `squeue --json`; `None` when it isn't one.
pub(super) fn parse(text: &[u8]) -> Option<Vec<Entry>> {
    let answer: Value = serde_json::from_slice(text).ok()?;
    let jobs = answer.get("jobs")?.as_array()?;
    Some(jobs.iter().filter_map(entry).collect())
}

fn entry(job: &Value) -> Option<Entry> {
    let own = number(job.get("job_id")?)?;
    let array = job
        .get("array_job_id")
        .and_then(number)
        .filter(|array| *array > 0)
        .unwrap_or(own);
    let waiting = text(job, "array_task_string");
    let indices = if waiting.is_empty() {
        let index = job.get("array_task_id").and_then(number)?;
        vec![u32::try_from(index).ok()?]
    } else {
        ranges(&waiting)?
    };
    let (exit_code, signal) = job.get("exit_code").map_or((None, None), ended);
    Some(Entry {
        array,
        indices,
        state: state(job.get("job_state")?)?,
        reason: text(job, "state_reason"),
        exit_code,
        signal,
        name: text(job, "name"),
        comment: text(job, "comment"),
    })
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Object(parts) => {
            let is_set = parts.get("set").and_then(Value::as_bool).unwrap_or(true);
            is_set.then(|| parts.get("number")?.as_u64()).flatten()
        }
        value => value.as_u64(),
    }
}

fn text(job: &Value, key: &str) -> String {
    job.get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn state(value: &Value) -> Option<String> {
    match value {
        Value::Array(states) => states.first()?.as_str().map(str::to_owned),
        value => value.as_str().map(str::to_owned),
    }
}

/// The exit code and the signal: of the status that `wait` gives, or from an object that has both.
fn ended(value: &Value) -> (Option<i32>, Option<i32>) {
    let int = |value: u64| i32::try_from(value).ok();
    if let Some(parts) = value
        .as_object()
        .filter(|parts| parts.contains_key("return_code"))
    {
        let code = parts.get("return_code").and_then(number).and_then(int);
        let signal = parts
            .get("signal")
            .and_then(|signal| signal.get("id").or_else(|| signal.get("signal_id")))
            .and_then(number)
            .and_then(int)
            .filter(|signal| *signal > 0);
        return (code, signal);
    }
    let Some(status) = number(value) else {
        return (None, None);
    };
    match (status & 0x7f, status >> 8) {
        (0, code) => (int(code), None),
        (signal, _) => (None, int(signal)),
    }
}

/// `3,7,10-20%4` and `0-10:2`, as Slurm writes the indices that wait.
pub(super) fn ranges(text: &str) -> Option<Vec<u32>> {
    let text = text.split('%').next()?;
    let mut indices = Vec::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once(':') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        indices.extend((first..=last).step_by(step));
    }
    Some(indices)
}

/// Indices in order as Slurm reads them: `3,7,10-20`.
pub(super) fn as_ranges(indices: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for &index in indices {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => parts.push((index, index)),
        }
    }
    let shown: Vec<String> = parts
        .into_iter()
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        })
        .collect();
    shown.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_written_and_read() {
        assert_eq!(as_ranges(&[1, 3, 5, 6, 7]), "1,3,5-7");
        assert_eq!(ranges("1,3,5-7%2"), Some(vec![1, 3, 5, 6, 7]));
        assert_eq!(ranges("0-6:3"), Some(vec![0, 3, 6]));
        assert_eq!(ranges("1,..."), None);
    }

    #[test]
    fn both_dialects_are_read() {
        let old = br#"{"jobs":[
            {"job_id":2,"array_job_id":1,"array_task_id":3,"array_task_string":"",
             "job_state":"FAILED","exit_code":1280,"name":"n","comment":"c","state_reason":"x"},
            {"job_id":1,"array_job_id":1,"array_task_id":null,"array_task_string":"5-8%2",
             "job_state":"PENDING","exit_code":0,"name":"n","comment":"c"}]}"#;
        let jobs = parse(old).unwrap();
        assert_eq!((jobs[0].array, &jobs[0].indices[..]), (1, &[3][..]));
        assert_eq!((jobs[0].exit_code, jobs[0].signal), (Some(5), None));
        assert!(!jobs[0].is_active());
        assert_eq!(jobs[1].indices, [5, 6, 7, 8]);
        assert!(jobs[1].is_active());
        let new = br#"{"jobs":[{"job_id":2,"array_job_id":{"set":true,"infinite":false,"number":1},
            "array_task_id":{"set":true,"infinite":false,"number":0},"array_task_string":"",
            "job_state":["FAILED"],"name":"n",
            "exit_code":{"status":["SIGNALED"],"return_code":{"set":false,"number":0},
                         "signal":{"id":{"set":true,"number":9},"name":"KILL"}}}]}"#;
        let jobs = parse(new).unwrap();
        assert_eq!(jobs[0].indices, [0]);
        assert_eq!((jobs[0].exit_code, jobs[0].signal), (None, Some(9)));
        assert_eq!(parse(b"slurm_load_jobs error"), None);
    }
}
