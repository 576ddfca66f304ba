//! `GET /stock/live`: server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderName;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Serialize;
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::live::{Live, Seen};
use super::{Figures, RedemptionEvent, StockEvent};
use crate::goods::scope::Scope;
use crate::people::{Right, Staff};
use crate::web::{Core, Problems, Result};

/// A comment goes out this often, so that nothing between us and the viewer thinks the stream dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After so long the stream ends; the viewer connects again by itself and its login is checked again.
const STREAM_MAX: Duration = Duration::from_secs(15 * 60);

/// The live figures.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(live)).layer(Extension(Live::default()))
}

/// What the stream's events hold, each as the JSON of one `data:` line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LiveEvents {
    /// The event `stock`.
    stock: StockEvent,
    /// The event `redemption`.
    redemption: RedemptionEvent,
}

/// Stock and redemptions as they change
///
/// Server-sent events `stock` and `redemption`: the whole state first, then whenever it changes, at most about twice a
/// second. The stream ends after fifteen minutes and when the service stops: connect again.
#[utoipa::path(get, path = "/stock/live", tag = "stock",
    responses((status = 200, description = "The events", content_type = "text/event-stream", body = LiveEvents),
        Problems))]
async fn live(State(core): State<Core>, Extension(live): Extension<Live>, staff: Staff) -> Result<Response> {
    staff.require(Right::ReadStock)?;
    let scope = Scope::of(&mut core.db.read().await?, &staff).await?;
    let events = events(live.watch(&core)?, scope).take_until(Box::pin(tokio::time::sleep(STREAM_MAX)));
    let answer = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("keep-alive"));
    // Proxies that collect answers before they pass them on must not.
    Ok(([(HeaderName::from_static("x-accel-buffering"), "no")], answer).into_response())
}

/// One viewer: what was sent last, and what waits to be sent.
struct Viewer {
    seen: watch::Receiver<Seen>,
    scope: Scope,
    stock: Option<StockEvent>,
    redemption: Option<RedemptionEvent>,
    waiting: VecDeque<Event>,
}

fn events(seen: watch::Receiver<Seen>, scope: Scope) -> impl Stream<Item = std::result::Result<Event, Infallible>> {
    let viewer = Viewer { seen, scope, stock: None, redemption: None, waiting: VecDeque::new() };
    stream::unfold(viewer, async |mut viewer| {
        loop {
            if let Some(event) = viewer.waiting.pop_front() {
                return Some((Ok(event), viewer));
            }
            let figures: Arc<Figures> = viewer.next().await?;
            viewer.take(&figures);
        }
    })
}

impl Viewer {
    /// The current figures at first, then the next ones; only the newest where several were missed.
    async fn next(&mut self) -> Option<Arc<Figures>> {
        if self.stock.is_some() {
            self.seen.changed().await.ok()?;
            // Between two tickers there is nothing to see.
        }
        let figures = self.seen.wait_for(Option::is_some).await.ok()?.clone();
        self.seen.mark_unchanged();
        figures
    }

    /// Queues what this viewer does not know yet.
    fn take(&mut self, figures: &Figures) {
        let part = figures.within(&self.scope);
        if self.stock.as_ref() != Some(&part.stock) {
            self.waiting.extend(event("stock", &part.stock));
            self.stock = Some(part.stock);
        }
        if self.redemption.as_ref() != Some(&part.redemption) {
            self.waiting.extend(event("redemption", &part.redemption));
            self.redemption = Some(part.redemption);
        }
    }
}

fn event(name: &str, data: &impl Serialize) -> Option<Event> {
    Event::default().event(name).json_data(data).ok()
}
