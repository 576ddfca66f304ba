//! What phones handed out while they had no network is taken as fact, or kept for a coordinator.

use serde_json::Value;

use super::results::of_one;
use crate::http::{Core, Error, Result, parse_json};
use crate::kernel::Message;
use crate::people::rights::{Override, Redeem};
use crate::people::{Caller, Permit, Right, Uploader};
use crate::redemption::admission::rules::Way;
use crate::redemption::answer::Answer;
use crate::redemption::batch::Decided;
use crate::redemption::chain::rules::Link;
use crate::redemption::intake::{Desk, ScanBody, ScanIntake, Upload};
use crate::redemption::quarantine::record::Record;
use crate::redemption::scan::{Operator, Scan, Source};
use crate::redemption::upload::UploadPlace;
use crate::redemption::{admission, chain, quarantine};

/// What becomes of one record.
pub(in crate::redemption) struct RecordAnswer {
    /// Its nonce, as it was sent.
    pub(in crate::redemption) nonce: Option<Value>,
    /// Its answer or what is wrong with it; nothing: it waits for a coordinator.
    pub(in crate::redemption) answer: Option<Result<Answer>>,
}

/// The records of an upload as the engine wants them, each with what it was sent as.
#[derive(Default)]
pub(in crate::redemption) struct Records {
    scans: Vec<Scan>,
    links: Vec<Option<Link>>,
    items: Vec<Value>,
    /// For each item its nonce, and what is wrong with it.
    slots: Vec<(Option<Value>, Option<Error>)>,
}

pub(in crate::redemption) async fn read(
    core: &Core,
    redemption: &ScanIntake,
    caller: &Caller,
    items: Vec<Value>,
) -> Result<Records> {
    let mut records = Records::default();
    for item in items {
        let nonce = item.get("nonce").cloned();
        match record(core, redemption, caller, &item).await {
            Ok((scan, link)) => {
                records.scans.push(scan);
                records.links.push(link);
                records.items.push(item);
                records.slots.push((nonce, None));
            }
            Err(error @ (Error::Busy | Error::Refused { .. })) => return Err(error),
            Err(error) => records.slots.push((nonce, Some(error))),
        }
    }
    Ok(records)
}

/// Decides the records, or keeps them for a coordinator; the answers in the order of the items.
pub(in crate::redemption) async fn take(
    core: &Core,
    redemption: &ScanIntake,
    permit: &Permit<Redeem, Uploader>,
    records: Records,
) -> Result<Vec<RecordAnswer>> {
    let Uploader(caller) = &**permit;
    let operator = Operator::from(caller);
    let revoked = matches!(operator, Operator::Device { revoked_at: Some(_), .. });
    let _turn = if revoked { Some(redemption.in_turn().await) } else { None };
    let guessable = records.scans.iter().any(|scan| admission::rules::can_be_guessed(&scan.presented));
    let seen = if revoked || guessable { redemption.look_at(core, caller, &records.scans).await? } else { Vec::new() };
    let ways = admission::service::ways(core, &records.scans, operator, &seen).await?;
    let mut sent = Vec::with_capacity(records.scans.len());
    let mut kept = Vec::new();
    for (place, (scan, way)) in records.scans.into_iter().zip(&ways).enumerate() {
        let voucher_id = seen.get(place).and_then(|seen| seen.voucher_id);
        match (way, voucher_id) {
            (Way::Quarantine(doubt), Some(voucher_id)) => {
                kept.push(Record::new(core, &scan, voucher_id, &records.items[place], *doubt));
            }
            (Way::Quarantined, _) => {}
            _ => sent.push(scan),
        }
    }
    if let Some(device_id) = operator.device_id().filter(|_| !kept.is_empty()) {
        core.run(async |tx| quarantine::service::keep(tx, core, device_id, kept).await).await?;
    }
    let mut decided = redemption.engine.decide_all(sent).await.into_iter();
    let answers: Vec<Option<Result<Decided>>> =
        ways.iter().map(|way| (*way == Way::Decide).then(|| decided.next().unwrap_or(Err(Error::Busy)))).collect();
    if let Some(device_id) = operator.device_id() {
        let arrived = |answer: &Option<Result<Decided>>| answer.as_ref().is_none_or(|told| matches!(told, Ok(Ok(_))));
        let links = records.links.into_iter().zip(&answers).filter(|(_, answer)| arrived(answer));
        let links: Vec<Link> = links.filter_map(|(link, _)| link).collect();
        if !links.is_empty() {
            core.run(async |tx| chain::service::take(tx, core, device_id, links).await).await?;
        }
    }
    let mut answers = answers.into_iter();
    let results = records.slots.into_iter().map(|(nonce, error)| {
        let answer = match error {
            Some(error) => Some(of_one(Err(error))?),
            None => answers.next().flatten().map(of_one).transpose()?,
        };
        Ok(RecordAnswer { nonce, answer })
    });
    results.collect()
}

