//! What one connection is doing: whether the service waits for a head, works, or rests between two requests; and the
//! wrappers around its bytes, its requests and its answers by which this is known.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use crate::http::Limits;

/// How soon a connection is closed for the sake of others: a smaller one sooner. The two highest bits say what it is
/// doing, the others since when, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing(u64);

impl Standing {
    const RESTING: u64 = 1 << 62;
    /// The other end lets the service wait: for a body, or for room for an answer. Since anything last moved.
    const WAITING: u64 = 2 << 62;
    const WORKING: u64 = 3 << 62;

    /// Whether it has not delivered a whole head.
    pub(super) const fn is_unfinished(self) -> bool {
        self.0 < Self::RESTING
    }

    /// Whether the service itself is at work for it, or a live stream waits for news: never closed for others.
    pub(super) const fn is_working(self) -> bool {
        self.0 >= Self::WORKING
    }
}

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The head did not come in time.
    SlowHead,
    /// Nothing was asked for long.
    Idle,
    /// The receiver took nothing of its answer for long.
    Stalled,
}

impl Over {
    /// As metrics call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::SlowHead => "slow_head",
            Self::Idle => "idle",
            Self::Stalled => "stalled",
        }
    }
}

#[derive(Debug)]
enum Phase {
    /// Waits for a head since then.
    Head(Instant),
    /// Answers.
    Working,
    /// Between two requests since then.
    Resting(Instant),
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Requests whose answers are not sent yet.
    flying: usize,
    /// Those of which a piece of the answer is ready that the receiver has not taken.
    waiting: usize,
    /// Those of which the next piece of the body is not there.
    awaited: usize,
    /// Whether the network takes nothing more at the moment.
    full: bool,
    /// When anything of a body or an answer last moved.
    moved: Instant,
    /// Whether many requests share the connection: then bytes that come while none is answered are no head, but talk
    /// about the connection.
    shared: bool,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Line {
    limits: Limits,
    epoch: Instant,
    state: Mutex<State>,
    standing: AtomicU64,
    leaves: AtomicBool,
    cut: Notify,
}

impl Line {
    /// A connection that has just come. `epoch` is the same for all connections that are compared.
    pub(super) fn new(limits: Limits, epoch: Instant, now: Instant) -> Self {
        let state = State {
            phase: Phase::Head(now),
            flying: 0,
            waiting: 0,
            awaited: 0,
            full: false,
            moved: now,
            shared: false,
        };
        let line = Self {
            limits,
            epoch,
            state: Mutex::new(state),
            standing: AtomicU64::new(0),
            leaves: AtomicBool::new(false),
            cut: Notify::new(),
        };
        line.stand(0, now);
        line
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stand(&self, doing: u64, since: Instant) {
        let micros = u64::try_from(since.saturating_duration_since(self.epoch).as_micros()).unwrap_or(u64::MAX);
        self.standing.store(doing | micros.min(Standing::RESTING - 1), Ordering::Relaxed);
    }

    /// The standing of a connection whose head has come.
    fn stand_as(&self, state: &State) {
        let (doing, since) = match state.phase {
            Phase::Head(_) => return,
            _ if state.full => (Standing::WAITING, state.moved),
            Phase::Resting(since) => (Standing::RESTING, since),
            Phase::Working if state.waiting + state.awaited >= state.flying => (Standing::WAITING, state.moved),
            Phase::Working => (Standing::WORKING, state.moved),
        };
        self.stand(doing, since);
    }

    pub(super) fn standing(&self) -> Standing {
        Standing(self.standing.load(Ordering::Relaxed))
    }

    /// Asks the connection's task to close it at once; false when it was asked before.
    pub(super) fn ask_to_leave(&self) -> bool {
        let first = !self.leaves.swap(true, Ordering::Relaxed);
        self.cut.notify_one();
        first
    }

    /// Whether it was asked to leave.
    pub(super) fn leaves(&self) -> bool {
        self.leaves.load(Ordering::Relaxed)
    }

    /// Waits for [`Line::ask_to_leave`].
    pub(super) async fn asked_to_leave(&self) {
        self.cut.notified().await;
    }

    /// The handshake is done: the head has its own time. Among the unfinished the connection stays as old as it is.
    pub(super) fn shaken(&self, now: Instant) {
        self.state().phase = Phase::Head(now);
    }

    /// Until when the present state may last; nothing while a request is worked on.
    pub(super) fn until(&self) -> Option<(Instant, Over)> {
        let state = self.state();
        match state.phase {
            Phase::Head(since) => Some((since + self.limits.head, Over::SlowHead)),
            // The end of the last answer may still be on its way down a slow line.
            _ if state.full => Some((state.moved + self.limits.stall, Over::Stalled)),
            Phase::Resting(since) => Some((since.max(state.moved) + self.limits.idle, Over::Idle)),
            Phase::Working if state.waiting > 0 => Some((state.moved + self.limits.stall, Over::Stalled)),
            Phase::Working => None,
        }
    }

    /// Bytes came.
    fn heard(&self, now: Instant) {
        let mut state = self.state();
        if let Phase::Resting(_) = state.phase
            && !state.shared
        {
            state.phase = Phase::Head(now);
            self.stand(0, now);
        }
    }

    /// The network took bytes.
    fn wrote(&self, now: Instant) {
        let mut state = self.state();
        state.moved = now;
        if std::mem::take(&mut state.full) {
            self.stand_as(&state);
        }
    }

    /// The network takes nothing more at the moment.
    fn filled(&self) {
        let mut state = self.state();
        state.full = true;
        self.stand_as(&state);
    }

    /// Notes how a write went.
    fn note<T>(&self, written: &Poll<std::io::Result<T>>) {
        match written {
            Poll::Ready(_) => self.wrote(Instant::now()),
            Poll::Pending => self.filled(),
        }
    }

    /// A whole head came.
    pub(super) fn begin(self: &Arc<Self>, shared: bool) -> Flight {
        let mut state = self.state();
        state.shared = shared;
        state.flying += 1;
        state.phase = Phase::Working;
        self.stand_as(&state);
        drop(state);
        Flight { line: Arc::clone(self), offered: false }
    }
}

/// One request, from its head to the end of its answer.
#[derive(Debug)]
pub(super) struct Flight {
    line: Arc<Line>,
    /// Whether a piece of the answer is ready that the receiver has not taken.
    offered: bool,
}

impl Flight {
    /// There is room for a piece of the answer.
    fn taken(&mut self) {
        if std::mem::take(&mut self.offered) {
            let mut state = self.line.state();
            state.waiting -= 1;
            self.line.stand_as(&state);
        }
    }

