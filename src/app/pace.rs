//! How long a request may take. Its body is waited for as long as it keeps coming; everything else has a time limit.
//!
//! A body has an account of waiting: full at the start, drawn on only while nothing of the body is there, refilled by
//! what comes. So a phone may rest in a tunnel and a long list may take half an hour on a slow line, but a body that
//! trickles ends with 408, whatever it began with. Time in which the service itself was busy is nobody's fault.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Frame, SizeHint};
use thiserror::Error as ThisError;
use tokio::time::Sleep;

use crate::http::{Core, Error, Limits};

/// Middleware: the time limits of a request.
pub async fn pace(State(core): State<Core>, request: Request, next: Next) -> Response {
    let limits = core.config.limits;
    let account = Account::new(limits);
    let paced = account.clone();
    let mut answer =
        std::pin::pin!(next.run(request.map(|body| Body::new(Paced { body, account: paced, timer: None }))));
    let begun = Instant::now();
    let mut timer = std::pin::pin!(tokio::time::sleep(limits.request));
    let response = loop {
        tokio::select! {
            biased;
            response = &mut answer => break response,
            () = &mut timer => {
                let over = begun + limits.request + account.books().waited(Instant::now());
                if over <= Instant::now() {
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
                timer.as_mut().reset(over.into());
            }
        }
    };
    // Whatever a handler makes of half a body, its sender hears why it is half.
    if account.books().overdrawn { Error::TooSlow.into_response() } else { response }
}

/// What a body may still be waited for.
#[derive(Clone, Debug)]
struct Account(Arc<Mutex<Books>>);

#[derive(Clone, Debug)]
struct Books {
    limits: Limits,
    /// How long nothing may come.
    left: Duration,
    /// How long nothing came, in all.
    waited: Duration,
    /// Since when nothing comes.
    since: Option<Instant>,
    /// Whether it was not waited for any longer.
    overdrawn: bool,
}

impl Account {
    fn new(limits: Limits) -> Self {
        let books = Books { limits, left: limits.body_pause, waited: Duration::ZERO, since: None, overdrawn: false };
        Self(Arc::new(Mutex::new(books)))
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn waited(&self, now: Instant) -> Duration {
        self.waited + self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// Bytes came.
    fn came(&mut self, bytes: usize, now: Instant) {
        if let Some(since) = self.since.take() {
            let waited = now.saturating_duration_since(since);
            self.waited += waited;
            self.left = self.left.saturating_sub(waited);
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let earned = Duration::from_secs(1).saturating_mul(bytes) / self.limits.body_rate.max(1);
        self.left = self.left.saturating_add(earned).min(self.limits.body_pause);
    }

    /// Nothing is there: until when to wait for it.
    fn until(&mut self, now: Instant) -> Instant {
        let since = *self.since.get_or_insert(now);
        since + self.left.min(self.limits.body_whole.saturating_sub(self.waited))
    }
}

/// A request's body with its account.
struct Paced {
    body: Body,
    account: Account,
    /// Made when something must be waited for: most bodies come with their heads.
    timer: Option<Pin<Box<Sleep>>>,
}

/// What a handler reads after a body's last piece.
#[derive(Debug, ThisError)]
#[error("the body came too slowly")]
struct TooSlow;

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let me = &mut *self;
        if me.account.books().overdrawn {
            return Poll::Ready(None);
        }
        match Pin::new(&mut me.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
                me.account.books().came(bytes, Instant::now());
                Poll::Ready(frame)
            }
            Poll::Pending => {
                let until = me.account.books().until(Instant::now()).into();
                let timer = me.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
                if timer.deadline() != until {
                    timer.as_mut().reset(until);
                }
                std::task::ready!(timer.as_mut().poll(cx));
                me.account.books().overdrawn = true;
                Poll::Ready(Some(Err(axum::Error::new(TooSlow))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends pieces of `bytes` every `every` seconds; after how many seconds the body is given up, if it is.
    fn given_up(pieces: &[(u64, usize)]) -> Option<u64> {
        let account = Account::new(Limits::default());
        let (mut books, begun) = (account.books(), Instant::now());
        let mut now = begun;
        for (pause, bytes) in pieces {
            let until = books.until(now);
            now += Duration::from_secs(*pause);
            if until <= now {
                return Some((until - begun).as_secs());
            }
            books.came(*bytes, now);
        }
        None
    }

    #[test]
    fn a_body_that_keeps_coming_is_waited_for_and_one_that_trickles_is_not() {
        assert_eq!(given_up(&[(29, 1), (0, 100)]), None, "a tunnel");
        assert_eq!(given_up(&[(31, 1)]), Some(30));
        assert_eq!(given_up(&[(1, 2048); 1800]), None, "half an hour at 2 kB a second");
        assert_eq!(given_up(&[(25, 50_000); 70]), None, "in bursts");
        assert_eq!(given_up(&[(1, 1); 100]), Some(30), "a byte a second");
        assert_eq!(given_up(&[(1, 512); 100]), Some(59), "half of the least");
        assert_eq!(given_up(&[&[(0, 20_000_000)][..], &[(1, 1); 100]].concat()), Some(30), "a start earns no trickle");
        assert_eq!(given_up(&[(20, 30_000); 1000]), Some(3600), "not for ever");
    }

    #[test]
    fn only_waiting_counts() {
        let account = Account::new(Limits::default());
        let (mut books, begun) = (account.books(), Instant::now());
        // The handler asked late, and everything was there.
        books.came(1, begun + Duration::from_secs(100));
        assert_eq!(books.until(begun + Duration::from_secs(100)), begun + Duration::from_secs(130));
        assert_eq!(books.waited(begun + Duration::from_secs(110)), Duration::from_secs(10));
    }
}
