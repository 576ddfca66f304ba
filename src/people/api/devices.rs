//! Phones: invited by a coordinator, enrolled once with a code, revoked at once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{
    Answer, Api, Body, Core, CreateBody, Error, IdempotencyKey, Listing, Page, Params, Peer, Problems, Result,
    Throttled, routes,
};
use crate::people::device::{EnrolBody, Enrolled, Invitation, NewDevice, NewDeviceBody};
use crate::people::device_view::{DeviceView, one_view, views};
use crate::people::rights::ManageDevices;
use crate::people::service::devices as service;
use crate::people::store::devices;
use crate::people::{Caller, Permit};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_device, list_devices)).routes(routes!(enrol_device)).routes(routes!(my_device))
}

/// Invite a phone
///
/// The answer holds a code that enrols one phone, once, within a day.
#[utoipa::path(post, path = "/devices", tag = "devices", params(IdempotencyKey), request_body = NewDeviceBody,
    responses((status = 201, description = "The invitation", body = Invitation), Problems))]
async fn create_device(
    State(core): State<Core>,
    permit: Permit<ManageDevices>,
    peer: Peer,
    create: CreateBody<NewDeviceBody>,
) -> Result<Answer> {
    let new = NewDevice::parse(create.body, &permit.scope.points)?;
    let base_url = peer.base_url(&core);
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::invite(tx, &core.clock, &permit, new, &base_url).await
    })
    .await
}

/// Enrol a phone with its code
///
/// Works once: of many tries with one code, at the same instant even, exactly one gets the token.
#[utoipa::path(post, path = "/devices/enrol", tag = "devices", request_body = EnrolBody, security(()),
    responses((status = 200, description = "The phone's token", body = Enrolled), Problems, Throttled))]
async fn enrol_device(State(core): State<Core>, peer: Peer, Body(body): Body<EnrolBody>) -> Result<Json<Enrolled>> {
    let enrolment = service::read_enrolment(&core, &peer, &body).await?;
    core.run(async |tx| service::enrol(tx, &core.clock, enrolment).await).await.map(Json)
}

/// Phones
///
/// Those that serve one of the login's points.
#[utoipa::path(get, path = "/devices", tag = "devices", params(Page),
    responses((status = 200, description = "A page of phones, revoked ones too", body = Listing<DeviceView>), Problems))]
async fn list_devices(
    State(core): State<Core>,
    permit: Permit<ManageDevices>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<DeviceView>>> {
    let cursor = page.cursor()?;
    let mut conn = core.db.read().await?;
    let rows = devices::page(&mut conn, &permit.scope.points, cursor).await?;
    let phones = views(&mut conn, rows).await?;
    Ok(Json(Listing::new(phones, cursor, |phone| phone.id.0)))
}

/// The phone that asks
#[utoipa::path(get, path = "/devices/me", tag = "devices",
    responses((status = 200, description = "The phone", body = DeviceView), Problems))]
async fn my_device(State(core): State<Core>, caller: Caller) -> Result<Json<DeviceView>> {
    let points = caller.points();
    let Caller::Device(device) = caller else { return Err(Error::Forbidden) };
    Ok(Json(one_view(&mut core.db.read().await?, &points, device.id).await?))
}
