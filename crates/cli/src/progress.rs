//! How a run's progress is shown: bars on a terminal, plain lines elsewhere, JSON for scripts.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use epycloud_config::Stage;
use epycloud_orchestrator::{Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

use crate::printer::Printer;

/// How many failures are named as they happen; all of them are in the report.
const SHOWN_FAILURES: u32 = 5;
/// How often a plain line says how far stage B is.
const LINE_INTERVAL: Duration = Duration::from_secs(10);
/// Steps of the bar a task has, so that it moves while long tasks run.
const STEPS: u64 = 1000;

/// Shows events as they come.
pub(crate) struct Display {
    printer: Printer,
    state: Mutex<State>,
}

struct State {
    bar: Option<ProgressBar>,
    began: Instant,
    said: Instant,
    tasks: u32,
    kept: u32,
    done: u32,
    failed: u32,
    shown: u32,
    /// How far the tasks that run are, in steps.
    running: BTreeMap<u32, u64>,
}

impl State {
    fn new(tasks: u32, kept: u32) -> Self {
        Self {
            bar: None,
            began: Instant::now(),
            said: Instant::now(),
            tasks,
            kept,
            done: 0,
            failed: 0,
            shown: 0,
            running: BTreeMap::new(),
        }
    }

    /// Done, running, failed, and the rate, in words.
    fn counts(&self) -> String {
        let mut text = format!("{}/{} done", self.done, self.tasks);
        if !self.running.is_empty() {
            text.push_str(&format!(", {} running", self.running.len()));
        }
        if self.failed > 0 {
            text.push_str(&format!(", {} failed", self.failed));
        }
        if let Some(rate) = self.rate() {
            text.push_str(&format!(", {rate}"));
        }
        text
    }

    fn rate(&self) -> Option<String> {
        let seconds = self.began.elapsed().as_secs_f64();
        if self.done == 0 || seconds < 0.5 {
            return None;
        }
        let rate = f64::from(self.done) / seconds;
        Some(if rate >= 1.0 {
            format!("{rate:.1}/s")
        } else {
            format!("{:.1}/min", rate * 60.0)
        })
    }

    /// How far stage B is, in steps.
    fn steps(&self) -> u64 {
        u64::from(self.done + self.failed) * STEPS + self.running.values().sum::<u64>()
    }

    /// What is left, by what has been done in how long.
    fn left(&self) -> Option<Duration> {
        let steps = self.steps();
        let all = u64::from(self.tasks) * STEPS;
        let seconds = self.began.elapsed().as_secs_f64();
        (steps > 0 && seconds > 0.5).then(|| {
            Duration::from_secs_f64(seconds * all.saturating_sub(steps) as f64 / steps as f64)
        })
    }
}

impl Display {
    pub(crate) fn new(printer: Printer) -> Self {
        Self {
            printer,
            state: Mutex::new(State::new(0, 0)),
        }
    }

    /// Bars are drawn where people watch and nothing else is asked for.
    fn draws_bars(&self) -> bool {
        let Printer {
            json,
            quiet,
            verbose,
            ..
        } = self.printer;
        !json && !quiet && !verbose && std::io::stderr().is_terminal()
    }

    fn show(&self, state: &mut State, event: &Event) {
        match event {
            Event::StageStarted { stage, tasks, kept } => self.begin(state, *stage, *tasks, *kept),
            Event::StageSkipped { stage, reason } => {
                self.printer
                    .say(&format!("  {:8} skipped: {reason}", stage.to_string()));
            }
            Event::JobSubmitted { stage, job, .. } => {
                let letter = stage.letter();
                self.above_bar(state, |printer| {
                    printer.say(&format!("stage {letter}: job {job} submitted"));
                });
            }
            Event::TaskExplained {
                task,
                population,
                runs,
                reason,
            } => {
                let verb = if *runs { "runs" } else { "doesn't run" };
                self.printer
                    .say(&format!("  task {task} ({population}) {verb}: {reason}"));
            }
            Event::TaskStarted { task, .. } => {
                state.running.insert(*task, 0);
            }
            Event::TaskAdvanced { task, done, of } => {
                let steps = u64::from(*done) * STEPS / u64::from((*of).max(1));
                if let Some(running) = state.running.get_mut(task) {
                    *running = steps.min(STEPS);
                }
            }
            Event::TaskFinished { task, .. } => {
                state.running.remove(task);
                state.done += 1;
            }
            Event::TaskSimulated { task } | Event::TaskStopped { task } => {
                state.running.remove(task);
            }
            Event::TaskRetried {
                task,
                error,
                delay_secs,
                ..
            } => {
                state.running.remove(task);
                let error = error.join(": ");
                let text = format!("task {task} failed, again in {delay_secs} s: {error}");
                self.fail(state, &text);
            }
            Event::TaskFailed { task, error, .. } => {
                state.running.remove(task);
                state.failed += 1;
                self.fail(state, &format!("task {task} failed: {}", error.join(": ")));
            }
            Event::Log { line } => {
                if self.printer.verbose {
                    self.printer.say(line);
                }
            }
            Event::Warning { message } => self.above_bar(state, |printer| printer.warning(message)),
            Event::StageFinished {
                stage,
                duration_secs,
            } => {
                self.end(state, *stage, *duration_secs);
            }
        }
        self.refresh(state);
    }

    fn begin(&self, state: &mut State, stage: Stage, tasks: u32, kept: u32) {
        *state = State::new(tasks, kept);
        if stage == Stage::Runner && kept > 0 {
            self.printer.say(&format!(
                "  {:8} {} done before",
                stage.to_string(),
                count(kept)
            ));
        }
        if !self.draws_bars() {
            return;
        }
        let bar = if stage == Stage::Runner {
            ProgressBar::new(u64::from(tasks) * STEPS).with_style(style(
                "  {spinner:.cyan} {prefix:8} {bar:28.cyan/dim} {msg}",
            ))
        } else {
            ProgressBar::new_spinner().with_style(style("  {spinner:.cyan} {prefix:8} {elapsed}"))
        };
        bar.set_prefix(stage.to_string());
        bar.enable_steady_tick(Duration::from_millis(100));
        state.bar = Some(bar);
    }

    /// Moves the bar, or says a line now and then.
    fn refresh(&self, state: &mut State) {
        if let Some(bar) = &state.bar {
            bar.set_position(state.steps());
            let left = state.left().map_or_else(String::new, |left| {
                format!(", {} left", indicatif::HumanDuration(left))
            });
            bar.set_message(format!("{}{left}", state.counts()));
        } else if !self.draws_bars() && state.said.elapsed() >= LINE_INTERVAL && state.tasks > 0 {
            state.said = Instant::now();
            let left = state.left().map_or_else(String::new, |left| {
                format!(", {} left", indicatif::HumanDuration(left))
            });
            self.printer.say(&format!(
                "  {:8} {}{left}",
                Stage::Runner.to_string(),
                state.counts()
            ));
        }
    }

    fn end(&self, state: &mut State, stage: Stage, duration_secs: f64) {
        if let Some(bar) = state.bar.take() {
            bar.finish_and_clear();
        }
        let tasks = match (stage, state.tasks, state.failed) {
            (Stage::Runner, tasks, 0) => format!("{}, ", count(tasks)),
            (Stage::Runner, tasks, failed) => format!("{}, {failed} failed, ", count(tasks)),
            _ => String::new(),
        };
        self.printer.say(&format!(
            "  {:8} {tasks}{duration_secs:.2} s",
            stage.to_string()
        ));
        *state = State::new(0, state.kept);
    }

    /// Names a failure, if not too many were named.
    fn fail(&self, state: &mut State, text: &str) {
        state.shown += 1;
        if state.shown <= SHOWN_FAILURES {
            self.above_bar(state, |printer| printer.warning(text));
        }
    }

    fn above_bar(&self, state: &State, print: impl FnOnce(&Printer)) {
        match &state.bar {
            Some(bar) => bar.suspend(|| print(&self.printer)),
            None => print(&self.printer),
        }
    }
}

impl Observer for Display {
    fn notify(&self, event: &Event) {
        if self.printer.json {
            self.printer.event(event);
        }
        let mut state = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        self.show(&mut state, event);
    }
}

/// A bar over so many things, where people watch and nothing else is asked for.
pub(crate) fn counter(n: usize, printer: &Printer) -> Option<ProgressBar> {
    let is_watched = !printer.json && !printer.quiet && std::io::stderr().is_terminal();
    is_watched.then(|| {
        let bar = ProgressBar::new(n as u64);
        bar.with_style(style("  {bar:28.cyan/dim} {pos}/{len} {wide_msg:.dim}"))
    })
}

fn count(tasks: u32) -> String {
    if tasks == 1 {
        "1 task".to_owned()
    } else {
        format!("{tasks} tasks")
    }
}

/// The templates are constants of this file; a wrong one falls back to the plain bar.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_counts_what_running_tasks_have_done() {
        let mut state = State::new(4, 0);
        state.began = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        assert_eq!(state.left(), None);
        state.done = 1;
        state.running.insert(1, STEPS);
        let left = state.left().unwrap().as_secs_f64();
        assert!((left - 10.0).abs() < 0.5, "{left}");
        assert_eq!(state.counts(), "1/4 done, 1 running, 6.0/min");
    }
}
