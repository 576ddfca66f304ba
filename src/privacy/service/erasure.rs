//! Erasing a person of whatever kind, in one transaction.

use serde_json::json;

use crate::consents::service::Signed;
use crate::consents::{self, ConsentSubject, Owner};
use crate::db::Tx;
use crate::http::{Core, Result, replay};
use crate::kernel::ids::{DeviceId, DonorId, HouseholdId, LandlordId, UserId};
use crate::kernel::{Clock, ERASED_TEXT, Traces, Within};
use crate::people::Permit;
use crate::people::audit::{self, Act, Actor};
use crate::people::caller::forget_believed;
use crate::people::rights::{ChangePeople, ManagePrivacy};
use crate::people::service::erasure as people;
use crate::privacy::store::erasures;
use crate::privacy::{Subject, SubjectKind, journal};
use crate::vault::Vault;
use crate::{donations, duties, households, imports, landlords, redemption, vouchers};

/// What erasing needs; a restore has no [`Core`] yet.
#[derive(Clone, Copy, Debug)]
pub struct Means<'a> {
    pub clock: &'a Clock,
    pub vault: &'a Vault,
}

/// Erases a household with those merged into it; the anonymous shell.
pub async fn household(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ManagePrivacy>,
    id: HouseholdId,
    reason: String,
) -> Result<households::Household> {
    if households::erasure::lock(tx, &permit.scope.areas, id).await? {
        erase(tx, core, permit.actor(), Subject { kind: SubjectKind::Household, id: id.0 }, reason).await?;
    }
    households::shown_after(tx, core, permit, id).await
}

/// Erases a landlord and the tenants.
pub async fn landlord(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ManagePrivacy>,
    id: LandlordId,
    reason: String,
) -> Result<()> {
    if landlords::erasure::lock(tx, &permit.scope.areas, id).await? {
        erase(tx, core, permit.actor(), Subject { kind: SubjectKind::Landlord, id: id.0 }, reason).await?;
    }
    Ok(())
}

/// Erases a donor. Donors belong to the ward as a whole.
pub async fn donor(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ManagePrivacy>,
    id: DonorId,
    reason: String,
) -> Result<()> {
    permit.require_unconfined()?;
    if donations::erasure::lock(tx, id).await? {
        erase(tx, core, permit.actor(), Subject { kind: SubjectKind::Donor, id: id.0 }, reason).await?;
    }
    Ok(())
}

/// Erases who has a login, which ends with it.
pub async fn user(tx: &mut Tx, core: &Core, permit: &Permit<ChangePeople>, id: UserId, reason: String) -> Result<()> {
    if people::lock_user(tx, id).await? {
        erase(tx, core, permit.actor(), Subject { kind: SubjectKind::User, id: id.0 }, reason).await?;
        tx.after_commit(forget_believed);
    }
    Ok(())
}

/// Erases who carried a phone.
pub async fn device(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ManagePrivacy>,
    id: DeviceId,
    reason: String,
) -> Result<()> {
    crate::people::reachable_device(tx, permit, id).await?;
    if people::lock_device(tx, id).await? {
        erase(tx, core, permit.actor(), Subject { kind: SubjectKind::Device, id: id.0 }, reason).await?;
        tx.after_commit(forget_believed);
    }
    Ok(())
}

/// Erases one who is locked, and remembers it apart from the database once it is committed.
async fn erase(tx: &mut Tx, core: &Core, actor: Actor, subject: Subject, reason: String) -> Result<()> {
    let means = Means { clock: &core.clock, vault: &core.vault };
    let with_it = erase_as(tx, means, actor, subject, reason).await?;
    let core = core.clone();
    tx.after_commit(move || {
        if let Err(error) = journal::add(&core.config.data_dir, &core.vault, &with_it) {
            // The next start makes up for it.
            tracing::error!(%error, "an erasure was not noted in the data folder");
        }
        core.changed();
    });
    Ok(())
}

