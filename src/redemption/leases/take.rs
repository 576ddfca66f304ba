//! Taking a lease, and refreshing it: the same call.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::lease::Lease;
use super::limits::USE_SECS;
use super::share::Share;
use super::store::Holder;
use super::{LeaseState, store};
use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{LeaseId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::{Message, Moment, Validation};
use crate::people::Device;
use crate::people::audit::{self, Act, Actor};
use crate::places::Point;
use crate::redemption::chain;
use crate::redemption::chain::rules::Here;

/// Desks that share a point's vouchers at most, as a point has at most.
const DESKS_MAX: i64 = 99;

/// What a phone asks for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NewLease, example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "desk": "Bàn 1",
    "share": {"desk": 1, "of": 3}, "chain": {"sequence": 0, "record_hash": ""}}))]
pub struct Ask {
    /// Where it works.
    pub point_id: PointId,
    /// How people call the place, up to 40 characters.
    pub desk: Option<String>,
    /// Its desk's share, as it is printed on the papers; left out: all of the point.
    pub share: Option<AskedShare>,
    /// The phone's last record.
    pub chain: Option<ChainEnd>,
}

/// A desk's share.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
pub struct AskedShare {
    /// The desk's number.
    pub desk: i64,
    /// How many desks share; the point's desks when left out.
    pub of: Option<i64>,
}

/// The end of a phone's chain of records.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct ChainEnd {
    /// The last record's place in the queue; 0: there was none.
    pub sequence: i64,
    /// Its hash in hex; empty: there was none.
    #[serde(default)]
    pub record_hash: String,
}

/// A lease as its phone sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LeaseView {
    /// Its id.
    pub id: LeaseId,
    /// Its number, for the records made under it.
    pub epoch: i64,
    /// What it is now.
    pub state: LeaseState,
    /// The point.
    pub point_id: PointId,
    /// Where the phone works, for people.
    pub desk: String,
    /// Its share; null: all of the point.
    pub share: Option<Share>,
    /// When it was taken first.
    pub taken_at: Moment,
    /// Until when the phone may use it without being heard.
    pub use_until: Moment,
    /// The server's clock.
    pub server_time: Moment,
    /// Vouchers that it holds and nobody used up.
    pub vouchers: i64,
    /// Of those, how many joined now.
    pub added: u64,
    /// Such vouchers of the point (or share) that other phones hold.
    pub held_elsewhere: i64,
    /// Who holds those: at most 20 phones. One that is not heard any more keeps them until a coordinator releases them.
    pub holders: Vec<Holder>,
}

/// Takes or refreshes the phone's lease at a point. The caller commits.
pub async fn take(tx: &mut Tx, core: &Core, device: &Device, point: &Point, ask: Ask) -> Result<LeaseView> {
    let (desk, share) = place(&ask, point, device)?;
    let now = core.clock.now();
    let epoch = store::lock_head(tx).await?;
    let lease = match store::open_of(tx, device.id, point.id).await? {
        Some(known) => {
            let lease = Lease { use_until: now.plus_secs(USE_SECS), ..placed(known, desk, share) };
            store::refresh(tx, &lease, now).await?;
            lease
        }
        None => {
            let lease = Lease {
                id: LeaseId::new(&core.clock),
                epoch: epoch + 1,
                device_id: device.id,
                point_id: point.id,
                desk: String::new(),
                share_desk: None,
                share_of: None,
                taken_at: now,
                use_until: now.plus_secs(USE_SECS),
                heard_at: Some(now),
                closed_at: None,
                release_reason: None,
            };
            let lease = placed(lease, desk, share);
            store::insert(tx, &lease).await?;
            lease
        }
    };
    let candidates = store::lock_candidates(tx, point.id, share).await?;
    let added = store::join(tx, lease.id, &candidates).await?;
    let (vouchers, held_elsewhere) = store::counts(tx, &lease).await?;
    let holders = if held_elsewhere > 0 { store::holders(tx, &lease).await? } else { Vec::new() };
    let act = Act::on("take", "lease", lease.id.0).with(json!({ "point_id": point.id, "added": added }));
    audit::append(tx, &core.clock, Actor::Device(device.id), act).await?;
    Ok(LeaseView {
        id: lease.id,
        epoch: lease.epoch,
        state: lease.state(now),
        point_id: lease.point_id,
        share: lease.share(),
        desk: lease.desk,
        taken_at: lease.taken_at,
        use_until: lease.use_until,
        server_time: now,
        vouchers,
        added,
        held_elsewhere,
        holders,
    })
}

/// What the phone knows of its own records, against what is here. A phone that knows less, or whose chain is forked, was
/// rolled back: the caller commits the mark, and refuses.
pub async fn is_rolled_back(tx: &mut Tx, core: &Core, device: &Device, end: &ChainEnd) -> Result<bool> {
    let last = chain::store::last(tx, device.id).await?;
    let forked = chain::store::forked(tx, device.id).await?;
    let at = chain::store::hashes_at(tx, device.id, end.sequence).await?.into_iter().collect();
    let at = Some(&at).filter(|hashes: &&std::collections::BTreeSet<_>| !hashes.is_empty());
    let hash = chain::rules::parse_hash(&end.record_hash).map_err(|wrong| wrong.at("chain.record_hash"))?;
    let Some(trouble) = chain::rules::compare(&Here { last, forked, at }, end.sequence, &hash) else {
        return Ok(false);
    };
    chain::service::mark(tx, core, device.id, trouble, None).await?;
    Ok(true)
}

/// What such a phone is told.
pub fn rolled_back() -> Error {
    Error::conflict(
        "phone_rolled_back",
        "Máy này đã mất một phần dữ liệu đã ghi, nên không được phát khi mất mạng. Hãy nhờ cán bộ phụ trách kết nối lại \
         máy như máy mới.",
        "This phone lost part of what it had recorded, so it may not hand out offline. Ask the coordinator to enrol it \
         anew.",
    )
}

fn placed(lease: Lease, desk: String, share: Option<Share>) -> Lease {
    Lease { desk, share_desk: share.map(|share| share.desk), share_of: share.map(|share| share.of), ..lease }
}

/// Where the phone works: the desk's name and its share.
fn place(ask: &Ask, point: &Point, device: &Device) -> Result<(String, Option<Share>)> {
    let mut fields = Validation::new();
    let desk = ask.desk.as_deref().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    fields.check("desk", desk.chars().count() <= 40, || {
        Invalid::fixed("out_of_range", "Tên bàn dài tối đa 40 ký tự.", "A desk's name has at most 40 characters.")
    });
    let share = ask.share.map(|share| Share { desk: share.desk, of: share.of.unwrap_or(point.desks) });
    fields.check("share.of", share.is_none_or(|share| (1..=DESKS_MAX).contains(&share.of)), || {
        Invalid::fixed("out_of_range", "Số bàn từ 1 đến 99.", "Desks are 1 to 99.")
    });
    fields.check("share.desk", share.is_none_or(|share| (1..=share.of).contains(&share.desk)), || {
        Invalid::fixed(
            "out_of_range",
            "Số của bàn phải từ 1 đến số bàn của điểm phát.",
            "The desk's number is from 1 to the number of desks.",
        )
    });
    fields.finish()?;
    let desk = match (desk.is_empty(), share) {
        (false, _) => desk,
        (true, Some(share)) => format!("Bàn {}", share.desk),
        (true, None) => device.name.clone(),
    };
    Ok((desk, share))
}

/// There is no such point.
pub fn no_such_point() -> Error {
    Error::field("point_id", "unknown", Message::fixed("Không có điểm phát này.", "There is no such point."))
}
