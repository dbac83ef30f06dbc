//! The page.

use std::fmt::Write as _;

use epycloud_orchestrator::record::{RunStatus, StoredSession, shared_cause};
use jiff::Timestamp;

use crate::fan::FanSet;
use crate::fit::Fit;
use crate::gather::{RunData, TaskState};
use crate::text::{bytes, digits, escape, memory, moment, seconds, shortened};
use crate::{chart, posterior, tasks, timeline, usage};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// How many causes the summary names.
const SHOWN_CAUSES: usize = 8;

/// The report as HTML.
pub(crate) fn render(data: &RunData) -> String {
    let record = &data.record;
    let title = format!("{} · {}", record.exp_id, record.run_id);
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\
         <title>{0}</title><style>{STYLE}</style></head><body><main>",
        escape(&title)
    );
    header(&mut html, data);
    summary(&mut html, data);
    if let Some(fans) = &data.fans {
        charts(&mut html, "", fans);
    }
    if let Some(fit) = &data.fit {
        charts(&mut html, "The fit of ", &fit.fans);
        posteriors(&mut html, fit);
    }
    if let Some(svg) = timeline::draw(data) {
        html.push_str("<section><h2>Timeline</h2>");
        if data.attempts.len() < data.n_attempts {
            let (shown, all) = (data.attempts.len(), data.n_attempts);
            let _ = write!(
                html,
                "<p class=\"note\">The first {shown} of {all} attempts are shown.</p>"
            );
        }
        let _ = write!(html, "<div class=\"scroll\">{svg}</div></section>");
    }
    usage::section(&mut html, data);
    html.push_str("<section><h2>Tasks</h2>");
    tasks::table(&mut html, data);
    html.push_str("</section>");
    outputs(&mut html, data);
    provenance(&mut html, data);
    sessions(&mut html, data);
    let _ = write!(
        html,
        "<footer>Written by epycloud {}. Times are UTC.</footer></main>\
         <script>{SCRIPT}</script></body></html>",
        escape(&record.provenance.program_version)
    );
    html
}

fn header(html: &mut String, data: &RunData) {
    let record = &data.record;
    let class = match record.status {
        RunStatus::Done => "done",
        RunStatus::Partial => "partial",
        RunStatus::Failed => "failed",
        RunStatus::Running | RunStatus::Stopped => "waiting",
    };
    let _ = write!(
        html,
        "<header><p class=\"kicker\">Experiment {}</p><h1>{} \
         <span class=\"badge {class}\">{}</span></h1></header>",
        escape(record.exp_id.as_str()),
        escape(record.run_id.as_str()),
        record.status.as_str()
    );
}

