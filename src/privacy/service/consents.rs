//! Consents of one person: seen, given, taken back; and those of erased people, found by the paper at hand.

use serde_json::json;

use crate::consents::service::Signed;
use crate::consents::{self, Consent, ConsentSubject, Given, Owner, Purpose};
use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{DonorId, HouseholdId, LandlordId};
use crate::kernel::{Clock, Message};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::ManagePrivacy;
use crate::privacy::consent_body::{GiveBody, WithdrawBody};
use crate::{donations, households, landlords};

/// Refuses a person out of reach, and one who was erased.
async fn require(conn: &mut Conn, permit: &Permit<ManagePrivacy>, owner: Owner) -> Result<()> {
    let areas = &permit.scope.areas;
    let erased = match owner.kind {
        ConsentSubject::Household => {
            let status = households::erasure::reachable_status(conn, areas, HouseholdId(owner.id)).await?;
            status != households::HouseholdStatus::Active
        }
        ConsentSubject::Landlord => {
            landlords::erasure::reachable(conn, areas, LandlordId(owner.id)).await?.erased_at.is_some()
        }
        ConsentSubject::Donor => {
            permit.require_unconfined()?;
            donations::erasure::donor(conn, DonorId(owner.id)).await?.erased_at.is_some()
        }
    };
    if erased {
        return Err(Error::conflict(
            "not_active",
            "Dữ liệu này đã được xóa hoặc đã gộp nên không ghi thêm được.",
            "These data were erased or merged: nothing can be added.",
        ));
    }
    Ok(())
}

/// Somebody's consents, the latest first.
pub async fn list(conn: &mut Conn, permit: &Permit<ManagePrivacy>, owner: Owner) -> Result<Vec<Consent>> {
    require(conn, permit, owner).await?;
    consents::service::of(conn, owner).await
}

/// Keeps a consent that was given now; all of them.
pub async fn give(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ManagePrivacy>,
    owner: Owner,
    body: GiveBody,
) -> Result<Vec<Consent>> {
    require(tx, permit, owner).await?;
    require_purpose(owner.kind, body.purpose)?;
    let given = Given { owner, purpose: body.purpose, channel: body.channel, by: Some(permit.id.0) };
    consents::service::give(tx, &core.clock, &[given]).await?;
    if owner.kind == ConsentSubject::Household {
        households::erasure::set_consent(tx, &core.clock, HouseholdId(owner.id), given.by).await?;
    }
    logged(tx, &core.clock, permit, owner, ("consent", body.purpose)).await?;
    consents::service::of(tx, owner).await
}

/// Takes a consent back; all of them.
pub async fn withdraw(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ManagePrivacy>,
    owner: Owner,
    body: WithdrawBody,
) -> Result<Vec<Consent>> {
    let reason = body.reason()?;
    require(tx, permit, owner).await?;
    let how = (body.channel, reason, Some(permit.id.0));
    if consents::service::withdraw(tx, &core.clock, owner, body.purpose, how).await? == 0 {
        return Err(Error::conflict(
            "no_consent",
            "Không có đồng ý nào đang có hiệu lực cho việc này.",
            "There is no consent in force for this.",
        ));
    }
    match owner.kind {
        ConsentSubject::Household => {
            households::erasure::end_consent(tx, &core.clock, HouseholdId(owner.id)).await?;
        }
        // Whoever does not want to be named is anonymous from now on.
        ConsentSubject::Donor => donations::erasure::hide(tx, DonorId(owner.id)).await?,
        ConsentSubject::Landlord => {}
    }
    logged(tx, &core.clock, permit, owner, ("withdraw_consent", body.purpose)).await?;
    consents::service::of(tx, owner).await
}

/// Which purposes somebody can agree to.
pub const fn purposes(kind: ConsentSubject) -> &'static [Purpose] {
    match kind {
        ConsentSubject::Household => &[Purpose::KeepData],
        ConsentSubject::Landlord => &[Purpose::PledgeRent, Purpose::BeNamed],
        ConsentSubject::Donor => &[Purpose::BeNamed],
    }
}

fn require_purpose(kind: ConsentSubject, purpose: Purpose) -> Result<()> {
    if purposes(kind).contains(&purpose) {
        return Ok(());
    }
    let say = Message::fixed("Chọn mục đích phù hợp với người này.", "Choose a purpose that fits this person.");
    Err(Error::field("purpose", "unknown_value", say))
}

async fn logged(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ManagePrivacy>,
    owner: Owner,
    (action, purpose): (&str, Purpose),
) -> Result<()> {
    let act = Act::on(action, owner.kind.name(), owner.id).with(json!({ "purpose": purpose.name() }));
    audit::append(tx, clock, permit.actor(), act).await
}

/// Consents of erased people that a paper may be of: for the whole ward's staff, and the look is logged.
pub async fn of_paper(core: &Core, permit: &Permit<ManagePrivacy>, signed: &Signed) -> Result<Vec<Consent>> {
    permit.require_unconfined()?;
    let mut conn = core.db.read().await?;
    let found = consents::service::of_paper(&mut conn, &core.vault, signed).await?;
    drop(conn);
    let act = Act::many("look_up", "consent", json!({ "count": found.len() }));
    audit::record(core, permit.actor(), act).await?;
    Ok(found)
}