/// A record as the engine wants it, and where it stands in its phone's chain.
pub(in crate::redemption) async fn record(
    core: &Core,
    redemption: &ScanIntake,
    caller: &Caller,
    item: &Value,
) -> Result<(Scan, Option<Link>)> {
    let bytes = serde_json::to_vec(item).map_err(|error| Error::Internal(Box::new(error)))?;
    let scan: ScanBody = parse_json(&bytes)?;
    let place: UploadPlace = parse_json(&bytes)?;
    if scan.override_reason.is_some() {
        Permit::<Override, _>::of(caller.clone())?;
    }
    let source = if place.handed_out.unwrap_or(true) { Source::Offline } else { Source::Online };
    match caller {
        Caller::Staff(staff) if source.is_fact() => {
            if !staff.role.may(Right::Override) {
                return Err(facts_come_from_phones());
            }
            staff.require_point(scan.point_id)?;
        }
        _ if source == Source::Online => caller.refuse_revoked()?,
        _ => {}
    }
    let link = link(caller, &scan, &place)?;
    let upload = Upload { sequence: place.sequence, lease_epoch: place.lease_epoch };
    Ok((redemption.scan(core, caller, scan, source, upload).await?, link))
}

fn facts_come_from_phones() -> Error {
    Error::refused(
        "not_a_phone",
        "Lượt đã phát do điện thoại đã kết nối gửi lên; tài khoản này không nhập thay được. Hãy nhờ cán bộ phụ trách.",
        "What was handed out is told by enrolled phones; this login can't enter it. Ask the coordinator.",
    )
}

/// Where a phone's record stands in its chain; nothing when it says nothing of that.
fn link(caller: &Caller, scan: &ScanBody, place: &UploadPlace) -> Result<Option<Link>> {
    let (Caller::Device(device), Some(sequence)) = (caller, place.sequence) else { return Ok(None) };
    if !(1..=chain::rules::SEQUENCE_MAX).contains(&sequence) {
        let say =
            Message::fixed("Số thứ tự của lượt ghi bắt đầu từ 1.", "A record's place in the queue is counted from 1.");
        return Err(Error::field("sequence", "out_of_range", say));
    }
    let previous = chain::rules::parse_hash(place.previous_hash.as_deref().unwrap_or_default())
        .map_err(|wrong| wrong.at("previous_hash"))?;
    let record = chain::rules::Record {
        device_id: device.id,
        sequence,
        nonce: scan.nonce,
        point_id: scan.point_id,
        lease_epoch: place.lease_epoch,
        scanned_at: scan.scanned_at,
        units: scan.units.unwrap_or(1),
        handed_out: place.handed_out.unwrap_or(true),
        code: &scan.code,
        desk: &scan.desk.as_ref().map(Desk::text).unwrap_or_default(),
        collector: scan.collector.as_ref(),
    };
    Ok(Some(Link { sequence, nonce: scan.nonce, hash: record.hash(&previous), previous }))
}
