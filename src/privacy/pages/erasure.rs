//! Erasing a person on request: asked once, on a page that says what goes and what stays, with a tick: there is no undo.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::words::{self, Going};
use crate::http::{Core, Error, Form, Frame, Id, Result, see_other, show};
use crate::kernel::Message;
use crate::kernel::ids::{DeviceId, DonorId, HouseholdId, LandlordId, UserId};
use crate::people::rights::{ChangePeople, ManagePeople, ManagePrivacy};
use crate::people::service::erasure as people;
use crate::people::{Confirmed, Visitor, reachable_device};
use crate::privacy::erasure_body::EraseBody;
use crate::privacy::service::erasure;
use crate::privacy::{SubjectKind, scrub};
use crate::{donations, households, landlords};

/// The tick without which nothing is erased.
const SURE: &str = "sure";

pub fn router() -> Router<Core> {
    Router::new()
        .route("/households/{id}/erase", get(ask_household).post(erase_household))
        .route("/landlords/{id}/erase", get(ask_landlord).post(erase_landlord))
        .route("/donors/{id}/erase", get(ask_donor).post(erase_donor))
        .route("/users/{id}/erase", get(ask_user).post(erase_user))
        .route("/devices/{id}/erase", get(ask_device).post(erase_device))
}

/// Who is about to be erased, as the page says it.
struct Asked {
    kind: SubjectKind,
    name: String,
    /// Where the person's own page is.
    back: String,
    warnings: Vec<Message>,
}

#[derive(Template)]
#[template(path = "privacy/erase.html")]
struct ErasePage {
    frame: Frame,
    form: Form,
    asked: Asked,
}

impl ErasePage {
    fn going(&self) -> Going {
        words::going(self.asked.kind)
    }

    fn kind(&self) -> String {
        self.frame.say(&self.asked.kind.say()).to_owned()
    }
}

fn page(frame: Frame, status: StatusCode, form: Form, asked: Asked) -> Result<Response> {
    show(status, &ErasePage { frame, form, asked })
}

/// The reason of a form that was ticked; what is missing is told together.
fn sent(form: &Form) -> Result<String> {
    let reason = EraseBody { reason: form.text("reason") }.parse();
    if form.ticked(SURE) {
        return reason;
    }
    let say = Message::fixed(
        "Đánh dấu vào ô này để xác nhận: xóa rồi không lấy lại được.",
        "Tick this box: what is erased can't be brought back.",
    );
    let mut wrong = match reason {
        Err(Error::Invalid(wrong)) => wrong,
        _ => Vec::new(),
    };
    wrong.extend(match Error::field(SURE, "required", say) {
        Error::Invalid(fields) => fields,
        _ => Vec::new(),
    });
    Err(Error::Invalid(wrong))
}

async fn asked_household(core: &Core, visitor: &Visitor<ManagePrivacy>, id: HouseholdId) -> Result<Asked> {
    let mut conn = core.db.read().await?;
    let (household, unused, merged) =
        households::erasure::asked(core, &mut conn, &visitor.permit.scope.areas, id).await?;
    let mut warnings = Vec::new();
    if merged > 0 {
        warnings.push(Message::new(
            format!("Cùng xóa với {merged} hộ đã gộp vào hộ này."),
            format!("{merged} households that were merged into this one go with it."),
        ));
    }
    if unused > 0 {
        warnings.push(Message::new(
            format!(
                "Hộ này còn {unused} phiếu chưa dùng. Phiếu vẫn nhận được hàng; nếu không muốn, hãy hủy phiếu trước."
            ),
            format!("{unused} of its vouchers are unused and stay good for goods; void them first if they should not."),
        ));
    }
    let name = [household.head_name.as_str(), household.address.as_str()];
    let name = name.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    Ok(Asked { kind: SubjectKind::Household, name, back: format!("/households/{id}"), warnings })
}

async fn ask_household(
    State(core): State<Core>,
    visitor: Visitor<ManagePrivacy>,
    Id(id): Id<HouseholdId>,
) -> Result<Response> {
    let asked = asked_household(&core, &visitor, id).await?;
    page(visitor.frame, StatusCode::OK, Form::fresh(&core), asked)
}

async fn erase_household(
    State(core): State<Core>,
    visitor: Visitor<ManagePrivacy>,
    Id(id): Id<HouseholdId>,
    form: Form,
) -> Result<Response> {
    let erased = async {
        let reason = sent(&form)?;
        core.run(async |tx| erasure::household(tx, &core, &visitor.permit, id, reason).await).await
    };
    match erased.await {
        Ok(_) => done(&core, &format!("/households/{id}?done=erased")).await,
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let asked = asked_household(&core, &visitor, id).await?;
            page(visitor.frame, status, form, asked)
        }
    }
}

async fn done(core: &Core, to: &str) -> Result<Response> {
    scrub::after_erasure(core).await;
    Ok(see_other(to))
}

async fn asked_landlord(core: &Core, visitor: &Visitor<ManagePrivacy>, id: LandlordId) -> Result<Asked> {
    let mut conn = core.db.read().await?;
    let landlord = landlords::erasure::reachable(&mut conn, &visitor.permit.scope.areas, id).await?;
    refuse_erased(landlord.erased_at.is_some())?;
    Ok(Asked {
        kind: SubjectKind::Landlord,
        name: landlord.name,
        back: format!("/landlords/{id}/export"),
        warnings: Vec::new(),
    })
}

