//! The pages of donations: the table, a new one, one with its paper.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use crate::db::Conn;
use crate::donations::donation::{Donation, DonationLine, LineKind};
use crate::donations::donor::DonorKind;
use crate::donations::given::GivenDonation;
use crate::donations::store::listings::{DONATION_ORDERS, DonationFilter, donor_names};
use crate::donations::{export, form, service, store};
use crate::http::workbook::EXPORT_ROWS;
use crate::http::{Core, Form, Frame, Id, Params, Result, Rows, Turn, at_rows, see_other, show};
use crate::inventory::choices::{Choice, name_of};
use crate::inventory::store::catalogue::{items_by_name, key};
use crate::inventory::{Item, choices};
use crate::kernel::ids::{DonationId, DonorId};
use crate::kernel::{Day, Dong};
use crate::people::audit::{self, Act};
use crate::people::rights::{ReadStock, WriteGoods};
use crate::people::{Right, Staff, Visitor};
use crate::{campaigns, places};

/// `/donations` and what lies below it.
pub fn router() -> Router<Core> {
    Router::new()
        .route("/donations", get(donations))
        .route("/donations/export.xlsx", get(export_donations))
        .route("/donations/new", get(new_donation).post(create_donation))
        .route("/donations/{id}", get(donation))
        .route("/donations/{id}/receipt", get(receipt))
}

/// What the table is filtered by, as the address says it; what can't be read filters nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    campaign_id: String,
    donor_id: String,
    import_id: String,
    donor: String,
    kind: String,
    from: String,
    to: String,
}

impl ListQuery {
    fn filter(&self, staff: &Staff) -> DonationFilter {
        DonationFilter {
            campaign_id: self.campaign_id.parse().ok(),
            donor_id: self.donor_id.parse().ok(),
            import_id: self.import_id.parse().ok(),
            from: Day::parse(&self.from).ok(),
            to: Day::parse(&self.to).ok(),
            kind: self.kind.parse().ok(),
            donor_key: Some(self.donor.trim()).filter(|text| !text.is_empty()).map(key),
            finds_anonymous: staff.role.may(Right::WriteGoods),
        }
    }
}

#[derive(Template)]
#[template(path = "donations/donations.html")]
struct DonationsPage {
    frame: Frame,
    rows: Rows<Donation>,
    value: Dong,
    campaigns: Vec<Choice>,
    points: Vec<Choice>,
    filtered: bool,
    may_write: bool,
}

impl DonationsPage {
    fn kinds(&self) -> [(&'static str, &'static str); 3] {
        kinds(&self.frame)
    }

    fn campaign(&self, donation: &Donation) -> &str {
        donation.campaign_id.map_or("", |id| name_of(&self.campaigns, &id.to_string()))
    }

    fn point(&self, donation: &Donation) -> &str {
        donation.point_id.map_or("", |id| name_of(&self.points, &id.to_string()))
    }
}

fn kinds(frame: &Frame) -> [(&'static str, &'static str); 3] {
    [
        (LineKind::Goods.name(), frame.t("Hiện vật", "Goods")),
        (LineKind::Packages.name(), frame.t("Suất quà", "Packages")),
        (LineKind::Cash.name(), frame.t("Tiền", "Cash")),
    ]
}

