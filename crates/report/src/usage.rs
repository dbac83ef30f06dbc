//! The section on what a run took.

use std::fmt::Write as _;

use epycloud_google::costs::Dollars;

use crate::gather::{RunData, TaskState};
use crate::histogram::{self, Histogram};
use crate::resources::{Resources, StageUse};
use crate::text::{bytes, escape, memory, seconds};

const STAGES: [&str; 3] = ["A builder", "B runner", "C output"];
const NOTHING: &str = "–";

/// The section; nothing where nothing ran.
pub(crate) fn section(html: &mut String, data: &RunData) {
    let resources = &data.resources;
    if resources.stages.iter().all(Option::is_none) {
        return;
    }
    html.push_str("<section><h2>Resources</h2>");
    stages(html, resources);
    let mut stored = vec![
        ("inputs", resources.inputs_bytes),
        ("results", resources.results_bytes),
    ];
    if let Some(outputs) = &data.record.outputs {
        let size = outputs.files.iter().map(|file| file.bytes).sum();
        stored.push(("outputs", size));
    }
    let stored: Vec<String> = stored
        .into_iter()
        .map(|(what, size)| format!("{what} {}", bytes(size)))
        .collect();
    let _ = write!(html, "<p class=\"note\">Stored: {}.</p>", stored.join(", "));
    cost(html, resources);
    histograms(html, data);
    html.push_str("</section>");
}

fn stages(html: &mut String, resources: &Resources) {
    let has_costs = resources
        .stages
        .iter()
        .flatten()
        .any(|stage| stage.cost.is_some());
    html.push_str("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Stage</th>");
    let mut columns = vec!["Took", "Task time", "At once", "Memory"];
    if has_costs {
        columns.push("Cost");
    }
    for column in columns {
        let _ = write!(html, "<th class=\"number\" scope=\"col\">{column}</th>");
    }
    html.push_str("</tr></thead>");
    for (name, stage) in STAGES.into_iter().zip(&resources.stages) {
        if let Some(stage) = stage {
            row(html, name, stage, has_costs);
        }
    }
    html.push_str("</table></div>");
}

fn row(html: &mut String, name: &str, stage: &StageUse, has_costs: bool) {
    let at_once = if stage.took_secs > 0.0 {
        format!("{:.1}", stage.tasks_secs / stage.took_secs)
    } else {
        NOTHING.to_owned()
    };
    let mut cells = vec![
        seconds(stage.took_secs),
        seconds(stage.tasks_secs),
        at_once,
        stage
            .peak_memory_mib
            .map_or_else(|| NOTHING.to_owned(), memory),
    ];
    if has_costs {
        cells.push(
            stage
                .cost
                .as_ref()
                .map_or_else(|| NOTHING.to_owned(), Dollars::to_string),
        );
    }
    let _ = write!(html, "<tbody><tr><td>{name}</td>");
    for cell in cells {
        let _ = write!(html, "<td class=\"number\">{cell}</td>");
    }
    html.push_str("</tr></tbody>");
}

fn cost(html: &mut String, resources: &Resources) {
    let date = &resources.prices_of;
    if let Some(cost) = resources.cost() {
        let _ = write!(
            html,
            "<p class=\"note\">Machines cost {} in all, by Google's list prices of {date}: an estimate, \
             not the bill. Stages A and C are counted once.</p>",
            about(cost)
        );
    } else if let Some(elsewhere) = &resources.elsewhere {
        let shared = match elsewhere.tasks_at_once {
            1 => String::new(),
            tasks => format!(", shared by {tasks}"),
        };
        let _ = write!(
            html,
            "<p class=\"note\">The time of the tasks would cost {} on Google Cloud ({}{shared}, {}), \
             by list prices of {date} and if its machines are as fast.</p>",
            about(elsewhere.cost),
            escape(&elsewhere.machine_type),
            elsewhere.region
        );
    }
}

/// An amount that is no more exact than what it comes from.
fn about(cost: Dollars) -> String {
    let shown = cost.to_string();
    if shown.starts_with('$') {
        format!("about {shown}")
    } else {
        shown
    }
}

/// How time and memory differ between tasks.
fn histograms(html: &mut String, data: &RunData) {
    let done = || {
        data.tasks
            .iter()
            .filter(|task| task.state == TaskState::Done)
    };
    let times: Vec<f64> = done().filter_map(|task| task.duration_secs).collect();
    let peaks: Vec<f64> = done().filter_map(|task| task.peak_memory_mib).collect();
    let pictures: String = [
        Histogram {
            title: "Time of a task",
            values: &times,
            label: seconds,
        },
        Histogram {
            title: "Peak memory of a task",
            values: &peaks,
            label: memory,
        },
    ]
    .iter()
    .filter_map(histogram::draw)
    .collect();
    if !pictures.is_empty() {
        let _ = write!(html, "<div class=\"fans\">{pictures}</div>");
    }
}
