//! The ticker: one task looks at the database for all viewers, and only while there are any.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::watch;

use super::figures;
use super::overview::Figures;
use crate::http::{Core, Error, Result};

/// The time between two looks is at least this.
const GAP: Duration = Duration::from_millis(500);
/// A look may cost this part of the time at most: after a slow one the pause is so many times as long.
const PAUSES_PER_LOOK: u32 = 4;
/// Without news in this process a look is taken after so long: other processes change the same database.
const POLL: Duration = Duration::from_secs(5);
/// Viewers at most.
const VIEWERS_MAX: usize = 2_000;

/// What the ticker last saw; nothing before its first look.
pub type Seen = Option<Arc<Look>>;

/// One look, written down once for all viewers who see everything.
#[derive(Debug)]
pub struct Look {
    /// What was seen.
    pub figures: Figures,
    /// Looks are counted, so that a viewer knows whether it missed one.
    pub number: u64,
    /// The events of whoever saw the look before: each event that is new, whole.
    pub news: Vec<(&'static str, String)>,
    /// The same with `stock_changes` in the place of `stock`, for those who asked for it.
    pub changes: Vec<(&'static str, String)>,
    whole: OnceLock<Vec<(&'static str, String)>>,
}

impl Look {
    fn after(before: Option<&Self>, figures: Figures) -> Self {
        let number = before.map_or(0, |before| before.number + 1);
        let told = |as_changes| before.map(|before| news(&before.figures, &figures, as_changes)).unwrap_or_default();
        let (news, changes) = (told(false), told(true));
        Self { figures, number, news, changes, whole: OnceLock::new() }
    }

    /// The events of whoever saw nothing yet, or missed a look.
    pub fn whole(&self) -> &[(&'static str, String)] {
        self.whole.get_or_init(|| whole(&self.figures))
    }
}

/// The whole state as events.
pub fn whole(figures: &Figures) -> Vec<(&'static str, String)> {
    let Figures { stock, redemption, phones, .. } = figures;
    [("stock", text(stock)), ("redemption", text(redemption)), ("phones", text(phones))]
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

/// What changed between two states, as events; of stock the changed rows alone when asked for.
pub fn news(before: &Figures, after: &Figures, as_changes: bool) -> Vec<(&'static str, String)> {
    let mut news = Vec::new();
    if before.stock != after.stock {
        news.push(match after.stock.since(&before.stock).filter(|_| as_changes) {
            Some(changes) => ("stock_changes", text(&changes)),
            None => ("stock", text(&after.stock)),
        });
    }
    if before.redemption != after.redemption {
        news.push(("redemption", text(&after.redemption)));
    }
    if before.phones != after.phones {
        news.push(("phones", text(&after.phones)));
    }
    news.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
}

fn text(event: &impl Serialize) -> Option<String> {
    serde_json::to_string(event).ok()
}

/// Hands out what the ticker sees. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    seen: watch::Sender<Seen>,
    ticking: Mutex<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Self(Arc::new(Shared { seen: watch::Sender::new(None), ticking: Mutex::new(false) }))
    }
}

impl Live {
    /// Follows the figures; the first viewer starts the ticker. Too many viewers: told to come back.
    pub fn watch(&self, core: &Core) -> Result<watch::Receiver<Seen>> {
        let mut ticking = self.0.ticking.lock().unwrap_or_else(PoisonError::into_inner);
        if self.0.seen.receiver_count() >= VIEWERS_MAX {
            return Err(Error::Busy);
        }
        let viewer = self.0.seen.subscribe();
        if !*ticking {
            *ticking = true;
            tokio::spawn(tick(self.clone(), core.clone()));
        }
        drop(ticking);
        Ok(viewer)
    }

    /// Whether nobody watches any more; if so, what was seen is forgotten and the next viewer starts anew.
    fn is_deserted(&self) -> bool {
        let mut ticking = self.0.ticking.lock().unwrap_or_else(PoisonError::into_inner);
        let deserted = self.0.seen.receiver_count() == 0;
        if deserted {
            *ticking = false;
            self.0.seen.send_replace(None);
        }
        deserted
    }
}

async fn tick(live: Live, core: Core) {
    let mut changes = core.changes();
    while !live.is_deserted() {
        // Before the look: what changes during it is looked at again.
        changes.mark_unchanged();
        let begun = Instant::now();
        match look(&core).await {
            Ok(figures) => {
                let before = live.0.seen.borrow().clone();
                live.0.seen.send_replace(Some(Arc::new(Look::after(before.as_deref(), figures))));
            }
            Err(error) => tracing::warn!(%error, "the live figures were not read"),
        }
        let pause = GAP.max(begun.elapsed() * PAUSES_PER_LOOK);
        tokio::select! {
            () = core.stopped() => return,
            () = tokio::time::sleep(pause) => {}
        }
        tokio::select! {
            () = core.stopped() => return,
            // The sender is part of the core that this task holds.
            _ = changes.changed() => {}
            () = tokio::time::sleep(POLL.saturating_sub(pause)) => {}
        }
    }
}

/// One look now, for a page.
pub async fn look(core: &Core) -> std::result::Result<Figures, sqlx::Error> {
    figures::look(&mut core.db.snapshot().await?, &core.clock).await
}