fn summary(html: &mut String, data: &RunData) {
    let count = |state| data.tasks.iter().filter(|task| task.state == state).count();
    let (done, failed) = (count(TaskState::Done), count(TaskState::Failed));
    let busy: f64 = data
        .tasks
        .iter()
        .filter_map(|task| task.duration_secs)
        .sum();
    let peak = data
        .tasks
        .iter()
        .filter_map(|task| task.peak_memory_mib)
        .fold(0.0, f64::max);
    html.push_str("<section class=\"summary\"><dl class=\"cards\">");
    let mut card = |name: &str, value: String| {
        let _ = write!(html, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    };
    card("Tasks done", format!("{done} of {}", data.tasks.len()));
    card("Tasks failed", failed.to_string());
    card("Attempts", data.n_attempts.to_string());
    card("Time of tasks", seconds(busy));
    if data.lost_secs > 0.0 {
        card("Lost in attempts", seconds(data.lost_secs));
    }
    let at_work: f64 = data.sessions.iter().filter_map(at_work_secs).sum();
    if at_work > 0.0 {
        card("Sessions took", seconds(at_work));
    }
    if peak > 0.0 {
        card("Most memory", memory(peak));
    }
    card("Begun", moment(&data.record.created));
    html.push_str("</dl>");
    if !data.record.error.is_empty() {
        let _ = write!(
            html,
            "<p class=\"alert\">{}</p>",
            escape(&shortened(&data.record.error.join(": "), 1200))
        );
    }
    causes(html, data);
    html.push_str("</section>");
}

/// How long a session was at work, as far as it has said.
fn at_work_secs(stored: &StoredSession) -> Option<f64> {
    let progress = stored.progress.as_ref().map(|progress| &progress.updated);
    let last = stored.end.as_ref().map(|end| &end.ended).or(progress)?;
    let (began, last): (Timestamp, Timestamp) =
        (stored.session.started.parse().ok()?, last.parse().ok()?);
    Some(last.duration_since(began).as_secs_f64().max(0.0))
}

/// Which tasks the outputs lack, those of one cause together.
fn causes(html: &mut String, data: &RunData) {
    let mut causes: Vec<(String, Vec<u32>)> = Vec::new();
    let lacking = data
        .tasks
        .iter()
        .filter(|task| task.state == TaskState::Failed);
    for task in lacking {
        let cause = task.failure.as_ref().map_or_else(String::new, |failure| {
            shared_cause(&failure.cause(), task.index)
        });
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, tasks)) => tasks.push(task.index),
            None => causes.push((cause, vec![task.index])),
        }
    }
    if causes.is_empty() {
        return;
    }
    html.push_str("<div class=\"alert\"><strong>Without a result</strong><ul>");
    for (cause, tasks) in causes.iter().take(SHOWN_CAUSES) {
        let named: Vec<String> = tasks.iter().take(20).map(u32::to_string).collect();
        let more = if tasks.len() > 20 { ", …" } else { "" };
        let _ = write!(
            html,
            "<li>{} {}{more}: {}</li>",
            if tasks.len() == 1 { "task" } else { "tasks" },
            named.join(", "),
            escape(&shortened(cause, 400))
        );
    }
    if causes.len() > SHOWN_CAUSES {
        let _ = write!(html, "<li>{} more causes</li>", causes.len() - SHOWN_CAUSES);
    }
    html.push_str("</ul></div>");
}

fn charts(html: &mut String, prefix: &str, fans: &FanSet) {
    let what = fans
        .column
        .trim_end_matches("_total")
        .replacen("_to_", " → ", 1);
    let _ = write!(
        html,
        "<section><h2>{prefix}{}</h2><p class=\"note\">Median, middle 50 % and middle 95 % of the \
         simulations{}, from <code>{}</code>",
        escape(&what),
        if fans.fans.iter().any(|fan| !fan.observed.is_empty()) {
            "; dots are observations"
        } else {
            ""
        },
        escape(&fans.table)
    );
    if fans.fans.len() < fans.n_tasks {
        let _ = write!(
            html,
            "; the first {} of {} tasks",
            fans.fans.len(),
            fans.n_tasks
        );
    }
    html.push_str(".</p><div class=\"fans\">");
    for fan in &fans.fans {
        html.push_str(&chart::draw(fan));
    }
    html.push_str("</div></section>");
}

fn posteriors(html: &mut String, fit: &Fit) {
    if fit.posteriors.is_empty() {
        return;
    }
    html.push_str(
        "<section><h2>Posteriors</h2><p class=\"note\">Median and middle 95 % (the bars: 50 and \
         95 %), on tracks as long as the priors.</p><div class=\"fans\">",
    );
    for posterior in &fit.posteriors {
        html.push_str(&posterior::draw(posterior));
    }
    html.push_str("</div></section>");
}

fn outputs(html: &mut String, data: &RunData) {
    let Some(outputs) = &data.record.outputs else {
        return;
    };
    let _ = write!(
        html,
        "<section><h2>Outputs</h2><p class=\"note\">In <code>outputs/{}</code></p>\
         <div class=\"scroll\"><table class=\"sortable\"><thead><tr><th scope=\"col\">File</th>\
         <th scope=\"col\" class=\"number\">Size</th><th scope=\"col\">SHA-256</th></tr></thead>",
        escape(outputs.folder.as_str())
    );
    for file in &outputs.files {
        let hash = file.sha256.to_string();
        let _ = write!(
            html,
            "<tbody><tr><td>{}</td><td class=\"number\" data-value=\"{}\">{}</td>\
             <td><code title=\"{hash}\">{}</code></td></tr></tbody>",
            escape(file.name.as_str()),
            file.bytes,
            bytes(file.bytes),
            digits(&hash)
        );
    }
    html.push_str("</table></div></section>");
}

