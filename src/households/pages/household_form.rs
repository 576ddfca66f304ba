//! Registering a household and correcting one.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::words::{categories, name};
use crate::consents;
use crate::households::Category;
use crate::households::household_body::{HouseholdChange, HouseholdChangeBody, NewHouseholdBody, Registration};
use crate::households::lookup::{reachable, require_active};
use crate::households::service::{correction, registration};
use crate::households::store::table::{self, Listed};
use crate::households::view::{Household, shown_one};
use crate::http::{Core, Error, Form, Frame, Id, Result, see_other, show};
use crate::kernel::ids::HouseholdId;
use crate::kernel::message::Invalid;
use crate::kernel::{Message, Moment, Validation};
use crate::people::Visitor;
use crate::people::rights::WriteHouseholds;
use crate::places::own_area_choices;

pub fn router() -> Router<Core> {
    Router::new().route("/households/new", get(new).post(create)).route("/households/{id}/edit", get(edit).post(save))
}

#[derive(Template)]
#[template(path = "households/new.html")]
struct NewPage {
    frame: Frame,
    form: Form,
    areas: Vec<(String, String)>,
    /// The household that this one seems to be, when it was refused for that.
    known: Option<Listed>,
}

impl NewPage {
    fn categories(&self) -> Vec<(String, String)> {
        categories(&self.frame)
    }
}

async fn new(State(core): State<Core>, visitor: Visitor<WriteHouseholds>) -> Result<Response> {
    let form = Form::fresh(&core).with("members", 1);
    let areas = own_area_choices(&core, &visitor.permit).await?;
    show(StatusCode::OK, &NewPage { frame: visitor.frame, form, areas, known: None })
}

async fn create(State(core): State<Core>, visitor: Visitor<WriteHouseholds>, form: Form) -> Result<Response> {
    let created = async {
        let new = Registration::parse(&core.clock, new_body(&form)?)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            registration::register(tx, &core, &visitor.permit, new).await
        })
        .await
    };
    let error = match created.await {
        Ok(answer) => return Ok(see_other(&format!("/households/{}?done=created", answer.id()?))),
        Err(error) => error,
    };
    let known = match &error {
        Error::Conflict { code: "possible_duplicate" | "duplicate", .. } => known(&core, &visitor, &form).await?,
        _ => None,
    };
    let (status, form) = form.refused(in_words(error))?;
    let areas = own_area_choices(&core, &visitor.permit).await?;
    show(status, &NewPage { frame: visitor.frame, form, areas, known })
}

/// What the API says with an id, a page says with a link beside it.
fn in_words(error: Error) -> Error {
    match error {
        Error::Conflict { code: "possible_duplicate", .. } => Error::Conflict {
            code: "possible_duplicate",
            say: Message::fixed(
                "Nghi trùng: trong sổ đã có hộ cùng họ tên và cùng số điện thoại hoặc địa chỉ.",
                "Possibly registered already: a household has the same name and the same phone or address.",
            ),
        },
        Error::Conflict { code: "duplicate", .. } => Error::field(
            "citizen_id",
            "duplicate",
            Message::fixed(
                "Số CCCD/CMND này đã có ở một hộ khác. Mở hộ đó để sửa, hoặc để trống số này.",
                "Another household has this id number. Correct that one, or leave the number out.",
            ),
        ),
        other => other,
    }
}

/// The household that a refused one seems to be, when this login may see it.
async fn known(core: &Core, visitor: &Visitor<WriteHouseholds>, form: &Form) -> Result<Option<Listed>> {
    let Registration { details, .. } = Registration::parse(&core.clock, new_body(form)?)?;
    let mut conn = core.db.read().await?;
    let Some((id, _)) = registration::same_as(&mut conn, &core.vault, &details).await? else { return Ok(None) };
    Ok(table::some(&mut conn, &visitor.permit.scope.areas, &[id]).await?.pop())
}

fn new_body(form: &Form) -> Result<NewHouseholdBody> {
    let mut fields = Validation::new();
    let area_id = fields.take("area_id", form.chosen("area_id"));
    let members = fields.take("members", form.int("members"));
    let category = fields.take("category", chosen_category(form));
    let birth_year = fields.take("birth_year", form.text("birth_year").map(|_| form.int("birth_year")).transpose());
    let (area_id, members, category, birth_year) = fields.all((area_id, members, category, birth_year))?;
    Ok(NewHouseholdBody {
        head_name: form.value("head_name").to_owned(),
        phone: form.text("phone"),
        citizen_id: form.text("citizen_id"),
        birth_year,
        area_id,
        address: form.value("address").to_owned(),
        members,
        category,
        note: form.text("note"),
        consent: form.ticked("consent"),
        consent_channel: form.chosen("consent_channel").ok(),
        allow_duplicate: form.ticked("allow_duplicate"),
    })
}

