//! Everything kept of a person is put together, which is a look that is logged.

use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::consents::{self, Consent, ConsentSubject, Owner};
use crate::db::Conn;
use crate::households::Category;
use crate::households::stored_category::CategoryReader;
use crate::http::{Core, Result};
use crate::kernel::ids::{DeviceId, DonorId, HouseholdId, LandlordId, UserId};
use crate::people::Permit;
use crate::people::audit::{self, Act, Actor};
use crate::people::rights::{ManagePeople, ManagePrivacy};
use crate::people::service::erasure as people;
use crate::privacy::export::Export;
use crate::privacy::store::told;
use crate::privacy::{Subject, SubjectKind};
use crate::vault::Purpose;
use crate::{donations, households, landlords};

/// A household's record as it is told, its numbers opened.
#[derive(Serialize)]
struct ToldHousehold {
    #[serde(flatten)]
    row: told::HouseholdRow,
    phone: Option<String>,
    citizen_id: Option<String>,
    category: Category,
    note: Option<String>,
}

/// All that is kept of a household and of those merged into it.
pub async fn household(core: &Core, permit: &Permit<ManagePrivacy>, id: HouseholdId) -> Result<Export> {
    let subject = Subject { kind: SubjectKind::Household, id: id.0 };
    let mut conn = core.db.snapshot().await?;
    households::erasure::reachable_status(&mut conn, &permit.scope.areas, id).await?;
    let rows = told::households(&mut conn, id.0).await?;
    let erased = rows.iter().any(|row| row.id == id.0 && row.status == "erased");
    let mut export = Export::new(subject, core.clock.now(), erased);
    let mut own = Vec::new();
    let categories = CategoryReader::new(&core.vault);
    for row in rows {
        let open = |purpose, sealed: &Option<Vec<u8>>| {
            sealed.as_ref().map(|sealed| core.vault.open_text(purpose, sealed)).transpose()
        };
        let phone = open(Purpose::Phone, &row.phone_sealed)?;
        let citizen_id = open(Purpose::CitizenId, &row.citizen_sealed)?;
        let note = open(Purpose::Note, &row.note_sealed)?;
        let category = categories.read(&row.category, HouseholdId(row.id))?;
        own.push(ToldHousehold { row, phone, citizen_id, category, note });
    }
    export.add("person", own)?;
    export.add("consents", consents_of(&mut conn, ConsentSubject::Household, id.0).await?)?;
    export.add("vouchers", told::vouchers(&mut conn, id.0).await?)?;
    export.add("papers", told::papers(&mut conn, id.0).await?)?;
    export.add("scans", told::scans(&mut conn, id.0).await?)?;
    export.add("conflicts", told::conflicts(&mut conn, id.0).await?)?;
    export.add("log", told::entries_about(&mut conn, id.0).await?)?;
    logged(core, conn, permit.actor(), subject).await?;
    Ok(export)
}

/// All that is kept of a landlord, with the tenants that were named.
pub async fn landlord(core: &Core, permit: &Permit<ManagePrivacy>, id: LandlordId) -> Result<Export> {
    let subject = Subject { kind: SubjectKind::Landlord, id: id.0 };
    let mut conn = core.db.snapshot().await?;
    let landlord = landlords::erasure::reachable(&mut conn, &permit.scope.areas, id).await?;
    let mut export = Export::new(subject, core.clock.now(), landlord.erased_at.is_some());
    let phone =
        landlord.phone_sealed.as_ref().map(|sealed| core.vault.open_text(Purpose::Phone, sealed)).transpose()?;
    let own = json!({
        "id": landlord.id, "name": landlord.name, "phone": phone, "address": landlord.address,
        "created_at": landlord.created_at, "erased_at": landlord.erased_at,
    });
    export.add("person", vec![own])?;
    export.add("consents", consents_of(&mut conn, ConsentSubject::Landlord, id.0).await?)?;
    let reductions = told::reductions(&mut conn, id.0).await?;
    let ids: Vec<Uuid> = reductions.iter().map(|row| row.id).collect();
    export.add("rent_reductions", reductions)?;
    export.add("rent_lines", told::lines(&mut conn, id.0).await?)?;
    export.add("corrections", told::corrections(&mut conn, id.0).await?)?;
    let mut log = told::entries_about(&mut conn, id.0).await?;
    for id in ids {
        log.extend(told::entries_about(&mut conn, id).await?);
    }
    export.add("log", log)?;
    logged(core, conn, permit.actor(), subject).await?;
    Ok(export)
}

