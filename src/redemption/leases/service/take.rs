//! Taking a lease, and refreshing it: the same call.

use serde_json::json;

use crate::db::Tx;
use crate::http::{Error, Result};
use crate::kernel::Clock;
use crate::kernel::ids::LeaseId;
use crate::people::Device;
use crate::people::audit::{self, Act, Actor};
use crate::places::Point;
use crate::redemption::chain;
use crate::redemption::chain::rules::{Here, Trouble};
use crate::redemption::leases::ask::{Ask, ChainEnd};
use crate::redemption::leases::lease::Lease;
use crate::redemption::leases::limits::USE_SECS;
use crate::redemption::leases::share::Share;
use crate::redemption::leases::store;
use crate::redemption::leases::view::LeaseView;

/// Takes or refreshes the phone's lease at a point.
pub(in crate::redemption) async fn take(
    tx: &mut Tx,
    clock: &Clock,
    device: &Device,
    point: &Point,
    ask: Ask,
) -> Result<LeaseView> {
    let (desk, share) = ask.place(point, device)?;
    let now = clock.now();
    let epoch = store::lock_head(tx).await?;
    let lease = match store::open_of(tx, device.id, point.id).await? {
        Some(known) => {
            let lease = Lease { use_until: now.plus_secs(USE_SECS), ..placed(known, desk, share) };
            store::refresh(tx, &lease, now).await?;
            lease
        }
        None => {
            let lease = Lease {
                id: LeaseId::new(clock),
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
    audit::append(tx, clock, Actor::Device(device.id), act).await?;
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

/// What the phone knows of its own records, against what is here: what is wrong when it knows less, or when its chain is
/// forked. Such a phone was rolled back: it is marked, and refused.
pub(in crate::redemption) async fn rolled_back_at(
    tx: &mut Tx,
    device: &Device,
    end: Option<&ChainEnd>,
) -> Result<Option<Trouble>> {
    let Some(end) = end else { return Ok(None) };
    let last = chain::store::last(tx, device.id).await?;
    let forked = chain::store::forked(tx, device.id).await?;
    let at = chain::store::hashes_at(tx, device.id, end.sequence).await?.into_iter().collect();
    let at = Some(&at).filter(|hashes: &&std::collections::BTreeSet<_>| !hashes.is_empty());
    let hash = chain::rules::parse_hash(&end.record_hash).map_err(|wrong| wrong.at("chain.record_hash"))?;
    Ok(chain::rules::compare(&Here { last, forked, at }, end.sequence, &hash))
}

/// What such a phone is told.
pub(in crate::redemption) fn rolled_back() -> Error {
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