/// Erases one in the name of whoever asks; all records that went with it.
pub async fn erase_as(
    tx: &mut Tx,
    means: Means<'_>,
    actor: Actor,
    subject: Subject,
    reason: String,
) -> Result<Vec<Subject>> {
    let mut with_it = vec![subject];
    if subject.kind == SubjectKind::Household {
        let merged = erasures::merged_into(tx, subject.id).await?;
        with_it.extend(merged.into_iter().map(|id| Subject { kind: SubjectKind::Household, id }));
    }
    let traces = everywhere(tx, means, subject).await?;
    let by = actor.user_id().map(|id| id.0);
    let reason = if traces.iter().any(|traces| traces.are_in(&reason)) { ERASED_TEXT.to_owned() } else { reason };
    for one in &with_it {
        erasures::note(tx, means.clock, *one, reason.clone(), by).await?;
    }
    let act = Act::on("erase", subject.kind.name(), subject.id).with(json!({ "records": with_it.len() }));
    audit::append(tx, means.clock, actor, act).await?;
    Ok(with_it)
}

const fn owner(kind: ConsentSubject, id: uuid::Uuid) -> Owner {
    Owner { kind, id }
}

/// Takes one out of every table; what told of them.
async fn everywhere(tx: &mut Tx, Means { clock, vault }: Means<'_>, subject: Subject) -> Result<Vec<Traces>> {
    let id = subject.id;
    let traces = match subject.kind {
        SubjectKind::Household => {
            let id = HouseholdId(id);
            let traces = households::erasure::traces(tx, vault, id).await?;
            let signed = households::erasure::signed(tx, vault, id).await?;
            consents::service::anonymise(tx, vault, owner(ConsentSubject::Household, id.0), &signed).await?;
            redemption::erasure::service::erase_household(tx, vault, id).await?;
            vouchers::store::erasure::erase(tx, id).await?;
            households::erasure::erase(tx, clock, id).await?;
            vec![traces]
        }
        SubjectKind::Landlord => {
            let id = LandlordId(id);
            let traces = landlords::erasure::traces(tx, vault, id).await?;
            let stored = landlords::erasure::reachable(tx, &Within::All, id).await?;
            let signed = landlords::erasure::signed(vault, &stored)?;
            consents::service::anonymise(tx, vault, owner(ConsentSubject::Landlord, id.0), &signed).await?;
            landlords::erasure::erase(tx, clock, id, &traces).await?;
            vec![traces.0, traces.1]
        }
        SubjectKind::Donor => {
            let id = DonorId(id);
            let traces = donations::erasure::traces(tx, id).await?;
            let signed = Signed { name: donations::erasure::donor(tx, id).await?.name, ..Signed::default() };
            consents::service::anonymise(tx, vault, owner(ConsentSubject::Donor, id.0), &signed).await?;
            donations::erasure::erase(tx, clock, id, &traces).await?;
            vec![traces]
        }
        SubjectKind::User => {
            let id = UserId(id);
            let traces = people::user_traces(&people::user(tx, id).await?);
            people::erase_user(tx, clock, id).await?;
            duties::store::erase_reasons(tx, id).await?;
            vec![traces]
        }
        SubjectKind::Device => {
            let id = DeviceId(id);
            let device = people::device(tx, id).await?;
            let traces = people::device_traces(&device);
            redemption::erasure::service::erase_device(tx, id, &device.name, &traces).await?;
            people::erase_device(tx, clock, id).await?;
            vec![traces]
        }
    };
    // Tenants are named in lists as well, in rows of their landlord; staff and volunteers are in none.
    if let Some(own) = traces.first().filter(|_| !matches!(subject.kind, SubjectKind::User | SubjectKind::Device)) {
        imports::staged::erasure::erase(tx, vault, own).await?;
    }
    replay::empty_answers(tx).await?;
    Ok(traces)
}
