//! `GET /stock/live`: server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderName;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::dashboard::live;
use crate::dashboard::live::{Live, Look, Seen};
use crate::dashboard::overview::{Figures, PhonesEvent, RedemptionEvent, StockChanges, StockEvent};
use crate::http::{Api, Core, Params, Problems, Result, routes};
use crate::kernel::Within;
use crate::kernel::ids::PointId;
use crate::people::Permit;
use crate::people::rights::ReadStock;

/// A comment goes out this often, so that nothing between us and the viewer thinks the stream dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After so long the stream ends; the viewer connects again by itself and its login is checked again.
const STREAM_MAX: Duration = Duration::from_secs(15 * 60);

/// The live figures.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(watch_live))
}

/// What the stream's events hold, each as the JSON of one `data:` line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LiveEvents {
    /// The event `stock`.
    stock: StockEvent,
    /// The event `stock_changes`, where it was asked for.
    stock_changes: StockChanges,
    /// The event `redemption`.
    redemption: RedemptionEvent,
    /// The event `phones`.
    phones: PhonesEvent,
}

/// How the stream tells of news.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct LiveQuery {
    /// After the first `stock`, only the rows that changed or came, as `stock_changes`; false when left out.
    #[serde(default)]
    changes: bool,
}

/// Stock and redemptions as they change
///
/// Server-sent events `stock`, `redemption` and `phones`: the whole state first, then whenever it changes, at most about
/// twice a second. The stream ends after fifteen minutes and when the service stops: connect again.
#[utoipa::path(get, path = "/stock/live", tag = "stock", params(LiveQuery),
    responses((status = 200, description = "The events", content_type = "text/event-stream", body = LiveEvents),
        Problems))]
async fn watch_live(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(wanted): Params<LiveQuery>,
) -> Result<Response> {
    let seen = core.memory::<Live>().watch(&core)?;
    let events = events(seen, permit.scope.points.clone(), wanted.changes);
    let events = events.take_until(Box::pin(tokio::time::sleep(STREAM_MAX)));
    let answer = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("keep-alive"));
    // Proxies that collect answers before they pass them on must not.
    Ok(([(HeaderName::from_static("x-accel-buffering"), "no")], answer).into_response())
}

/// One viewer: what was sent last, and what waits to be sent.
struct Viewer {
    seen: watch::Receiver<Seen>,
    points: Within<PointId>,
    as_changes: bool,
    last: Option<Arc<Look>>,
    /// The part of it that was sent, for a viewer who is confined.
    part: Option<Figures>,
    waiting: VecDeque<Event>,
}

fn events(
    seen: watch::Receiver<Seen>,
    points: Within<PointId>,
    as_changes: bool,
) -> impl Stream<Item = std::result::Result<Event, Infallible>> {
    let viewer = Viewer { seen, points, as_changes, last: None, part: None, waiting: VecDeque::new() };
    stream::unfold(viewer, async |mut viewer| {
        loop {
            if let Some(event) = viewer.waiting.pop_front() {
                return Some((Ok(event), viewer));
            }
            let look = viewer.next().await?;
            viewer.take(look);
        }
    })
}

impl Viewer {
    /// The current look at first, then the next ones; only the newest where several were missed.
    async fn next(&mut self) -> Option<Arc<Look>> {
        if self.last.is_some() {
            self.seen.changed().await.ok()?;
            // Between two tickers there is nothing to see.
        }
        let look = self.seen.wait_for(Option::is_some).await.ok()?.clone();
        self.seen.mark_unchanged();
        look
    }

    /// Queues what this viewer does not know yet.
    fn take(&mut self, look: Arc<Look>) {
        if self.points.is_all() {
            match self.last.clone() {
                None => self.tell(look.whole()),
                // Written down once, whoever reads it.
                Some(last) if last.number + 1 == look.number && self.as_changes => self.tell(&look.changes),
                Some(last) if last.number + 1 == look.number => self.tell(&look.news),
                Some(last) => self.tell(&live::news(&last.figures, &look.figures, self.as_changes)),
            }
        } else {
            let part = look.figures.within(&self.points);
            let told = match &self.part {
                Some(before) => live::news(before, &part, self.as_changes),
                None => live::whole(&part),
            };
            self.tell(&told);
            self.part = Some(part);
        }
        self.last = Some(look);
    }

    fn tell(&mut self, told: &[(&'static str, String)]) {
        self.waiting.extend(told.iter().map(|(name, text)| Event::default().event(name).data(text)));
    }
}
