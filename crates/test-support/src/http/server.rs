//! The server.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use super::mischief::DELAY;
use super::target::{decoded, parameters};
use super::{Answer, Asked, Mischief, Recorded, Trouble};

/// What answers requests.
pub type Handler = Arc<dyn Fn(Asked) -> BoxFuture<'static, Answer> + Send + Sync>;

/// How much of a body is recorded, in bytes.
const RECORDED: usize = 64 << 10;

/// An HTTP server on a free port of this machine, in threads of its own, until it is dropped.
///
/// ```
/// use std::sync::Arc;
///
/// use epycloud_test_support::http::{Answer, Server};
///
/// let server = Server::start(Arc::new(|asked| {
///     Box::pin(async move { Answer::json(format!("{:?}", asked.path)) })
/// }))?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Stops with it; in an `Option` so that it can be given up without waiting.
    runtime: Option<Runtime>,
}

struct Shared {
    handler: Handler,
    mischief: Mischief,
    recorded: Mutex<Vec<Recorded>>,
    records: AtomicBool,
}

impl Server {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn start(handler: Handler) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        // Not by the runtime, since the caller may be in one.
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            handler,
            mischief: Mischief::default(),
            recorded: Mutex::default(),
            records: AtomicBool::new(true),
        });
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        runtime.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            runtime: Some(runtime),
        })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `127.0.0.1:PORT`.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// What goes wrong, to be changed and counted.
    #[must_use]
    pub fn mischief(&self) -> &Mischief {
        &self.shared.mischief
    }

    /// Every request so far, in the order in which they were answered.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        let recorded = self.shared.recorded.lock();
        recorded.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records nothing from now on, for measurements.
    pub fn stop_recording(&self) {
        self.shared.records.store(false, Ordering::Relaxed);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        // Answers are small and waited for.
        let _ = stream.set_nodelay(true);
        tokio::spawn(serve(stream, Arc::clone(&shared)));
    }
}

/// Serves one connection until it ends, or is to be reset.
async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let reset = Arc::new(AtomicBool::new(false));
    let Ok((stream, twin)) = with_twin(stream) else {
        return;
    };
    let service = service_fn(|request: Request<Incoming>| {
        let (shared, reset) = (Arc::clone(&shared), Arc::clone(&reset));
        async move {
            let answered = shared.answer(request).await;
            if answered.is_err() {
                reset.store(true, Ordering::Relaxed);
            }
            answered
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let _ = connection.as_mut().await;
    if reset.load(Ordering::Relaxed) {
        // Closed with nothing lingering, a connection is reset instead of ended.
        let _ = rustix::net::sockopt::set_socket_linger(&twin, Some(Duration::ZERO));
    }
}

/// A second handle of the same connection.
fn with_twin(stream: TcpStream) -> io::Result<(TcpStream, std::net::TcpStream)> {
    let stream = stream.into_std()?;
    let twin = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, twin))
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<Sent>> {
        let (parts, body) = request.into_parts();
        let line = format!("{} {}", parts.method, parts.uri);
        let broken = || io::Error::from(io::ErrorKind::ConnectionReset);
        let body = body.collect().await.map_err(|_| broken())?.to_bytes();
        let asked = Asked {
            method: parts.method.to_string(),
            raw_path: parts.uri.path().to_owned(),
            path: decoded(parts.uri.path(), false),
            raw_query: parts.uri.query().unwrap_or_default().to_owned(),
            query: parameters(parts.uri.query().unwrap_or_default()),
            headers: parts.headers,
            body,
        };
        let record = self
            .records
            .load(Ordering::Relaxed)
            .then(|| recorded(&line, &asked));
        let trouble = self.mischief.next(&line);
        let answer = match trouble {
            Some(Trouble::Unavailable) => Some(Answer::status(503)),
            Some(Trouble::TooMany) => Some(Answer::status(429)),
            Some(Trouble::Reset) => None,
            _ => Some((self.handler)(asked).await),
        };
        let trouble = trouble.or_else(|| answer.as_ref()?.trouble);
        let answer = answer.filter(|_| trouble != Some(Trouble::LostAnswer));
        if let Some(record) = record {
            let status = answer.as_ref().map(|answer| answer.status);
            let mut all = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(Recorded { status, ..record });
        }
        if trouble == Some(Trouble::Slow) {
            tokio::time::sleep(DELAY).await;
        }
        sent(
            answer.ok_or_else(broken)?,
            trouble == Some(Trouble::Truncated),
        )
    }
}

fn recorded(line: &str, asked: &Asked) -> Recorded {
    Recorded {
        line: line.to_owned(),
        headers: asked
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
            .collect(),
        body_bytes: asked.body.len(),
        body_start: Bytes::copy_from_slice(&asked.body[..asked.body.len().min(RECORDED)]),
        status: None,
    }
}

fn sent(answer: Answer, truncated: bool) -> io::Result<Response<Sent>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    if let Some(length) = answer.length {
        response = response.header("content-length", length);
    }
    let body = answer.body;
    let length = body.len() as u64;
    let breaks_off = truncated && !body.is_empty();
    let shown = if breaks_off {
        body.slice(..body.len() / 2)
    } else {
        body
    };
    let body = Sent {
        length,
        rest: Some(shown),
        breaks_off,
    };
    response.body(body).map_err(io::Error::other)
}

/// A body that may break off.
struct Sent {
    length: u64,
    rest: Option<Bytes>,
    breaks_off: bool,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.rest.take() {
            Some(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            _ if self.breaks_off => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
            _ => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
