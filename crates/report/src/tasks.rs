//! The table of tasks.

use std::fmt::Write as _;

use crate::gather::{RunData, TaskRow, TaskState};
use crate::text::{escape, memory, seconds, shortened};

/// Rows of the table; with more tasks, those that failed come first.
const SHOWN: usize = 2_000;
/// Lines of a log, and letters of a line, that are shown.
const LOG_LINES: usize = 20;
const LINE_LETTERS: usize = 300;
/// Bytes of logs on the page.
const LOG_BYTES: usize = 1_000_000;

/// The table, with what filters it.
pub(crate) fn table(html: &mut String, data: &RunData) {
    let rows = shown(&data.tasks);
    if rows.len() < data.tasks.len() {
        let _ = write!(
            html,
            "<p class=\"note\">{} of {} tasks are shown, those without a result first.</p>",
            rows.len(),
            data.tasks.len()
        );
    }
    html.push_str(
        "<p class=\"filter\" hidden><input type=\"search\" placeholder=\"Filter tasks\" \
         aria-label=\"Filter tasks\"> <label><input type=\"checkbox\"> only those without a \
         result</label></p><div class=\"scroll\"><table class=\"tasks sortable\"><thead><tr>",
    );
    for (name, is_number) in [
        ("Task", true),
        ("Population", false),
        ("State", false),
        ("Attempts", true),
        ("Time", true),
        ("Peak memory", true),
        ("Seed", true),
    ] {
        let class = if is_number { " class=\"number\"" } else { "" };
        let _ = write!(html, "<th{class} scope=\"col\">{name}</th>");
    }
    html.push_str("</tr></thead>");
    let mut log_bytes = 0;
    for task in rows {
        row(html, task, &mut log_bytes);
    }
    html.push_str("</table></div>");
}

/// The tasks that are shown, in order.
fn shown(tasks: &[TaskRow]) -> Vec<&TaskRow> {
    if tasks.len() <= SHOWN {
        return tasks.iter().collect();
    }
    let (done, other): (Vec<_>, Vec<_>) =
        tasks.iter().partition(|task| task.state == TaskState::Done);
    other.into_iter().chain(done).take(SHOWN).collect()
}

/// A task is a table body, so that its log goes where it is sorted to.
fn row(html: &mut String, task: &TaskRow, log_bytes: &mut usize) {
    let (class, state) = match task.state {
        TaskState::Done => ("done", "done"),
        TaskState::Failed => ("failed", "failed"),
        TaskState::Waiting => ("waiting", "not run"),
    };
    let _ = write!(
        html,
        "<tbody class=\"{class}\"><tr><td class=\"number\">{}</td><td>{}</td>\
         <td><span class=\"badge {class}\">{state}</span></td><td class=\"number\">{}</td>",
        task.index,
        escape(&task.population.replace('_', " ")),
        task.attempts
    );
    number(html, task.duration_secs, seconds);
    number(html, task.peak_memory_mib, memory);
    let seed = task.seed.map_or_else(String::new, |seed| seed.to_string());
    let _ = write!(html, "<td class=\"number seed\">{seed}</td></tr>");
    if let Some(failure) = &task.failure {
        let how = match (failure.exit_code, failure.signal) {
            (_, Some(signal)) => format!(", signal {signal}"),
            (Some(code), None) => format!(", exit code {code}"),
            (None, None) => String::new(),
        };
        let _ = write!(
            html,
            "<tr class=\"failure\"><td></td><td colspan=\"6\">attempt {} {}{how}: {}",
            failure.number,
            failure.outcome,
            escape(&shortened(&failure.error.join(": "), 600))
        );
        if let Some(hint) = &failure.hint {
            let _ = write!(html, " <em>Hint: {}</em>", escape(hint));
        }
        log(html, &failure.log, log_bytes);
        html.push_str("</td></tr>");
    }
    html.push_str("</tbody>");
}

fn number(html: &mut String, value: Option<f64>, show: fn(f64) -> String) {
    let _ = match value {
        Some(value) => write!(
            html,
            "<td class=\"number\" data-value=\"{value}\">{}</td>",
            show(value)
        ),
        None => write!(html, "<td class=\"number\" data-value=\"-1\">–</td>"),
    };
}

fn log(html: &mut String, lines: &[String], log_bytes: &mut usize) {
    if lines.is_empty() || *log_bytes > LOG_BYTES {
        return;
    }
    let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
    let text: Vec<String> = last
        .iter()
        .map(|line| escape(&shortened(line, LINE_LETTERS)))
        .collect();
    let text = text.join("\n");
    *log_bytes += text.len();
    let _ = write!(
        html,
        "<details><summary>last {} lines of its log</summary><pre>{text}</pre></details>",
        last.len()
    );
}
