//! Turns events into lines and writes them.

use std::io::Write;

use epycloud_config::ExecutionMode;
use jiff::Timestamp;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::fields::{Fields, Value};
use crate::filter::Filter;
use crate::severity::Severity;
use crate::{LogOptions, StageContext, json, text};

/// What a line belongs to, in the order it is shown. Fields of these names set it.
pub(crate) const CONTEXT: [&str; 4] = ["stage", "exp_id", "run_id", "task_index"];

/// An event with all that is known of it.
pub(crate) struct Entry<'a> {
    pub(crate) severity: Severity,
    pub(crate) time: Timestamp,
    pub(crate) message: String,
    /// Fields of the names in [`CONTEXT`], in that order.
    pub(crate) context: Fields,
    /// All others: the event's own, then its spans', the nearest first.
    pub(crate) fields: Fields,
    pub(crate) metadata: &'a Metadata<'static>,
}

pub(crate) struct LogLayer<W, C> {
    mode: ExecutionMode,
    filter: Filter,
    context: Fields,
    writer: W,
    clock: C,
}

impl<W, C: Fn() -> Timestamp> LogLayer<W, C> {
    pub(crate) fn new(options: &LogOptions, writer: W, clock: C) -> Self {
        let context = options
            .context
            .as_ref()
            .map(context_fields)
            .unwrap_or_default();
        Self {
            mode: options.mode,
            filter: Filter::new(options.level),
            context,
            writer,
            clock,
        }
    }

    fn entry<'a>(
        &self,
        message: String,
        mut fields: Fields,
        metadata: &'a Metadata<'static>,
    ) -> Entry<'a> {
        fields.add_outer(&self.context);
        let mut context = Fields::default();
        for name in CONTEXT {
            if let Some(value) = fields.take(name) {
                context.set(name, value);
            }
        }
        let severity = Severity::of(metadata);
        Entry {
            severity,
            time: (self.clock)(),
            message,
            context,
            fields,
            metadata,
        }
    }
}

fn into_text(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        other => other.to_string(),
    }
}

fn context_fields(context: &StageContext) -> Fields {
    let mut fields = Fields::default();
    fields.set("stage", Value::Text(context.stage.to_string()));
    if let Some(id) = &context.exp_id {
        fields.set("exp_id", Value::Text(id.to_string()));
    }
    if let Some(id) = &context.run_id {
        fields.set("run_id", Value::Text(id.to_string()));
    }
    if let Some(index) = context.task_index {
        fields.set("task_index", Value::Unsigned(index.get().into()));
    }
    fields
}

impl<S, W, C> Layer<S> for LogLayer<W, C>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
    C: Fn() -> Timestamp + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.filter.enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.filter.max_level())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        // The event's own alone: a span's field of that name is a field like any other.
        let message = fields.take("message").map(into_text).unwrap_or_default();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.add_outer(outer);
            }
        }
        let entry = self.entry(message, fields, event.metadata());
        let line = match self.mode {
            ExecutionMode::Cloud => json::line(&entry),
            ExecutionMode::Local => text::line(&entry),
        };
        // Nobody is left to be told that the log can't be written, and a stage's work must not
        // end because the reader of its log is gone.
        let mut writer = self.writer.make_writer_for(event.metadata());
        let _ = writer.write_all(line.as_bytes());
        let _ = writer.flush();
    }
}