    /// A piece of the answer is ready.
    fn offer(&mut self, now: Instant) {
        self.offered = true;
        let mut state = self.line.state();
        state.waiting += 1;
        state.moved = now;
        self.line.stand_as(&state);
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.taken();
        let now = Instant::now();
        let mut state = self.line.state();
        state.flying -= 1;
        if state.flying == 0 {
            state.phase = Phase::Resting(now);
        }
        self.line.stand_as(&state);
    }
}

/// A request's body.
pub(super) struct Question {
    body: Incoming,
    line: Arc<Line>,
    /// Whether the next piece is not there.
    awaited: bool,
}

impl Question {
    pub(super) fn new(body: Incoming, line: Arc<Line>) -> Self {
        Self { body, line, awaited: false }
    }

    fn note(&mut self, awaited: bool) {
        if std::mem::replace(&mut self.awaited, awaited) == awaited {
            return;
        }
        let mut state = self.line.state();
        if awaited {
            state.awaited += 1;
        } else {
            state.awaited -= 1;
        }
        state.moved = Instant::now();
        self.line.stand_as(&state);
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.note(false);
    }
}

impl HttpBody for Question {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        self.note(frame.is_pending());
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body, which ends its flight.
pub(super) struct Answer {
    pub(super) body: Body,
    pub(super) flight: Flight,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // Asked for more: what was there before has been taken.
        self.flight.taken();
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_some() {
            self.flight.offer(Instant::now());
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection's bytes.
pub(super) struct Watched<I> {
    pub(super) io: I,
    pub(super) line: Arc<Line>,
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, into))?;
        if into.filled().len() > before {
            self.line.heard(Instant::now());
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.line.note(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        // Nothing is written by asking: only what could not go on before has moved.
        if flushed.is_pending() || self.line.state().full {
            self.line.note(&flushed);
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.line.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests;
