//! The JSON API of erasing people.

use axum::Json;
use axum::extract::State;

use crate::households::Household;
use crate::http::{Api, Body, Core, Id, Problems, Result, routes};
use crate::kernel::Moment;
use crate::kernel::ids::{DeviceId, DonorId, HouseholdId, LandlordId, UserId};
use crate::people::Permit;
use crate::people::rights::{ChangePeople, ManagePrivacy};
use crate::privacy::erasure_body::EraseBody;
use crate::privacy::service::erasure;
use crate::privacy::{Subject, SubjectKind, scrub};

pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(erase_household))
        .routes(routes!(erase_landlord))
        .routes(routes!(erase_donor))
        .routes(routes!(erase_user))
        .routes(routes!(erase_device))
}

/// What is left of somebody who was erased.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Shell {
    /// As what the person was kept.
    kind: SubjectKind,
    /// The record's id, which stays.
    id: uuid::Uuid,
    /// `erased`.
    #[schema(pattern = "^erased$")]
    status: &'static str,
    /// When this was answered.
    at: Moment,
}

impl Shell {
    fn of(core: &Core, subject: Subject) -> Json<Self> {
        Json(Self { kind: subject.kind, id: subject.id, status: "erased", at: core.clock.now() })
    }
}

fn reason(body: Option<Body<EraseBody>>) -> Result<String> {
    body.map(|Body(body)| body).unwrap_or_default().parse()
}

/// Erase a household's personal data
///
/// Name, phone, id number, address, note and consent are gone for good, also those of households merged into it, and with
/// them who collected, reasons that were written about its vouchers, and its rows in lists that wait. An anonymous shell
/// keeps area, members and category for the totals. There is no undo. Sent again it gives the same answer.
#[utoipa::path(post, path = "/households/{id}/erase", tag = "privacy", params(("id" = HouseholdId, Path)),
    request_body(content = Option<EraseBody>, example = json!({"reason": "Theo đơn yêu cầu ngày 04/08/2021"})),
    responses((status = 200, description = "The anonymous shell", body = Household), Problems))]
async fn erase_household(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<HouseholdId>,
    body: Option<Body<EraseBody>>,
) -> Result<Json<Household>> {
    let reason = reason(body)?;
    let shell = core.run(async |tx| erasure::household(tx, &core, &permit, id, reason).await).await?;
    scrub::after_erasure(&core).await;
    Ok(Json(shell))
}

/// Erase a landlord's personal data, and the tenants'
///
/// Name, phone, addresses, notes and tenants of all pledges are gone for good; rooms, months and amounts stay for the
/// totals, and the private links open nothing any more. There is no undo. Sent again it gives the same answer.
#[utoipa::path(post, path = "/landlords/{id}/erase", tag = "privacy", params(("id" = LandlordId, Path)),
    request_body(content = Option<EraseBody>, example = json!({"reason": "Theo đơn yêu cầu ngày 04/08/2021"})),
    responses((status = 200, description = "What is left", body = Shell), Problems))]
async fn erase_landlord(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<LandlordId>,
    body: Option<Body<EraseBody>>,
) -> Result<Json<Shell>> {
    let reason = reason(body)?;
    core.run(async |tx| erasure::landlord(tx, &core, &permit, id, reason).await).await?;
    scrub::after_erasure(&core).await;
    Ok(Shell::of(&core, Subject { kind: SubjectKind::Landlord, id: id.0 }))
}

/// Erase a donor's personal data
///
/// The donor is anonymous from now on, in what was given before as well; quantities, values and days stay. There is no
/// undo. Sent again it gives the same answer.
#[utoipa::path(post, path = "/donors/{id}/erase", tag = "privacy", params(("id" = DonorId, Path)),
    request_body(content = Option<EraseBody>, example = json!({"reason": "Theo đơn yêu cầu ngày 04/08/2021"})),
    responses((status = 200, description = "What is left", body = Shell), Problems))]
async fn erase_donor(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<DonorId>,
    body: Option<Body<EraseBody>>,
) -> Result<Json<Shell>> {
    let reason = reason(body)?;
    core.run(async |tx| erasure::donor(tx, &core, &permit, id, reason).await).await?;
    scrub::after_erasure(&core).await;
    Ok(Shell::of(&core, Subject { kind: SubjectKind::Donor, id: id.0 }))
}

/// Erase who has a login
///
/// The login's name, its password and every way in are gone for good; what it did stays in the log, under its id. There is
/// no undo. The last administrator stays.
#[utoipa::path(post, path = "/users/{id}/erase", tag = "privacy", params(("id" = UserId, Path)),
    request_body(content = Option<EraseBody>, example = json!({"reason": "Theo đơn yêu cầu ngày 04/08/2021"})),
    responses((status = 200, description = "What is left", body = Shell), Problems))]
async fn erase_user(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    Id(id): Id<UserId>,
    body: Option<Body<EraseBody>>,
) -> Result<Json<Shell>> {
    let reason = reason(body)?;
    core.run(async |tx| erasure::user(tx, &core, &permit, id, reason).await).await?;
    scrub::after_erasure(&core).await;
    Ok(Shell::of(&core, Subject { kind: SubjectKind::User, id: id.0 }))
}

/// Erase the volunteer who carried a phone
///
/// The volunteer's name and the phone's are gone for good; what was handed out stays. A phone that is in use is revoked
/// first: else 409 `still_enrolled`. There is no undo.
#[utoipa::path(post, path = "/devices/{id}/erase", tag = "privacy", params(("id" = DeviceId, Path)),
    request_body(content = Option<EraseBody>, example = json!({"reason": "Theo đơn yêu cầu ngày 04/08/2021"})),
    responses((status = 200, description = "What is left", body = Shell), Problems))]
async fn erase_device(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<DeviceId>,
    body: Option<Body<EraseBody>>,
) -> Result<Json<Shell>> {
    let reason = reason(body)?;
    core.run(async |tx| erasure::device(tx, &core, &permit, id, reason).await).await?;
    scrub::after_erasure(&core).await;
    Ok(Shell::of(&core, Subject { kind: SubjectKind::Device, id: id.0 }))
}
