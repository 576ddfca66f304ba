//! The pages of campaigns: the table, a new one, correcting one.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::campaigns::campaign::{Campaign, NewCampaign, NewCampaignBody};
use crate::campaigns::store::ListedCampaign;
use crate::campaigns::{service, store};
use crate::http::{Core, Error, Form, Frame, Id, Params, Result, Rows, Turn, see_other, show};
use crate::kernel::ids::CampaignId;
use crate::kernel::{Day, Validation};
use crate::people::rights::{ReadStock, WriteGoods};
use crate::people::{Right, Visitor};

/// `/campaigns`.
pub fn router() -> Router<Core> {
    Router::new()
        .route("/campaigns", get(campaigns))
        .route("/campaigns/new", get(new_campaign).post(create_campaign))
        .route("/campaigns/{id}", get(edit).post(change))
}

#[derive(Template)]
#[template(path = "campaigns/campaigns.html")]
struct CampaignsPage {
    frame: Frame,
    rows: Rows<ListedCampaign>,
    today: Day,
    may_write: bool,
    may_plan: bool,
}

impl CampaignsPage {
    /// The class and the words of where a campaign stands in time.
    fn state(&self, campaign: &Campaign) -> (&'static str, &'static str) {
        if campaign.starts_on > self.today {
            ("quiet", self.frame.t("Sắp tới", "Ahead"))
        } else if campaign.ends_on < self.today {
            ("quiet", self.frame.t("Đã kết thúc", "Over"))
        } else {
            ("enough", self.frame.t("Đang diễn ra", "Running"))
        }
    }
}

async fn campaigns(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let found = store::listed(&mut core.db.read().await?, (turn.limit(), turn.offset())).await?;
    let page = CampaignsPage {
        rows: Rows::new(found, &turn, None),
        today: core.clock.today(),
        may_write: visitor.may(Right::WriteGoods),
        may_plan: visitor.may(Right::WriteVouchers),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "campaigns/campaign-form.html")]
struct CampaignFormPage {
    frame: Frame,
    form: Form,
    is_new: bool,
}

async fn new_campaign(State(core): State<Core>, visitor: Visitor<WriteGoods>) -> Result<Response> {
    let today = core.clock.today();
    let form =
        Form::fresh(&core).with("starts_on", today).with("ends_on", today.plus_days(30)).with("interval_days", 14);
    show(StatusCode::OK, &CampaignFormPage { frame: visitor.frame, form, is_new: true })
}

fn body_of(form: &Form) -> Result<NewCampaignBody> {
    let mut fields = Validation::new();
    let starts_on = fields.take("starts_on", form.day("starts_on"));
    let ends_on = fields.take("ends_on", form.day("ends_on"));
    let interval_days =
        form.text("interval_days").and_then(|_| fields.take("interval_days", form.int("interval_days")));
    let (starts_on, ends_on) = fields.all((starts_on, ends_on))?;
    Ok(NewCampaignBody { name: form.value("name").to_owned(), starts_on, ends_on, interval_days })
}

async fn create_campaign(State(core): State<Core>, visitor: Visitor<WriteGoods>, form: Form) -> Result<Response> {
    let created = async {
        let new = NewCampaign::parse(body_of(&form)?)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core.clock, &visitor.permit, new).await
        })
        .await
    };
    match created.await {
        Ok(_) => Ok(see_other("/campaigns?done=created")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &CampaignFormPage { frame: visitor.frame, form, is_new: true })
        }
    }
}

async fn edit(State(core): State<Core>, visitor: Visitor<WriteGoods>, Id(id): Id<CampaignId>) -> Result<Response> {
    let campaign = store::campaign(&mut core.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    let form = Form::fresh(&core)
        .with("name", campaign.name)
        .with("starts_on", campaign.starts_on)
        .with("ends_on", campaign.ends_on)
        .with_some("interval_days", campaign.interval_days);
    show(StatusCode::OK, &CampaignFormPage { frame: visitor.frame, form, is_new: false })
}

async fn change(
    State(core): State<Core>,
    visitor: Visitor<WriteGoods>,
    Id(id): Id<CampaignId>,
    form: Form,
) -> Result<Response> {
    let changed = async {
        let change = body_of(&form)?.into();
        core.run(async |tx| service::change(tx, &core.clock, &visitor.permit, id, change).await).await
    };
    match changed.await {
        Ok(_) => Ok(see_other("/campaigns?done=saved")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &CampaignFormPage { frame: visitor.frame, form, is_new: false })
        }
    }
}