async fn ask_landlord(
    State(core): State<Core>,
    visitor: Visitor<ManagePrivacy>,
    Id(id): Id<LandlordId>,
) -> Result<Response> {
    let asked = asked_landlord(&core, &visitor, id).await?;
    page(visitor.frame, StatusCode::OK, Form::fresh(&core), asked)
}

async fn erase_landlord(
    State(core): State<Core>,
    visitor: Visitor<ManagePrivacy>,
    Id(id): Id<LandlordId>,
    form: Form,
) -> Result<Response> {
    let erased = async {
        let reason = sent(&form)?;
        core.run(async |tx| erasure::landlord(tx, &core, &visitor.permit, id, reason).await).await
    };
    match erased.await {
        Ok(()) => done(&core, &format!("/landlords/{id}/export?done=erased")).await,
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let asked = asked_landlord(&core, &visitor, id).await?;
            page(visitor.frame, status, form, asked)
        }
    }
}

async fn asked_donor(core: &Core, visitor: &Visitor<ManagePrivacy>, id: DonorId) -> Result<Asked> {
    visitor.permit.require_unconfined()?;
    let donor = donations::erasure::donor(&mut core.db.read().await?, id).await?;
    refuse_erased(donor.erased_at.is_some())?;
    Ok(Asked { kind: SubjectKind::Donor, name: donor.name, back: format!("/donors/{id}"), warnings: Vec::new() })
}

async fn ask_donor(State(core): State<Core>, visitor: Visitor<ManagePrivacy>, Id(id): Id<DonorId>) -> Result<Response> {
    let asked = asked_donor(&core, &visitor, id).await?;
    page(visitor.frame, StatusCode::OK, Form::fresh(&core), asked)
}

async fn erase_donor(
    State(core): State<Core>,
    visitor: Visitor<ManagePrivacy>,
    Id(id): Id<DonorId>,
    form: Form,
) -> Result<Response> {
    let erased = async {
        let reason = sent(&form)?;
        core.run(async |tx| erasure::donor(tx, &core, &visitor.permit, id, reason).await).await
    };
    match erased.await {
        Ok(()) => done(&core, &format!("/donors/{id}?done=erased")).await,
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let asked = asked_donor(&core, &visitor, id).await?;
            page(visitor.frame, status, form, asked)
        }
    }
}

async fn asked_user(core: &Core, id: UserId) -> Result<Asked> {
    let user = people::user(&mut core.db.read().await?, id).await?;
    refuse_erased(user.erased_at.is_some())?;
    Ok(Asked { kind: SubjectKind::User, name: user.username, back: format!("/users/{id}"), warnings: Vec::new() })
}

async fn ask_user(State(core): State<Core>, visitor: Visitor<ManagePeople>, Id(id): Id<UserId>) -> Result<Response> {
    let asked = asked_user(&core, id).await?;
    page(visitor.frame, StatusCode::OK, Form::fresh(&core), asked)
}

async fn erase_user(
    State(core): State<Core>,
    Id(id): Id<UserId>,
    Confirmed { visitor, form }: Confirmed<ChangePeople>,
) -> Result<Response> {
    let erased = async {
        let reason = sent(&form)?;
        core.run(async |tx| erasure::user(tx, &core, &visitor.permit, id, reason).await).await
    };
    match erased.await {
        Ok(()) => done(&core, "/users?done=erased").await,
        Err(error) => {
            let (status, form) = form.refused(error)?;
            page(visitor.frame, status, form, asked_user(&core, id).await?)
        }
    }
}

async fn asked_device(core: &Core, visitor: &Visitor<ManagePrivacy>, id: DeviceId) -> Result<Asked> {
    let mut conn = core.db.read().await?;
    reachable_device(&mut conn, &visitor.permit, id).await?;
    let device = people::device(&mut conn, id).await?;
    refuse_erased(device.erased_at.is_some())?;
    let name = [device.volunteer.as_str(), device.name.as_str()];
    let name = name.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    Ok(Asked { kind: SubjectKind::Device, name, back: format!("/devices/{id}"), warnings: Vec::new() })
}

async fn ask_device(
    State(core): State<Core>,
    visitor: Visitor<ManagePrivacy>,
    Id(id): Id<DeviceId>,
) -> Result<Response> {
    let asked = asked_device(&core, &visitor, id).await?;
    page(visitor.frame, StatusCode::OK, Form::fresh(&core), asked)
}

async fn erase_device(
    State(core): State<Core>,
    visitor: Visitor<ManagePrivacy>,
    Id(id): Id<DeviceId>,
    form: Form,
) -> Result<Response> {
    let erased = async {
        let reason = sent(&form)?;
        core.run(async |tx| erasure::device(tx, &core, &visitor.permit, id, reason).await).await
    };
    match erased.await {
        Ok(()) => done(&core, &format!("/devices/{id}?done=erased")).await,
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let asked = asked_device(&core, &visitor, id).await?;
            page(visitor.frame, status, form, asked)
        }
    }
}

/// Somebody who was erased is not asked about again.
fn refuse_erased(erased: bool) -> Result<()> {
    if !erased {
        return Ok(());
    }
    Err(Error::conflict(
        "erased_already",
        "Dữ liệu cá nhân này đã được xóa rồi.",
        "These personal data were erased already.",
    ))
}
