//! `/devices`: the phones that hand out; a new one is invited with a QR code. The page of one phone, with what it holds,
//! is of the room that knows leases.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::choices;
use crate::db::Conn;
use crate::http::{Core, CreateBody, Form, Frame, Params, Peer, Reach, Result, Rows, Turn, qr, show};
use crate::kernel::ids::{DeviceId, PointId};
use crate::people::api::devices as api;
use crate::people::api::devices::{Invitation, NewDeviceBody};
use crate::people::presence::{Presence, presence};
use crate::people::store::devices::{self, DeviceRow, ListedDevice};
use crate::people::{Right, Staff, Visitor};

pub(super) fn router() -> Router<Core> {
    Router::new().route("/devices", get(list)).route("/devices/new", get(new_device).post(invite))
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
    let create = CreateBody { body, once: form.once() };
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

/// A phone as its page tells of it.
pub struct KnownDevice {
    /// The phone.
    pub device: DeviceRow,
    /// The points it serves.
    pub point_ids: Vec<PointId>,
    /// Their names.
    pub points: String,
}

/// A phone of one's own points; another's is not found.
pub async fn known(conn: &mut Conn, staff: &Staff, id: DeviceId) -> Result<KnownDevice> {
    let device = api::reachable(conn, staff, id).await?;
    let point_ids: Vec<PointId> =
        devices::points_of(conn, &[id]).await?.into_iter().map(|(_, point_id)| point_id).collect();
    let names = devices::point_names_of(conn, &[id]).await?;
    Ok(KnownDevice { device, point_ids, points: points_of(&names, id) })
}