async fn donations(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let (filter, points) = (wanted.filter(&visitor.permit), &visitor.permit.scope.points);
    let (order, part) = (turn.order(&DONATION_ORDERS), (turn.limit(), turn.offset()));
    let found = service::sorted_donations(&mut conn, &visitor.permit, &filter, order, part).await?;
    let (total, value) = store::listings::donation_sum(&mut conn, &filter, points).await?;
    let page = DonationsPage {
        rows: Rows::new(found, &turn, Some(total)),
        value,
        campaigns: campaigns::choices::campaigns(&mut conn).await?,
        points: choices::all_places(&mut conn, points).await?,
        filtered: visitor.frame.here.contains('='),
        may_write: visitor.may(Right::WriteGoods),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

async fn export_donations(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let filter = wanted.filter(&visitor.permit);
    let (order, part) = (turn.order(&DONATION_ORDERS), (EXPORT_ROWS, 0));
    let found = service::sorted_donations(&mut conn, &visitor.permit, &filter, order, part).await?;
    let campaigns = campaigns::choices::campaigns(&mut conn).await?;
    let points = choices::all_places(&mut conn, &visitor.permit.scope.points).await?;
    drop(conn);
    let act = Act::many("export", "donation", json!({ "rows": found.len() }));
    audit::record(&core, visitor.permit.actor(), act).await?;
    export::workbook(visitor.frame.lang, found, &campaigns, &points)
}

#[derive(Template)]
#[template(path = "donations/donation-new.html")]
struct NewDonationPage {
    frame: Frame,
    form: Form,
    donors: Vec<String>,
    campaigns: Vec<Choice>,
    points: Vec<Choice>,
    items: Vec<Choice>,
    packages: Vec<Choice>,
}

impl NewDonationPage {
    fn donor_kinds(&self) -> [(&'static str, &'static str); 2] {
        [
            ("organisation", self.frame.t("Tổ chức, đơn vị", "An organisation")),
            ("person", self.frame.t("Cá nhân", "A person")),
        ]
    }

    fn rows(&self) -> std::ops::Range<usize> {
        0..self.form.rows("lines")
    }

    fn is(&self, row: &usize, kind: &str) -> bool {
        self.form.value(&format!("lines[{row}].kind")) == kind
    }
}

/// Whose gift a new donation is, when the visitor comes from a donor's page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Given {
    donor_id: String,
    campaign_id: String,
}

async fn new_donation(
    State(core): State<Core>,
    visitor: Visitor<WriteGoods>,
    Params(given): Params<Given>,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let donor = match given.donor_id.parse::<DonorId>() {
        Ok(id) => store::donations::donor(&mut conn, id).await?,
        Err(_) => None,
    };
    let points = choices::places(&mut conn, &visitor.permit.scope.points).await?;
    let kind = donor.as_ref().map_or(DonorKind::Organisation, |donor| donor.kind);
    let anonymous = donor.as_ref().filter(|donor| donor.anonymous).map(|_| "yes");
    let form = Form::fresh(&core)
        .with_some("donor.name", donor.map(|donor| donor.name))
        .with("donor.kind", kind)
        .with_some("donor.anonymous", anonymous)
        .with("received_on", core.clock.today())
        .with("campaign_id", given.campaign_id)
        .with_some("point_id", points.first().map(|(id, _)| id))
        .with("lines[0].kind", LineKind::Goods);
    show_new_donation(&mut conn, visitor, StatusCode::OK, form).await
}

async fn show_new_donation(
    conn: &mut Conn,
    visitor: Visitor<WriteGoods>,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let page = NewDonationPage {
        donors: donor_names(conn).await?,
        campaigns: campaigns::choices::campaigns(conn).await?,
        points: choices::places(conn, &visitor.permit.scope.points).await?,
        items: choices::items(conn).await?,
        packages: choices::packages(conn).await?,
        frame: visitor.frame,
        form,
    };
    show(status, &page)
}

async fn create_donation(State(core): State<Core>, visitor: Visitor<WriteGoods>, form: Form) -> Result<Response> {
    if let Some(form) = form.rows_changed("lines") {
        return show_new_donation(&mut core.db.read().await?, visitor, StatusCode::OK, form).await;
    }
    let items: Vec<Item> = items_by_name(&mut core.db.read().await?).await?;
    let rows = form::rows(&form);
    // The body holds the filled rows only.
    let at = |error| at_rows(error, "lines", &rows);
    let created = async {
        let given = GivenDonation::parse(form::body(&form, &rows, &items)?, core.clock.today()).map_err(at)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core, &visitor.permit, given).await
        })
        .await
        .map_err(at)
    };
    match created.await {
        Ok(answer) => Ok(see_other(&format!("/donations/{}?done=received", answer.id()?))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_new_donation(&mut core.db.read().await?, visitor, status, form).await
        }
    }
}

#[derive(Template)]
#[template(path = "donations/donation.html")]
struct DonationPage {
    frame: Frame,
    donation: Donation,
    campaign: String,
    point: String,
    may_write: bool,
}

impl DonationPage {
    fn is_cash_only(&self) -> bool {
        self.donation.lines.iter().all(DonationLine::is_cash)
    }
}

async fn donation(State(core): State<Core>, visitor: Visitor<ReadStock>, Id(id): Id<DonationId>) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let donation = service::reachable(&mut conn, &visitor.permit, id).await?;
    let campaigns = campaigns::choices::campaigns(&mut conn).await?;
    let points = choices::all_places(&mut conn, &visitor.permit.scope.points).await?;
    let page = DonationPage {
        campaign: donation.campaign_id.map_or("", |id| name_of(&campaigns, &id.to_string())).to_owned(),
        point: donation.point_id.map_or("", |id| name_of(&points, &id.to_string())).to_owned(),
        may_write: visitor.may(Right::WriteGoods),
        frame: visitor.frame,
        donation,
    };
    show(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "donations/donation-receipt.html")]
struct ReceiptPaper {
    frame: Frame,
    donation: Donation,
    committee: String,
    campaign: String,
    point: String,
}

impl ReceiptPaper {
    fn is_cash_only(&self) -> bool {
        self.donation.lines.iter().all(DonationLine::is_cash)
    }

    fn title(&self) -> &'static str {
        if self.is_cash_only() { "Phiếu thu" } else { "Giấy xác nhận ủng hộ" }
    }

    fn form(&self) -> String {
        format!("Số: {}/{}", self.donation.number, if self.is_cash_only() { "PT" } else { "XNUH" })
    }

    fn signers(&self) -> [&'static str; 3] {
        if self.is_cash_only() {
            ["Người nộp tiền", "Thủ quỹ", "Đại diện đơn vị tiếp nhận"]
        } else {
            ["Người ủng hộ", "Người nhận hàng", "Đại diện đơn vị tiếp nhận"]
        }
    }
}

/// The donor's paper, with the fields of Circular 41/2022/TT-BTC.
async fn receipt(State(core): State<Core>, visitor: Visitor<ReadStock>, Id(id): Id<DonationId>) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let donation = service::reachable(&mut conn, &visitor.permit, id).await?;
    let campaigns = campaigns::choices::campaigns(&mut conn).await?;
    let points = choices::all_places(&mut conn, &visitor.permit.scope.points).await?;
    let ward = places::store::ward_name(&mut conn).await?.unwrap_or_default();
    let paper = ReceiptPaper {
        committee: places::committee(&ward),
        campaign: donation.campaign_id.map_or("", |id| name_of(&campaigns, &id.to_string())).to_owned(),
        point: donation.point_id.map_or("", |id| name_of(&points, &id.to_string())).to_owned(),
        frame: visitor.frame,
        donation,
    };
    show(StatusCode::OK, &paper)
}
