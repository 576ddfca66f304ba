//! `/devices`: the phones that hand out; a new one is invited with a QR code. The page of one phone, with what it holds,
//! is with the leases, in redemption.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::choices;
use crate::http::{Core, Form, Frame, Params, Peer, Reach, Result, Rows, Turn, qr, show};
use crate::kernel::ids::{DeviceId, PointId};
use crate::people::Visitor;
use crate::people::device::{Invitation, NewDevice, NewDeviceBody};
use crate::people::device_view::joined_names;
use crate::people::presence::{Presence, presence};
use crate::people::rights::ManageDevices;
use crate::people::service::devices as service;
use crate::people::store::devices::{self, ListedDevice};

pub fn router() -> Router<Core> {
    Router::new().route("/devices", get(list)).route("/devices/new", get(new_device).post(invite))
}

#[derive(Deserialize)]
struct ListQuery {
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

async fn list(
    State(core): State<Core>,
    visitor: Visitor<ManageDevices>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    let revoked = query.revoked == "1";
    let mut conn = core.db.read().await?;
    let found =
        devices::listed(&mut conn, &visitor.permit.scope.points, revoked, query.turn.limit(), query.turn.offset())
            .await?;
    let ids: Vec<DeviceId> = found.iter().map(|listed| listed.device.id).collect();
    let names = devices::point_names_of(&mut conn, &ids).await?;
    let now = core.clock.now();
    let rows = Rows::new(found, &query.turn, None).map(|listed| Phone {
        points: joined_names(&names, listed.device.id),
        presence: presence(&listed.device, now),
        listed,
    });
    show(StatusCode::OK, &DevicesPage { frame: visitor.frame, rows, revoked })
}

#[derive(Template)]
#[template(path = "people/device-new.html")]
struct NewDevicePage {
    frame: Frame,
    form: Form,
    points: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct NewDeviceQuery {
    #[serde(default)]
    point_id: String,
}

async fn new_device(
    State(core): State<Core>,
    visitor: Visitor<ManageDevices>,
    Params(query): Params<NewDeviceQuery>,
) -> Result<Response> {
    let form = Form::fresh(&core).with_some("point_ids", Some(query.point_id).filter(|id| !id.is_empty()));
    show_new_device(&core, visitor, StatusCode::OK, form).await
}

async fn show_new_device(
    core: &Core,
    visitor: Visitor<ManageDevices>,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let mut points = choices::read(&mut core.db.read().await?).await?.points;
    points.retain(|(id, _)| id.parse().is_ok_and(|id: PointId| visitor.permit.serves(id)));
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

async fn invite(State(core): State<Core>, peer: Peer, visitor: Visitor<ManageDevices>, form: Form) -> Result<Response> {
    let reach = peer.reach(&core);
    let body = NewDeviceBody { name: form.value("name").to_owned(), point_ids: form.all_chosen("point_ids") };
    let base_url = peer.base_url(&core);
    let invited = async {
        let new = NewDevice::parse(body, &visitor.permit.scope.points)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::invite(tx, &core.clock, &visitor.permit, new, &base_url).await
        })
        .await
    };
    match invited.await {
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
