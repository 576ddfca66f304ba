//! One scan: decided by the engine, asked for again.

use uuid::Uuid;

use crate::db::Conn;
use crate::http::{Core, Error, Result};
use crate::kernel::message::Lang;
use crate::people::rights::{Override, Redeem};
use crate::people::{Caller, Holder, Permit, Right};
use crate::redemption::answer::{Answer, AnswerView, ContentLine, HouseholdView, PackageView, VoucherView};
use crate::redemption::intake::{ScanBody, ScanIntake, Upload};
use crate::redemption::leases::rules::Recall;
use crate::redemption::leases::service::recalls;
use crate::redemption::outcome::Outcome;
use crate::redemption::scan::{Source, fact_nonce_of};
use crate::redemption::{admission, history};

/// What was decided, and whether another phone was asked for the voucher.
#[derive(Debug)]
pub(in crate::redemption) struct Decision {
    answer: Answer,
    recall: Option<Recall>,
}

impl Decision {
    /// In one language.
    pub(in crate::redemption) fn view(self, lang: Lang) -> AnswerView {
        let view = self.answer.view(lang);
        match self.recall {
            Some(recall) => view.with_recall(recall, lang),
            None => view,
        }
    }
}

/// Decides one scan; it is on disk when this returns.
pub(in crate::redemption) async fn redeem(
    core: &Core,
    redemption: &ScanIntake,
    permit: &Permit<Redeem, Caller>,
    body: ScanBody,
) -> Result<Decision> {
    if body.override_reason.is_some() {
        permit.also::<Override>()?;
    }
    let scan = redemption.scan(core, permit, body, Source::Online, Upload::default()).await?;
    let typed = admission::rules::can_be_guessed(&scan.presented);
    if typed {
        redemption.check_guessing(core, permit)?;
        redemption.count_guesses(core, permit, 1)?;
    }
    let decided = redemption.engine.decide(scan).await;
    if typed && !matches!(&decided, Ok(Ok(answer)) if answer.outcome == Outcome::Unknown && !answer.replayed) {
        redemption.was_no_guess(permit);
    }
    let answer = decided??;
    let held = (answer.outcome == Outcome::LeasedElsewhere).then_some(answer.voucher.as_ref()).flatten();
    let recall = match held.map(|voucher| voucher.id) {
        Some(id) => Some(core.run(async |tx| recalls::ask_back(tx, &core.clock, redemption, id).await).await?),
        None => None,
    };
    Ok(Decision { answer, recall })
}

/// The stored answer of a scan, for who asked, or looks after its point.
pub(in crate::redemption) async fn stored_answer(conn: &mut Conn, caller: &Caller, nonce: Uuid) -> Result<Answer> {
    let reads_all = caller.may(Right::ReadRedemptions);
    if !reads_all {
        Permit::<Redeem, _>::of(caller.clone())?;
    }
    let stored = history::store::stored(conn, nonce, fact_nonce_of(nonce)).await?.ok_or(Error::NotFound)?;
    let own = stored.user_id == Some(caller.id()) || stored.device_id == Some(caller.id());
    if !(own || (reads_all && caller.serves(stored.point_id))) {
        return Err(Error::NotFound);
    }
    let package = match (stored.package_id, stored.package_name) {
        (Some(id), Some(name)) => {
            let lines: Vec<ContentLine> = history::store::contents(conn, id)
                .await?
                .into_iter()
                .map(|(item_id, name, unit, decimals, quantity)| ContentLine {
                    item_id,
                    name,
                    unit,
                    decimals: u8::try_from(decimals).unwrap_or(0),
                    quantity,
                })
                .collect();
            Some(PackageView::new(name, &lines))
        }
        _ => None,
    };
    Ok(Answer {
        nonce,
        outcome: serde_json::from_value(stored.outcome.into()).map_err(|error| Error::Internal(Box::new(error)))?,
        replayed: true,
        detail: serde_json::from_str(&stored.detail).unwrap_or_default(),
        flags: serde_json::from_str(&stored.flags).unwrap_or_default(),
        received_at: stored.received_at,
        reversed_at: stored.reversed_at,
        voucher: stored.voucher_id.map(|id| VoucherView {
            id,
            serial: stored.serial.unwrap_or_default(),
            round: stored.round_name.unwrap_or_default(),
            units: stored.voucher_units.unwrap_or_default(),
        }),
        household: stored.household_id.map(|id| HouseholdView {
            id,
            head_name: stored.head_name.unwrap_or_default(),
            members: stored.members.unwrap_or_default(),
        }),
        package,
    })
}
