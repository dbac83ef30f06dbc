//! `epycloud run` in the cloud: what is asked of Google, what a person is shown before, and waiting
//! for the end.

mod check;
pub(super) mod client;
mod costs;
mod error;
pub(super) mod job;
mod log;
mod plan;
mod resolve;
mod wait;
pub(super) mod workflow;

use epycloud_errors::Report;
use epycloud_google::{ApiRequest, Client};
use serde::Serialize;
use serde_json::Value;

use crate::printer::Printer;

/// A request that isn't sent.
#[derive(Serialize)]
struct RequestEvent<'a> {
    event: &'static str,
    method: &'static str,
    url: &'a str,
    body: Option<&'a Value>,
}

/// Shows a request instead of sending it. It holds no credentials.
fn show_request(request: &ApiRequest, client: &Client, printer: &Printer) -> Result<(), Report> {
    let url = request.url(client.endpoints())?;
    if printer.json {
        printer.event(&RequestEvent {
            event: "request",
            method: request.method.as_str(),
            url: url.as_str(),
            body: request.body.as_ref(),
        });
        return Ok(());
    }
    printer.data(&format!("{} {url}", request.method.as_str()));
    if let Some(body) = &request.body {
        printer.data(&format!("{body:#}"));
    }
    Ok(())
}
