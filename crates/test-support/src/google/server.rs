//! The server: one thread, its own runtime.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::faults::Misbehaviour;
use super::requests::Recorded;
use super::services::{Answer, answer};
use super::state::State;

/// A thread that serves until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

type Piece = Result<Frame<Bytes>, std::io::Error>;
type Body = StreamBody<futures::stream::Iter<std::vec::IntoIter<Piece>>>;

impl Server {
    /// Listens, and serves from a thread of its own.
    #[expect(clippy::expect_used, reason = "a test can't go on without")]
    pub(super) fn start(state: Arc<Mutex<State>>) -> (Self, SocketAddr) {
        let (stop, stopped) = oneshot::channel();
        let (told, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                let _ = told.send(listener.local_addr().expect("an address"));
                tokio::select! {
                    () = serve(&listener, &state) => {}
                    _ = stopped => {}
                }
            });
        });
        let server = Self {
            stop: Some(stop),
            thread: Some(thread),
        };
        (server, address.recv().expect("an address"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(listener: &TcpListener, state: &Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(state);
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(request, Arc::clone(&state)));
            // A connection that a test has broken is what it wanted.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn handle(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Response<Body>, std::io::Error> {
    let recorded = record(request).await;
    let (misbehaviour, answered) = {
        let mut state = match state.lock() {
            Ok(state) => state,
            Err(poisoned) => poisoned.into_inner(),
        };
        state.requests.push(recorded.clone());
        let misbehaviour = state.due(&recorded);
        let answered = match &misbehaviour {
            Some(Misbehaviour::Status(code, body, wait)) => Answer {
                code: *code,
                body: body.clone(),
                wait: *wait,
            },
            _ => answer(&mut state, &recorded),
        };
        (misbehaviour, answered)
    };
    match misbehaviour {
        Some(Misbehaviour::Lost) => return Err(std::io::Error::other("lost, as scripted")),
        Some(Misbehaviour::Slow(time)) => tokio::time::sleep(time).await,
        _ => {}
    }
    let is_cut = matches!(misbehaviour, Some(Misbehaviour::Truncated));
    Ok(respond(&answered, is_cut).await)
}

async fn respond(answered: &Answer, is_cut: bool) -> Response<Body> {
    let text = answered.body.to_string();
    let mut pieces: Vec<Piece> = Vec::new();
    if is_cut {
        let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
        pieces.push(Ok(Frame::data(half)));
        pieces.push(Err(std::io::Error::other("cut, as scripted")));
        // What was written must leave before the connection does.
        tokio::time::sleep(Duration::from_millis(1)).await;
    } else {
        pieces.push(Ok(Frame::data(Bytes::from(text))));
    }
    let mut response = Response::new(StreamBody::new(futures::stream::iter(pieces)));
    if let Ok(status) = hyper::StatusCode::from_u16(answered.code) {
        *response.status_mut() = status;
    }
    let headers = response.headers_mut();
    headers.insert(
        hyper::header::CONTENT_TYPE,
        hyper::header::HeaderValue::from_static("application/json"),
    );
    if let Some(seconds) = answered.wait {
        headers.insert(hyper::header::RETRY_AFTER, seconds.into());
    }
    response
}

async fn record(request: Request<Incoming>) -> Recorded {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_or_else(|_| Bytes::new(), http_body_util::Collected::to_bytes);
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), value)
    });
    let pairs = url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
    Recorded {
        method: head.method.to_string(),
        path: percent_decoded(head.uri.path()),
        query: pairs.into_owned().collect(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

fn percent_decoded(path: &str) -> String {
    // A plus is itself in a path.
    let escaped = path.replace('+', "%2B");
    url::form_urlencoded::parse(escaped.as_bytes())
        .map(|(name, value)| {
            if value.is_empty() {
                name.into_owned()
            } else {
                format!("{name}={value}")
            }
        })
        .collect()
}
