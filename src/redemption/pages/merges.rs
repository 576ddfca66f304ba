//! Merging two households: the form that [`show_pair`] shows. Their vouchers go with them.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;

use crate::households::MergeBody;
use crate::households::pages::merges::show_pair;
use crate::http::{Core, Error, Form, Id, Result, see_other};
use crate::kernel::ids::HouseholdId;
use crate::people::Visitor;
use crate::people::rights::WriteHouseholds;
use crate::redemption::merges::service;

pub fn router() -> Router<Core> {
    Router::new().route("/households/{id}/merge", post(merge))
}

async fn merge(
    State(core): State<Core>,
    visitor: Visitor<WriteHouseholds>,
    Id(id): Id<HouseholdId>,
    form: Form,
) -> Result<Response> {
    let other: HouseholdId = form.chosen("with").map_err(|wrong| Error::from(wrong.at("with")))?;
    let merged = match form.chosen::<HouseholdId>("stays") {
        Ok(stays) if stays == id || stays == other => {
            let goes = if stays == id { other } else { id };
            let body = MergeBody { into_id: stays, reason: form.value("reason").to_owned() };
            let merged = core.run(async |tx| service::merge(tx, &core, &visitor.permit, goes, &body).await).await;
            merged.map(|_| stays)
        }
        Ok(_) => Err(Error::NotFound),
        Err(wrong) => Err(wrong.at("stays").into()),
    };
    match merged {
        Ok(stays) => Ok(see_other(&format!("/households/{stays}?done=merged"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_pair(&core, visitor, id, other, status, form).await
        }
    }
}
