//! What Slurm says of its jobs, read from `squeue --json`.
//!
//! Releases differ: numbers are plain or `{"set": …, "number": …}`, states a word or a list of
//! words. Both are read.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::end::End;

/// A job of an array: the array's number, and its index there.
pub(super) type Key = (u64, u32);

/// A job of an array, or the rest of the array that waits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The array.
    pub(super) array: u64,
    /// The indices in the array: one that runs or has ended, or all that wait.
    pub(super) indices: Vec<u32>,
    /// How it stands.
    pub(super) end: End,
    /// Why it waits.
    pub(super) reason: String,
    /// Its name.
    pub(super) name: String,
}

impl Entry {
    /// The jobs that it stands for.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.indices.iter().map(|index| (self.array, *index))
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
    Some(Entry {
        array,
        indices,
        end: end(job)?,
        reason: text(job, "state_reason"),
        name: text(job, "name"),
    })
}

fn end(job: &Value) -> Option<End> {
    let (exit_code, signal) = job.get("exit_code").map_or((None, None), ended);
    // One that hasn't begun is said to have begun at 0.
    let time = |key| job.get(key).and_then(number).filter(|seconds| *seconds > 0);
    let (started, ended) = (time("start_time"), time("end_time"));
    Some(End {
        state: state(job.get("job_state")?)?,
        exit_code,
        signal,
        started: started
            .and_then(|seconds| Timestamp::from_second(i64::try_from(seconds).ok()?).ok()),
        duration: started
            .zip(ended)
            .and_then(|(started, ended)| ended.checked_sub(started))
            .map(Duration::from_secs),
        peak_memory_mib: None,
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
             "job_state":"FAILED","exit_code":1280,"name":"n","state_reason":"x",
             "start_time":1795561851,"end_time":1795561857},
            {"job_id":1,"array_job_id":1,"array_task_id":null,"array_task_string":"5-8%2",
             "job_state":"PENDING","exit_code":0,"name":"n","start_time":0,"end_time":0}]}"#;
        let jobs = parse(old).unwrap();
        assert_eq!(jobs[0].keys().collect::<Vec<_>>(), [(1, 3)]);
        let end = &jobs[0].end;
        assert_eq!((end.exit_code, end.signal), (Some(5), None));
        assert_eq!(end.started.unwrap().as_second(), 1_795_561_851);
        assert_eq!(end.duration, Some(Duration::from_secs(6)));
        assert!(!end.is_active());
        assert_eq!(jobs[1].indices, [5, 6, 7, 8]);
        assert!(jobs[1].end.is_active());
        assert_eq!((jobs[1].end.started, jobs[1].end.duration), (None, None));
        let new = br#"{"jobs":[{"job_id":2,"array_job_id":{"set":true,"infinite":false,"number":1},
            "array_task_id":{"set":true,"infinite":false,"number":0},"array_task_string":"",
            "job_state":["FAILED"],"name":"n",
            "start_time":{"set":true,"infinite":false,"number":1795561851},
            "exit_code":{"status":["SIGNALED"],"return_code":{"set":false,"number":0},
                         "signal":{"id":{"set":true,"number":9},"name":"KILL"}}}]}"#;
        let jobs = parse(new).unwrap();
        assert_eq!(jobs[0].indices, [0]);
        let end = &jobs[0].end;
        assert_eq!((end.exit_code, end.signal), (None, Some(9)));
        assert!(end.started.is_some());
        assert_eq!(parse(b"slurm_load_jobs error"), None);
    }
}
