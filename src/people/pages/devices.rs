//! `/devices`: the phones that hand out; a new one is invited with a QR code.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::choices;
use crate::kernel::Moment;
use crate::people::api::devices::{self as api, Invitation, NewDeviceBody};
use crate::people::presence::{Presence, presence};
use crate::people::store::devices::{self, DeviceRow, ListedDevice};
use crate::people::{DeviceId, PointId, Right, Staff, Visitor};
use crate::web::{Core, Create, Form, Frame, Id, Params, Peer, Reach, Result, Rows, Turn, qr, see_other, show};

pub(super) fn router() -> Router<Core> {
    Router::new()
        .route("/devices", get(list))
        .route("/devices/new", get(new_device).post(invite))
        .route("/devices/{id}", get(device))
        .route("/devices/{id}/revoke", get(revoking).post(revoke))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(flatten)]
    turn: Turn,
    #[serde(default)]
    revoked: String,
}

/// A phone with what a table says of it.
struct Phone {
    listed: ListedDevice,
    points: String,
    presence: Presence,
}

#[derive(Template)]
#[template(path = "people/devices.html")]
struct DevicesPage {
    frame: Frame,
    rows: Rows<Phone>,
    revoked: bool,
}

async fn list(State(core): State<Core>, visitor: Visitor, Params(asked): Params<Asked>) -> Result<Response> {
    visitor.require(Right::ManageDevices)?;
    let revoked = asked.revoked == "1";
    let mut conn = core.db.read().await?;
    let found =
        devices::listed(&mut conn, &visitor.staff.scope.points, revoked, asked.turn.limit(), asked.turn.offset())
            .await?;
    let ids: Vec<DeviceId> = found.iter().map(|listed| listed.device.id).collect();
    let names = devices::point_names_of(&mut conn, &ids).await?;
    let now = core.clock.now();
    let rows = Rows::new(found, &asked.turn, None).map(|listed| Phone {
        points: points_of(&names, listed.device.id),
        presence: presence(&listed.device, now),
        listed,
    });
    show(StatusCode::OK, &DevicesPage { frame: visitor.frame, rows, revoked })
}

fn points_of(names: &[(DeviceId, String)], id: DeviceId) -> String {
    names.iter().filter(|(of, _)| *of == id).map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")
}

#[derive(Template)]
#[template(path = "people/device-new.html")]
struct NewDevicePage {
    frame: Frame,
    form: Form,
    points: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct At {
    #[serde(default)]
    point_id: String,
}

async fn new_device(State(core): State<Core>, visitor: Visitor, Params(at): Params<At>) -> Result<Response> {
    visitor.require(Right::ManageDevices)?;
    let form = Form::fresh(&core).with_some("point_ids", Some(at.point_id).filter(|id| !id.is_empty()));
    show_new_device(&core, visitor, StatusCode::OK, form).await
}

async fn show_new_device(core: &Core, visitor: Visitor, status: StatusCode, form: Form) -> Result<Response> {
    let mut points = choices::read(&mut core.db.read().await?).await?.points;
    points.retain(|(id, _)| id.parse().is_ok_and(|id: PointId| visitor.staff.serves(id)));
    show(status, &NewDevicePage { frame: visitor.frame, form, points })
}

/// An invitation: the code is shown this once, since only its hash is kept.
#[derive(Template)]
#[template(path = "people/device-invited.html")]
struct InvitedPage {
    frame: Frame,
    invitation: Invitation,
    name: String,
    qr: String,
    /// Whether a phone can open the address.
    reach: Reach,
}

impl InvitedPage {
    /// Where the code is typed: the address without the code.
    fn address(&self) -> &str {
        self.invitation.enrol_url.split('#').next().unwrap_or_default()
    }
}

async fn invite(State(core): State<Core>, peer: Peer, visitor: Visitor, form: Form) -> Result<Response> {
    visitor.require(Right::ManageDevices)?;
    let reach = peer.reach(&core);
    let body = NewDeviceBody { name: form.value("name").to_owned(), point_ids: form.all_chosen("point_ids") };
    let create = Create { body, once: form.once() };
    match api::create_device(State(core.clone()), visitor.staff.clone(), peer, create).await {
        Ok(answer) => {
            let invitation: Invitation = answer.read()?;
            let qr = qr::svg(&invitation.enrol_url)?;
            let name = form.value("name").to_owned();
            show(StatusCode::CREATED, &InvitedPage { frame: visitor.frame, invitation, name, qr, reach })
        }
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_new_device(&core, visitor, status, form).await
        }
    }
}

#[derive(Template)]
#[template(path = "people/device.html")]
struct DevicePage {
    frame: Frame,
    device: DeviceRow,
    points: String,
    point_ids: Vec<PointId>,
    presence: Presence,
    may_see_log: bool,
}

/// A phone of one's own points.
async fn stored(core: &Core, staff: &Staff, id: DeviceId) -> Result<(DeviceRow, Vec<PointId>, String, Moment)> {
    let mut conn = core.db.read().await?;
    let device = api::reachable(&mut conn, staff, id).await?;
    let ids: Vec<PointId> =
        devices::points_of(&mut conn, &[id]).await?.into_iter().map(|(_, point_id)| point_id).collect();
    let names = devices::point_names_of(&mut conn, &[id]).await?;
    Ok((device, ids, points_of(&names, id), core.clock.now()))
}

async fn device(State(core): State<Core>, visitor: Visitor, Id(id): Id<DeviceId>) -> Result<Response> {
    visitor.require(Right::ManageDevices)?;
    let (device, point_ids, points, now) = stored(&core, &visitor.staff, id).await?;
    let presence = presence(&device, now);
    let may_see_log = visitor.may(Right::ReadAudit);
    show(StatusCode::OK, &DevicePage { frame: visitor.frame, device, points, point_ids, presence, may_see_log })
}

#[derive(Template)]
#[template(path = "people/device-revoke.html")]
struct RevokePage {
    frame: Frame,
    device: DeviceRow,
    points: String,
}

async fn revoking(State(core): State<Core>, visitor: Visitor, Id(id): Id<DeviceId>) -> Result<Response> {
    visitor.require(Right::ManageDevices)?;
    let (device, _, points, _) = stored(&core, &visitor.staff, id).await?;
    show(StatusCode::OK, &RevokePage { frame: visitor.frame, device, points })
}

async fn revoke(State(core): State<Core>, visitor: Visitor, Id(id): Id<DeviceId>) -> Result<Response> {
    visitor.require(Right::ManageDevices)?;
    let _ = api::revoke_device(State(core), visitor.staff, Id(id)).await?;
    Ok(see_other(&format!("/devices/{id}?done=revoked")))
}
