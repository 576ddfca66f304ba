//! `/devices/{id}`: one phone with what it holds; its vouchers are released, or it is revoked, here. The list and the
//! invitations are of `people` below, which knows nothing of leases.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};

use crate::http::{Core, Error, Form, Frame, Id, Result, see_other, show};
use crate::kernel::Moment;
use crate::kernel::ids::{ConflictId, DeviceId};
use crate::kernel::message::Lang;
use crate::people::device_view::{KnownDevice, known};
use crate::people::presence::{Presence, presence};
use crate::people::rights::{ManageDevices, Override};
use crate::people::{Right, Visitor};
use crate::redemption::intake::ScanIntake;
use crate::redemption::leases::risk::Risk;
use crate::redemption::leases::service::release::{release_phone, revoke_phone};
use crate::redemption::leases::store::{DeviceLeases, of_device};
use crate::redemption::quarantine::store::waiting_under;

pub fn router() -> Router<Core> {
    Router::new()
        .route("/devices/{id}", get(device).post(release))
        .route("/devices/{id}/revoke", get(revoking).post(revoke))
}

#[derive(Template)]
#[template(path = "redemption/device.html")]
struct DevicePage {
    frame: Frame,
    form: Form,
    known: KnownDevice,
    presence: Presence,
    leases: DeviceLeases,
    /// Where its records wait to be accepted, and how many.
    quarantine: Option<(ConflictId, i64)>,
    now: Moment,
    may_release: bool,
    may_see_log: bool,
    may_answer: bool,
}

#[derive(Template)]
#[template(path = "redemption/device-revoke.html")]
struct RevokePage {
    frame: Frame,
    form: Form,
    known: KnownDevice,
    leases: DeviceLeases,
    now: Moment,
    may_release: bool,
}

impl RevokePage {
    fn release_label(&self) -> String {
        match self.frame.lang {
            Lang::Vi => format!("Giải phóng {} phiếu máy này đang giữ", self.leases.unserved),
            Lang::En => format!("Release the {} vouchers that this phone holds", self.leases.unserved),
        }
    }
}

/// A phone that the visitor looks after, and what it holds.
async fn look_up(core: &Core, visitor: &Visitor<ManageDevices>, id: DeviceId) -> Result<(KnownDevice, DeviceLeases)> {
    let mut conn = core.db.read().await?;
    let known = known(&mut conn, &visitor.permit, id).await?;
    let leases = of_device(&mut conn, id).await?.ok_or(Error::NotFound)?;
    Ok((known, leases))
}

async fn device(State(core): State<Core>, visitor: Visitor<ManageDevices>, Id(id): Id<DeviceId>) -> Result<Response> {
    show_device(&core, visitor, id, (StatusCode::OK, Form::default())).await
}

async fn show_device(
    core: &Core,
    visitor: Visitor<ManageDevices>,
    id: DeviceId,
    (status, form): (StatusCode, Form),
) -> Result<Response> {
    let (known, leases) = look_up(core, &visitor, id).await?;
    let quarantine = waiting_under(&mut core.db.read().await?, id).await?;
    let now = core.clock.now();
    let page = DevicePage {
        quarantine,
        presence: presence(&known.device, now),
        may_release: visitor.may(Right::Override),
        may_see_log: visitor.may(Right::ReadAudit),
        may_answer: visitor.may(Right::ManagePrivacy),
        frame: visitor.frame,
        form,
        known,
        leases,
        now,
    };
    show(status, &page)
}

async fn release(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    visitor: Visitor<ManageDevices>,
    Id(id): Id<DeviceId>,
    form: Form,
) -> Result<Response> {
    let permit = visitor.permit.also()?;
    let released = async {
        let risk = risk(&form)?;
        core.run(async |tx| release_phone(tx, &core, &redemption, &permit, (id, &risk)).await).await
    };
    match released.await {
        Ok(_) => Ok(see_other(&format!("/devices/{id}?done=released"))),
        Err(error) => show_device(&core, visitor, id, form.refused(at_its_field(error))?).await,
    }
}

async fn revoking(State(core): State<Core>, visitor: Visitor<ManageDevices>, Id(id): Id<DeviceId>) -> Result<Response> {
    show_revoking(&core, visitor, id, (StatusCode::OK, Form::default())).await
}

async fn show_revoking(
    core: &Core,
    visitor: Visitor<ManageDevices>,
    id: DeviceId,
    (status, form): (StatusCode, Form),
) -> Result<Response> {
    let (known, leases) = look_up(core, &visitor, id).await?;
    let may_release = visitor.may(Right::Override);
    let page = RevokePage { frame: visitor.frame, form, known, leases, now: core.clock.now(), may_release };
    show(status, &page)
}

async fn revoke(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    visitor: Visitor<ManageDevices>,
    Id(id): Id<DeviceId>,
    form: Form,
) -> Result<Response> {
    let releases = form.ticked("release");
    let done = if releases { "revoked_released" } else { "revoked" };
    let revoked = async {
        let may_release = releases.then(|| visitor.permit.also::<Override>()).transpose()?;
        let risk = releases.then(|| risk(&form)).transpose()?;
        let phone = (id, may_release.as_ref().zip(risk.as_ref()));
        core.run(async |tx| revoke_phone(tx, &core, &redemption, &visitor.permit, phone).await).await
    };
    match revoked.await {
        Ok(_) => Ok(see_other(&format!("/devices/{id}?done={done}"))),
        Err(error) => show_revoking(&core, visitor, id, form.refused(at_its_field(error))?).await,
    }
}

fn risk(form: &Form) -> Result<Risk> {
    Ok(Risk::parse(form.value("reason"), form.ticked("still_in_use")).map_err(|wrong| wrong.at("reason"))?)
}

/// A refusal is shown where the page has what answers it: the tick.
fn at_its_field(error: Error) -> Error {
    match error {
        Error::Conflict { code: "still_in_use", say } => Error::field("still_in_use", "still_in_use", say),
        other => other,
    }
}
