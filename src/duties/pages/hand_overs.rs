//! `/users/{id}/hand-over`: to whom, what will move, and handing back.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::duties::hand_over::{HandBackBody, HandOverBody, NewHandOver};
use crate::duties::store::HandOverRow;
use crate::duties::view::MovedView;
use crate::duties::{service, store};
use crate::http::{Core, Error, Form, Frame, Id, Params, Result, see_other, show};
use crate::kernel::Validation;
use crate::kernel::ids::{HandOverId, UserId};
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::people::store::users::UserRow;
use crate::people::store::{places, users};
use crate::people::{Confirmed, Permit, Role, Visitor};

pub fn router() -> Router<Core> {
    Router::new()
        .route("/users/{id}/hand-over", get(choose).post(hand_over))
        .route("/hand-overs/{id}/undo", get(undoing).post(hand_back))
}

/// Who takes over, once chosen.
#[derive(Debug, Default, Deserialize)]
struct Chosen {
    #[serde(default)]
    to: String,
    #[serde(default)]
    disable: String,
}

#[derive(Template)]
#[template(path = "duties/hand-over.html")]
struct HandOverPage {
    frame: Frame,
    form: Form,
    user: UserRow,
    takers: Vec<(String, String)>,
    /// What will move, once it is chosen to whom.
    moved: Option<MovedView>,
    area: Option<String>,
    points: Vec<String>,
    earlier: Vec<HandOverRow>,
}

impl HandOverPage {
    fn role(&self) -> String {
        self.frame.say(&self.user.role.say()).to_owned()
    }

    fn taker(&self) -> &str {
        let to = self.form.value("to");
        self.takers.iter().find(|(id, _)| id == to).map_or("", |(_, name)| name)
    }

    /// Whether no point by name means every one.
    fn means_all(&self) -> bool {
        self.user.role != Role::Volunteer
    }
}

async fn choose(
    State(core): State<Core>,
    visitor: Visitor<ManagePeople>,
    Id(id): Id<UserId>,
    Params(chosen): Params<Chosen>,
) -> Result<Response> {
    let mut form = Form::fresh(&core);
    if !chosen.to.is_empty() {
        form = form.with("to", chosen.to);
    }
    if !chosen.disable.is_empty() {
        form = form.with("disable", "yes");
    }
    show_hand_over(&core, (visitor.frame, &visitor.permit), StatusCode::OK, form, id).await
}

/// The page with what will move, or why nothing can.
async fn show_hand_over(
    core: &Core,
    (frame, permit): (Frame, &Permit<ManagePeople>),
    status: StatusCode,
    form: Form,
    id: UserId,
) -> Result<Response> {
    let asked: Option<UserId> = form.value("to").parse().ok();
    let (mut status, mut form, mut moved) = (status, form, None);
    if let Some(to) = asked {
        match service::preview(core, permit, (id, to), form.ticked("disable")).await {
            Ok(preview) => moved = Some(preview),
            Err(error) if form.errors().is_empty() => (status, form) = form.refused(error)?,
            Err(_) => {}
        }
    }
    let mut conn = core.db.read().await?;
    let user = users::one(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let takers = store::takers(&mut conn, id, user.role).await?;
    let area = match moved.as_ref().and_then(|moved| moved.area_id) {
        Some(area_id) => places::area_name(&mut conn, area_id).await?,
        None => None,
    };
    let named = moved.iter().flat_map(|moved| &moved.point_ids);
    let all = places::points(&mut conn).await?;
    let points =
        named.filter_map(|id| all.iter().find(|(known, _)| known == id)).map(|(_, name)| name.clone()).collect();
    let earlier = store::of_user(&mut conn, id).await?;
    drop(conn);
    let takers = takers.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    show(status, &HandOverPage { frame, form, user, takers, moved, area, points, earlier })
}

async fn hand_over(
    State(core): State<Core>,
    Id(id): Id<UserId>,
    confirmed: Confirmed<ChangePeople>,
) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let done = async {
        let new = NewHandOver::parse(body_of(&form)?)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::hand_over(tx, &core, &visitor.permit, id, new).await
        })
        .await
    };
    match done.await {
        Ok(_) => Ok(see_other(&format!("/users/{id}/hand-over?done=handed_over"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_hand_over(&core, (visitor.frame, &visitor.permit.also()?), status, form, id).await
        }
    }
}

fn body_of(form: &Form) -> Result<HandOverBody> {
    let mut fields = Validation::new();
    let to = fields.take("to", form.chosen("to"));
    let (to,) = fields.all((to,))?;
    Ok(HandOverBody { to, reason: form.value("reason").to_owned(), disable: form.ticked("disable") })
}

#[derive(Template)]
#[template(path = "duties/hand-back.html")]
struct HandBackPage {
    frame: Frame,
    form: Form,
    duties: HandOverRow,
}

async fn undoing(State(core): State<Core>, visitor: Visitor<ManagePeople>, Id(id): Id<HandOverId>) -> Result<Response> {
    show_hand_back(&core, visitor.frame, StatusCode::OK, Form::fresh(&core), id).await
}

async fn show_hand_back(core: &Core, frame: Frame, status: StatusCode, form: Form, id: HandOverId) -> Result<Response> {
    let duties = store::one(&mut core.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    show(status, &HandBackPage { frame, form, duties })
}

async fn hand_back(
    State(core): State<Core>,
    Id(id): Id<HandOverId>,
    confirmed: Confirmed<ChangePeople>,
) -> Result<Response> {
    let Confirmed { visitor, form } = confirmed;
    let done = async {
        let reason = HandBackBody { reason: form.value("reason").to_owned() }.parse()?;
        core.run(async |tx| service::hand_back(tx, &core, &visitor.permit, id, reason).await).await
    };
    match done.await {
        Ok(done) => {
            let word = if done.reach_restored { "handed_back" } else { "handed_back_reach_kept" };
            Ok(see_other(&format!("/users/{}/hand-over?done={word}", done.hand_over.from)))
        }
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_hand_back(&core, visitor.frame, status, form, id).await
        }
    }
}
