//! Merging two households: the form that [`show_pair`] shows. Their vouchers go with them.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;

use crate::households::pages::merges::show_pair;
use crate::households::{Merge, MergeBody};
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
    let merged = async {
        let merge = merge_of(&form, id, other)?;
        core.run(async |tx| service::merge(tx, &core, &visitor.permit, merge).await).await
    };
    match merged.await {
        Ok(stays) => Ok(see_other(&format!("/households/{}?done=merged", stays.id))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_pair(&core, visitor, id, other, status, form).await
        }
    }
}

/// Which of the two stays.
fn merge_of(form: &Form, id: HouseholdId, other: HouseholdId) -> Result<Merge> {
    let stays: HouseholdId = form.chosen("stays").map_err(|wrong| wrong.at("stays"))?;
    let goes = match stays {
        stays if stays == id => other,
        stays if stays == other => id,
        _ => return Err(Error::NotFound),
    };
    Merge::parse(goes, &MergeBody { into_id: stays, reason: form.value("reason").to_owned() })
}
