//! What an answer is by what is scripted and what the services say.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::faults::Misbehaviour;
use super::requests::Recorded;
use super::services::{Answer, answer};
use super::state::State;
use crate::http;

/// Serves until it is dropped.
pub(super) fn start(state: Arc<Mutex<State>>) -> io::Result<http::Server> {
    let server = http::Server::start(Arc::new(move |asked| {
        let state = Arc::clone(&state);
        Box::pin(async move { handle(&Recorded::of(&asked), &state).await })
    }))?;
    // The requests are kept here, as tests of Google's services look at them.
    server.stop_recording();
    Ok(server)
}

async fn handle(request: &Recorded, state: &Mutex<State>) -> http::Answer {
    let (misbehaviour, answered) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.requests.push(request.clone());
        let misbehaviour = state.due(request);
        let answered = match &misbehaviour {
            Some(Misbehaviour::Status(code, body, wait)) => Answer {
                code: *code,
                body: body.clone(),
                wait: *wait,
            },
            _ => answer(&mut state, request),
        };
        (misbehaviour, answered)
    };
    let mut sent = http::Answer::json(answered.body.to_string());
    sent.status = answered.code;
    if let Some(seconds) = answered.wait {
        sent = sent.with("retry-after", seconds.to_string());
    }
    match misbehaviour {
        Some(Misbehaviour::Lost) => sent.trouble = Some(http::Trouble::LostAnswer),
        Some(Misbehaviour::Truncated) => sent.trouble = Some(http::Trouble::Truncated),
        Some(Misbehaviour::Slow(time)) => tokio::time::sleep(time).await,
        Some(Misbehaviour::Status(..)) | None => {}
    }
    sent
}