fn provenance(html: &mut String, data: &RunData) {
    let known = &data.record.provenance;
    let mut rows: Vec<(String, String)> = vec![(
        "Engine".into(),
        format!("{} {}", known.engine, known.engine_version),
    )];
    for (name, version) in &known.versions {
        rows.push((format!("Version of {name}"), version.clone()));
    }
    let dirty = match known.dirty {
        Some(true) => " (files differed from it)",
        Some(false) => "",
        None => " (whether files differed isn't known)",
    };
    rows.push((
        "Commit of the repository".into(),
        known.commit.as_ref().map_or_else(
            || "no git repository".to_owned(),
            |id| format!("{id}{dirty}"),
        ),
    ));
    let seed = known.random_seed.map_or_else(
        || "a seed of its own for each task".to_owned(),
        |seed| seed.to_string(),
    );
    rows.push(("Seed".into(), seed));
    let sources = known.sources.iter();
    for (name, hash) in sources.flat_map(|sources| sources.config.iter().chain(&sources.data)) {
        rows.push((format!("SHA-256 of {name}"), hash.to_string()));
    }
    if let Some(image) = &known.image {
        rows.push(("Image".into(), image.clone()));
    }
    if let Some(file) = &known.image_file {
        rows.push(("SHA-256 of the image".into(), file.sha256.to_string()));
    }
    if let Some(hash) = &known.data_sha256 {
        rows.push(("SHA-256 of the population data".into(), hash.to_string()));
    }
    if let Some(hash) = &known.manifest_sha256 {
        rows.push(("SHA-256 of the manifest".into(), hash.to_string()));
    }
    let machine = &known.machine;
    rows.push((
        "Machine".into(),
        format!(
            "{}, {} {}, {} cores{}{}",
            machine.host,
            machine.os,
            machine.architecture,
            machine.cores,
            machine
                .memory_mib
                .map_or_else(String::new, |mib| format!(", {}", memory(mib as f64))),
            machine
                .processor
                .as_ref()
                .map_or_else(String::new, |name| format!(", {name}"))
        ),
    ));
    html.push_str("<section><h2>Provenance</h2><div class=\"scroll\"><table class=\"pairs\">");
    for (name, value) in rows {
        let _ = write!(
            html,
            "<tbody><tr><th scope=\"row\">{}</th><td>{}</td></tr></tbody>",
            escape(&name),
            escape(&value)
        );
    }
    html.push_str("</table></div></section>");
}

fn sessions(html: &mut String, data: &RunData) {
    html.push_str(
        "<section><h2>Sessions</h2><div class=\"scroll\"><table><thead><tr>\
         <th scope=\"col\">Begun</th><th scope=\"col\">Ended</th><th scope=\"col\">How</th>\
         <th scope=\"col\">Executor</th><th scope=\"col\">Host</th>\
         <th scope=\"col\" class=\"number\">Done</th>\
         <th scope=\"col\" class=\"number\">Failed</th>\
         <th scope=\"col\" class=\"number\">Kept</th></tr></thead>",
    );
    for stored in &data.sessions {
        let (ended, how) = match &stored.end {
            Some(end) => (moment(&end.ended), end.status.as_str()),
            None if stored.is_at_work() => (String::new(), "at work"),
            None => (String::new(), "killed"),
        };
        let progress = stored.progress.clone().unwrap_or_default();
        let _ = write!(
            html,
            "<tbody><tr><td>{}</td><td>{ended}</td><td>{how}</td><td>{}</td><td>{}</td>\
             <td class=\"number\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td></tr></tbody>",
            moment(&stored.session.started),
            escape(&stored.session.executor),
            escape(&stored.session.process.host),
            progress.done,
            progress.failed,
            progress.kept
        );
    }
    html.push_str("</table></div></section>");
}
