//! How a run's progress is shown: bars on a terminal, plain lines elsewhere, JSON for scripts.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::Duration;

use epycloud_config::Stage;
use epycloud_orchestrator::{Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

use crate::printer::Printer;

/// How many failed tasks are named as they fail; all of them are in the report.
const SHOWN_FAILURES: u32 = 5;

/// Shows events as they come.
pub(crate) struct Display {
    printer: Printer,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bar: Option<ProgressBar>,
    tasks: u32,
    failed: u32,
}

impl Display {
    pub(crate) fn new(printer: Printer) -> Self {
        Self {
            printer,
            state: Mutex::default(),
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
            Event::StageStarted { stage, tasks } => self.begin(state, *stage, *tasks),
            Event::TaskFinished { .. } => advance(state),
            Event::TaskFailed { task, error } => {
                state.failed += 1;
                if state.failed <= SHOWN_FAILURES {
                    let error = error.join(": ");
                    self.above_bar(state, |printer| {
                        printer.warning(&format!("task {task} failed: {error}"));
                    });
                }
                advance(state);
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
            Event::TaskStarted { .. } | Event::TaskAdvanced { .. } => {}
        }
    }

    fn begin(&self, state: &mut State, stage: Stage, tasks: u32) {
        state.tasks = tasks;
        state.failed = 0;
        if !self.draws_bars() {
            return;
        }
        let bar = if stage == Stage::Runner {
            ProgressBar::new(u64::from(tasks)).with_style(style(
                "  {spinner:.cyan} {prefix:8} {bar:32.cyan/dim} {pos}/{len} tasks, {msg}{eta} left",
            ))
        } else {
            ProgressBar::new_spinner()
                .with_style(style("  {spinner:.cyan} {prefix:8} {msg}{elapsed}"))
        };
        bar.set_prefix(stage.to_string());
        bar.enable_steady_tick(Duration::from_millis(100));
        state.bar = Some(bar);
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
        self.printer
            .say(&format!("  {stage:8} {tasks}{duration_secs:.2} s"));
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

fn advance(state: &State) {
    if let Some(bar) = &state.bar {
        bar.inc(1);
        if state.failed > 0 {
            bar.set_message(format!("{} failed, ", state.failed));
        }
    }
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
