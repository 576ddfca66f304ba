//! The connections: one loop for plain http, for https and for the door that sends visitors on to https.
//!
//! Promises: taking a connection never waits for another; a head that does not come, a handshake that does not end, a
//! connection that rests and an answer that nobody takes all have their time (see [`crate::http::Limits`]); when the
//! service stops, requests in flight are answered and nothing new is begun.

mod line;
mod register;

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tower::ServiceExt as _;

pub use register::Register;

use self::line::{Answer, Flight, Over, Question, Watched};
use self::register::Place;
use super::tls::{self, Answering};
use crate::http::{Core, Limits};

/// How long no connection is taken when the system has no descriptor for one.
const BREATH: Duration = Duration::from_millis(20);

/// Where connections come in, and what answers them.
#[derive(Debug)]
pub struct Door {
    pub listener: TcpListener,
    pub routes: Router,
    /// How TLS is spoken; nothing: plain http.
    pub tls: Option<Answering>,
}

/// Serves until the service stops and everything in flight is answered.
pub async fn serve(core: Core, register: Arc<Register>, door: Door) {
    let (open, mut all_closed) = mpsc::channel::<Infallible>(1);
    let mut stopped = pin!(core.stopped());
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stopped => break,
            accepted = door.listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, remote)) => {
                // Nobody can make room: closed at once, so that whoever comes need not wait for nothing.
                let Some(place) = register.enter(remote.ip()) else { continue };
                let connection = Connection { core: core.clone(), place, remote, routes: door.routes.clone() };
                let (tls, open) = (door.tls.clone(), open.clone());
                tokio::spawn(async move {
                    connection.attend(socket, tls).await;
                    drop(open);
                });
            }
            Err(error) if is_theirs(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection can't be taken");
                register.make_room();
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop((door, open));
    // Ends with the last connection: nothing is ever sent.
    let _ = all_closed.recv().await;
}

/// Whether the other end went away before it was taken.
fn is_theirs(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::Interrupted
    )
}

/// One connection with what answers it.
struct Connection {
    core: Core,
    place: Place,
    remote: SocketAddr,
    routes: Router,
}

impl Connection {
    /// Attends to it until it ends by itself, has to leave, or is out of time.
    async fn attend(self, socket: TcpStream, tls: Option<Answering>) {
        // Answers are written whole: nothing is gained by holding back their last piece.
        let _ = socket.set_nodelay(true);
        let line = Arc::clone(&self.place.line);
        let talk = async {
            let Some(tls) = tls else { return self.speak(socket).await };
            let shaken = tokio::select! {
                () = self.core.stopped() => return,
                shaken = tokio::time::timeout(self.limits().head, tls::handshake(socket, tls)) => shaken,
            };
            match shaken {
                Ok(Some(stream)) => {
                    self.place.line.shaken(Instant::now());
                    self.speak(stream).await;
                }
                Ok(None) => {}
                Err(_) => self.place.count("slow_handshake"),
            }
        };
        tokio::select! {
            () = line.asked_to_leave() => {}
            () = talk => {}
        }
    }

    fn limits(&self) -> &Limits {
        self.place.limits()
    }

    /// Speaks HTTP.
    async fn speak<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, io: I) {
        let limits = self.limits();
        let line = Arc::clone(&self.place.line);
        let (routes, remote) = (self.routes.clone(), self.remote);
        let service = service_fn(move |request: Request<Incoming>| {
            let flight = line.begin(request.version() == Version::HTTP_2);
            let asked = Arc::clone(&line);
            answer(routes.clone(), remote, request.map(|body| Body::new(Question::new(body, asked))), flight)
        });
        let io = TokioIo::new(Watched { io, line: Arc::clone(&self.place.line) });
        let speaking = speaking(limits);
        let mut conversation = pin!(speaking.serve_connection(io, service));
        let mut stopped = pin!(self.core.stopped());
        let mut timer = pin!(tokio::time::sleep(limits.head));
        let mut leaving = false;
        loop {
            tokio::select! {
                biased;
                spoken = conversation.as_mut() => {
                    if let Err(error) = spoken {
                        tracing::trace!(error, "a connection ended");
                    }
                    return;
                }
                () = &mut stopped, if !leaving => {
                    leaving = true;
                    conversation.as_mut().graceful_shutdown();
                }
                () = &mut timer => {
                    // No state lasts less long than a head may take: looked at this often, none is overlooked.
                    let next = Instant::now() + limits.head;
                    let next = match self.place.line.until() {
                        Some((until, Over::Idle)) if until <= Instant::now() && !leaving => {
                            leaving = true;
                            // Tells the other end, so that no request is lost on the way. It may have to read the end of
                            // a long answer first.
                            conversation.as_mut().graceful_shutdown();
                            Instant::now() + limits.idle
                        }
                        Some((until, over)) if until <= Instant::now() => {
                            self.place.count(over.name());
                            return;
                        }
                        Some((until, _)) => next.min(until),
                        None => next,
                    };
                    timer.as_mut().reset(next.into());
                }
            }
        }
    }
}

/// Answers one request.
async fn answer(
    routes: Router,
    remote: SocketAddr,
    mut request: Request<Body>,
    flight: Flight,
) -> Result<Response<Answer>, Infallible> {
    request.extensions_mut().insert(ConnectInfo(remote));
    let response = routes.oneshot(request).await?;
    Ok(response.map(|body| Answer { body, flight }))
}

/// How HTTP/1 and HTTP/2 are spoken. The time for a head is kept outside: hyper's own time limit does not begin before
/// it knows the protocol, and would count the rest between two requests.
fn speaking(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(limits.ping).keep_alive_timeout(limits.ping);
    builder
}