fn chosen_category(form: &Form) -> std::result::Result<Category, Invalid> {
    Category::parse(form.value("category"))
        .map_err(|wrong| Invalid { say: Message::fixed("Chọn diện hỗ trợ.", "Choose a category."), ..wrong })
}

#[derive(Template)]
#[template(path = "households/edit.html")]
struct EditPage {
    frame: Frame,
    form: Form,
    household: Household,
    areas: Vec<(String, String)>,
}

impl EditPage {
    fn categories(&self) -> Vec<(String, String)> {
        categories(&self.frame)
    }

    fn name(&self) -> &str {
        name(&self.frame, &self.household)
    }
}

/// The form holds phone, id number and note in full: opening it is a look at them, and logged as one.
async fn edit(
    State(core): State<Core>,
    visitor: Visitor<WriteHouseholds>,
    Id(id): Id<HouseholdId>,
) -> Result<Response> {
    let household = active(&core, &visitor, id, true).await?;
    let form = Form::fresh(&core)
        .with("head_name", &household.head_name)
        .with("phone", household.phone.as_deref().unwrap_or_default())
        .with("citizen_id", household.citizen_id.as_deref().unwrap_or_default())
        .with_some("birth_year", household.birth_year)
        .with("area_id", household.area_id)
        .with("address", &household.address)
        .with("members", household.members)
        .with("category", household.category)
        .with("note", household.note.as_deref().unwrap_or_default())
        .with("unchanged_since", household.updated_at);
    let areas = own_area_choices(&core, &visitor.permit).await?;
    show(StatusCode::OK, &EditPage { frame: visitor.frame, form, household, areas })
}

async fn active(core: &Core, visitor: &Visitor<WriteHouseholds>, id: HouseholdId, full: bool) -> Result<Household> {
    let mut conn = core.db.read().await?;
    let stored = reachable(&mut conn, &visitor.permit.scope.areas, id).await?;
    require_active(&stored)?;
    drop(conn);
    if full { shown_one(core, &visitor.permit, stored).await } else { Household::masked(&core.vault, stored) }
}

async fn save(
    State(core): State<Core>,
    visitor: Visitor<WriteHouseholds>,
    Id(id): Id<HouseholdId>,
    form: Form,
) -> Result<Response> {
    let saved = async {
        let change = HouseholdChange::parse(&core.clock, change(&form)?)?;
        core.run(async |tx| correction::correct(tx, &core, &visitor.permit, id, change).await).await
    };
    match saved.await {
        Ok(_) => Ok(see_other(&format!("/households/{id}?done=saved"))),
        Err(error) => {
            let (status, form) = form.refused(in_words(error))?;
            let household = active(&core, &visitor, id, false).await?;
            let areas = own_area_choices(&core, &visitor.permit).await?;
            show(status, &EditPage { frame: visitor.frame, form, household, areas })
        }
    }
}

fn change(form: &Form) -> Result<HouseholdChangeBody> {
    let mut fields = Validation::new();
    let area_id = fields.take("area_id", form.chosen("area_id"));
    let members = fields.take("members", form.int("members"));
    let category = fields.take("category", chosen_category(form));
    let birth_year = fields.take("birth_year", form.text("birth_year").map(|_| form.int("birth_year")).transpose());
    let unchanged_since = fields.take("", Moment::parse(form.value("unchanged_since")));
    let (area_id, members, category, birth_year, unchanged_since) =
        fields.all((area_id, members, category, birth_year, unchanged_since))?;
    Ok(HouseholdChangeBody {
        head_name: Some(form.value("head_name").to_owned()),
        phone: Some(form.text("phone")),
        citizen_id: Some(form.text("citizen_id")),
        birth_year: Some(birth_year),
        area_id: Some(area_id),
        address: Some(form.value("address").to_owned()),
        members: Some(members),
        category: Some(category),
        note: Some(form.value("note").to_owned()),
        consent: match form.value("consent") {
            "given" => Some(true),
            "withdrawn" => Some(false),
            _ => None,
        },
        consent_channel: form.chosen("consent_channel").ok(),
        unchanged_since: Some(unchanged_since),
    })
}
