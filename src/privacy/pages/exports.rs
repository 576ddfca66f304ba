//! Everything kept of a person, to be read with that person and printed.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::words;
use crate::http::{Core, Frame, Id, Result, show};
use crate::kernel::ids::{DeviceId, DonorId, HouseholdId, LandlordId, UserId};
use crate::people::Visitor;
use crate::people::rights::{ManagePeople, ManagePrivacy};
use crate::privacy::SubjectKind;
use crate::privacy::export::{Export, Kept};
use crate::privacy::service::telling;

pub fn router() -> Router<Core> {
    Router::new()
        .route("/households/{id}/export", get(household))
        .route("/landlords/{id}/export", get(landlord))
        .route("/donors/{id}/export", get(donor))
        .route("/users/{id}/export", get(user))
        .route("/devices/{id}/export", get(device))
}

/// The sections in the order in which they are read.
const ORDER: [&str; 14] = [
    "person",
    "consents",
    "vouchers",
    "papers",
    "scans",
    "conflicts",
    "rent_reductions",
    "rent_lines",
    "corrections",
    "donations",
    "leases",
    "tokens",
    "acts",
    "log",
];

#[derive(Template)]
#[template(path = "privacy/export.html")]
struct ExportPage {
    frame: Frame,
    export: Export,
    /// Where the person is erased.
    erase: String,
    /// Where the person's consents are; staff and volunteers have none here.
    consents: Option<String>,
}

impl ExportPage {
    fn kind(&self) -> String {
        self.frame.say(&self.export.kind.say()).to_owned()
    }

    /// The sections that hold something.
    fn sections(&self) -> Vec<(String, &Vec<Kept>)> {
        ORDER
            .iter()
            .filter_map(|name| {
                self.export.sections.get(name).map(|records| (words::section(&self.frame, name), records))
            })
            .filter(|(_, records)| !records.is_empty())
            .collect()
    }

    fn fields(&self, record: &Kept) -> Vec<(&'static str, String)> {
        words::fields(&self.frame, record)
    }
}

fn page(frame: Frame, export: Export, erase: String) -> Result<Response> {
    let has_consents = !matches!(export.kind, SubjectKind::User | SubjectKind::Device);
    let consents = has_consents.then(|| erase.replace("/erase", "/consents"));
    show(StatusCode::OK, &ExportPage { frame, export, erase, consents })
}

async fn household(
    State(core): State<Core>,
    visitor: Visitor<ManagePrivacy>,
    Id(id): Id<HouseholdId>,
) -> Result<Response> {
    let export = telling::household(&core, &visitor.permit, id).await?;
    page(visitor.frame, export, format!("/households/{id}/erase"))
}

async fn landlord(
    State(core): State<Core>,
    visitor: Visitor<ManagePrivacy>,
    Id(id): Id<LandlordId>,
) -> Result<Response> {
    let export = telling::landlord(&core, &visitor.permit, id).await?;
    page(visitor.frame, export, format!("/landlords/{id}/erase"))
}

async fn donor(State(core): State<Core>, visitor: Visitor<ManagePrivacy>, Id(id): Id<DonorId>) -> Result<Response> {
    let export = telling::donor(&core, &visitor.permit, id).await?;
    page(visitor.frame, export, format!("/donors/{id}/erase"))
}

async fn user(State(core): State<Core>, visitor: Visitor<ManagePeople>, Id(id): Id<UserId>) -> Result<Response> {
    let export = telling::user(&core, &visitor.permit, id).await?;
    page(visitor.frame, export, format!("/users/{id}/erase"))
}

async fn device(State(core): State<Core>, visitor: Visitor<ManagePrivacy>, Id(id): Id<DeviceId>) -> Result<Response> {
    let export = telling::device(&core, &visitor.permit, id).await?;
    page(visitor.frame, export, format!("/devices/{id}/erase"))
}