/// All that is kept of a donor.
pub async fn donor(core: &Core, permit: &Permit<ManagePrivacy>, id: DonorId) -> Result<Export> {
    permit.require_unconfined()?;
    let subject = Subject { kind: SubjectKind::Donor, id: id.0 };
    let mut conn = core.db.snapshot().await?;
    let donor = donations::erasure::donor(&mut conn, id).await?;
    let mut export = Export::new(subject, core.clock.now(), donor.erased_at.is_some());
    let own = json!({
        "id": donor.id, "name": donor.name, "kind": donor.kind, "anonymous": donor.anonymous,
        "created_at": donor.created_at, "erased_at": donor.erased_at,
    });
    export.add("person", vec![own])?;
    export.add("consents", consents_of(&mut conn, ConsentSubject::Donor, id.0).await?)?;
    export.add("donations", told::gifts(&mut conn, id.0).await?)?;
    export.add("log", told::entries_about(&mut conn, id.0).await?)?;
    logged(core, conn, permit.actor(), subject).await?;
    Ok(export)
}

/// All that is kept of who has a login.
pub async fn user(core: &Core, permit: &Permit<ManagePeople>, id: UserId) -> Result<Export> {
    let subject = Subject { kind: SubjectKind::User, id: id.0 };
    let mut conn = core.db.snapshot().await?;
    let user = people::user(&mut conn, id).await?;
    let mut export = Export::new(subject, core.clock.now(), user.erased_at.is_some());
    let own = json!({
        "id": id, "username": user.username, "role": user.role, "created_at": user.created_at,
        "disabled_at": user.disabled_at, "erased_at": user.erased_at,
    });
    export.add("person", vec![own])?;
    export.add("tokens", told::tokens(&mut conn, id.0).await?)?;
    export.add("acts", told::entries_of(&mut conn, id.0).await?)?;
    export.add("log", told::entries_about(&mut conn, id.0).await?)?;
    logged(core, conn, permit.actor(), subject).await?;
    Ok(export)
}

/// All that is kept of who carried a phone.
pub async fn device(core: &Core, permit: &Permit<ManagePrivacy>, id: DeviceId) -> Result<Export> {
    let subject = Subject { kind: SubjectKind::Device, id: id.0 };
    let mut conn = core.db.snapshot().await?;
    crate::people::reachable_device(&mut conn, permit, id).await?;
    let device = people::device(&mut conn, id).await?;
    let mut export = Export::new(subject, core.clock.now(), device.erased_at.is_some());
    let own = json!({
        "id": id, "name": device.name, "volunteer": device.volunteer, "created_at": device.created_at,
        "enrolled_at": device.enrolled_at, "revoked_at": device.revoked_at, "last_seen_at": device.last_seen_at,
        "erased_at": device.erased_at,
    });
    export.add("person", vec![own])?;
    export.add("leases", told::leases(&mut conn, id.0).await?)?;
    export.add("acts", told::entries_of(&mut conn, id.0).await?)?;
    export.add("log", told::entries_about(&mut conn, id.0).await?)?;
    logged(core, conn, permit.actor(), subject).await?;
    Ok(export)
}

async fn consents_of(conn: &mut Conn, kind: ConsentSubject, id: Uuid) -> Result<Vec<Consent>> {
    consents::service::of(conn, Owner { kind, id }).await
}

/// Logs the look before it is answered. The snapshot ends first: one writer waits for nobody's reading.
async fn logged(core: &Core, conn: Conn, actor: Actor, subject: Subject) -> Result<()> {
    drop(conn);
    audit::record(core, actor, Act::on("tell", subject.kind.name(), subject.id)).await
}
