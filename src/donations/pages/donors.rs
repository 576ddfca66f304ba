//! The pages of donors: the table, and one with what they gave and whom it reached.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::donations::donation::Donation;
use crate::donations::donor::{Donor, DonorKind};
use crate::donations::store::listings::{DONATION_ORDERS, DONOR_ORDERS, DonationFilter, DonorFilter, ListedDonor};
use crate::donations::trace::Traced;
use crate::donations::{service, store, trace};
use crate::http::{Core, Frame, Id, Params, Result, Rows, Turn, show};
use crate::inventory::store::catalogue::key;
use crate::kernel::Dong;
use crate::kernel::ids::DonorId;
use crate::people::rights::ReadStock;
use crate::people::{Right, Visitor};

/// `/donors`.
pub fn router() -> Router<Core> {
    Router::new().route("/donors", get(donors)).route("/donors/{id}", get(donor))
}

/// What the table is filtered by, as the address says it; what can't be read filters nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    name: String,
    kind: String,
}

#[derive(Template)]
#[template(path = "donations/donors.html")]
struct DonorsPage {
    frame: Frame,
    rows: Rows<ListedDonor>,
    filtered: bool,
    may_write: bool,
}

impl DonorsPage {
    fn kinds(&self) -> [(&'static str, &'static str); 2] {
        [
            ("organisation", self.frame.t("Tổ chức, đơn vị", "Organisations")),
            ("person", self.frame.t("Cá nhân", "People")),
        ]
    }

    fn kind(&self, row: &ListedDonor) -> &'static str {
        kind_said(&self.frame, row.donor.kind)
    }
}

/// What screens call a kind of donor.
fn kind_said(frame: &Frame, kind: DonorKind) -> &'static str {
    if kind == DonorKind::Person {
        frame.t("Cá nhân", "A person")
    } else {
        frame.t("Tổ chức, đơn vị", "An organisation")
    }
}

async fn donors(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let filter = DonorFilter {
        name_key: Some(wanted.name.trim()).filter(|name| !name.is_empty()).map(key),
        finds_anonymous: visitor.may(Right::WriteGoods),
        kind: wanted.kind.parse::<DonorKind>().ok(),
    };
    let mut conn = core.db.snapshot().await?;
    let (order, part) = (turn.order(&DONOR_ORDERS), (turn.limit(), turn.offset()));
    let found = service::sorted_donors(&mut conn, &visitor.permit, &filter, order, part).await?;
    let total = store::listings::donor_count(&mut conn, &filter).await?;
    let page = DonorsPage {
        rows: Rows::new(found, &turn, Some(total)),
        filtered: visitor.frame.here.contains('='),
        may_write: visitor.may(Right::WriteGoods),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "donations/donor.html")]
struct DonorPage {
    frame: Frame,
    donor: Donor,
    rows: Rows<Donation>,
    value: Dong,
    traced: Vec<Traced>,
    may_write: bool,
    may_answer: bool,
}

impl DonorPage {
    fn kind(&self) -> &'static str {
        kind_said(&self.frame, self.donor.kind)
    }
}

async fn donor(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Id(id): Id<DonorId>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let donor = service::donor(&mut conn, &visitor.permit, id).await?;
    let filter = DonationFilter { donor_id: Some(id), ..DonationFilter::default() };
    let points = &visitor.permit.scope.points;
    let (order, part) = (turn.order(&DONATION_ORDERS), (turn.limit(), turn.offset()));
    let found = service::sorted_donations(&mut conn, &visitor.permit, &filter, order, part).await?;
    let (total, value) = store::listings::donation_sum(&mut conn, &filter, points).await?;
    // Whom goods reached is told of the whole ward or not at all: a lot moves through many points.
    let traced = if points.is_all() {
        let came = store::trace::came(&mut conn, id).await?;
        trace::follow(&came, &store::trace::went(&mut conn, &trace::lots(&came)).await?)
    } else {
        Vec::new()
    };
    let page = DonorPage {
        donor,
        rows: Rows::new(found, &turn, Some(total)),
        value,
        traced,
        may_write: visitor.may(Right::WriteGoods),
        may_answer: visitor.may(Right::ManagePrivacy) && !visitor.permit.is_confined(),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}
