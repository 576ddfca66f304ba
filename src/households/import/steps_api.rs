//! The JSON API of the steps between a list's upload and its commit, and of taking it back.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Importer;
use super::api::importer;
use super::deciding::{self, About, Decided, Decision, Undone};
use super::opened::Opened;
use super::preview::{self, Preview, PreviewRow, of_importer};
use crate::kernel::Say;
use crate::lists::staged::by_hand::{self, CorrectionBody};
use crate::lists::staged::{Earlier, ImportId, Kind};
use crate::lists::{Choice, RowAt, RowStatus};
use crate::people::{AreaId, Right, Staff};
use crate::web::{Body, Core, Error, Id, Listing, Page, Params, Problems, Result, language_of};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(household_imports))
        .routes(routes!(reread_household_import))
        .routes(routes!(correct_household_import))
        .routes(routes!(decide_household_import))
        .routes(routes!(undo_household_import))
}

/// Uploaded lists, newest first
///
/// A login confined to an area sees its own; `next` counts the lists before.
#[utoipa::path(get, path = "/households/imports", tag = "households", params(Page),
    responses((status = 200, description = "A page of lists", body = Listing<Earlier>), Problems))]
async fn household_imports(
    State(core): State<Core>,
    staff: Staff,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Earlier>>> {
    staff.require(Right::WriteHouseholds)?;
    let only_of = staff.area_id.map(|_| staff.id.0);
    let mut conn = core.db.read().await?;
    Ok(Json(by_hand::listing(&mut conn, Kind::Households, only_of, page).await?))
}

/// How a list is to be read again.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(as = HouseholdImportReading, example = json!({"sheets": [{"sheet": 0, "header_row": 4, "columns": {"phone": 5, "note": null}}]}))]
struct ReadingBody {
    /// Columns chosen by hand; sheets and fields left out stay as they were found.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    sheets: Vec<Choice>,
    /// The area of rows that name none.
    area_id: Option<AreaId>,
}

/// Read a list again with columns chosen by hand
///
/// What was corrected and decided about its rows is forgotten.
#[utoipa::path(patch, path = "/households/imports/{id}", tag = "households", params(("id" = ImportId, Path)),
    request_body = ReadingBody,
    responses((status = 200, description = "What would become of every row now", body = Preview), Problems))]
async fn reread_household_import(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
    Body(body): Body<ReadingBody>,
) -> Result<Json<Preview>> {
    staff.require(Right::WriteHouseholds)?;
    let mut conn = core.db.read().await?;
    let importer = importer(&mut conn, &staff).await?;
    drop(conn);
    deciding::reread(&core, &importer, id, body.sheets, body.area_id).await?;
    let mut conn = core.db.read().await?;
    Ok(Json(preview::preview(&mut conn, &core, &importer, id, language_of(&headers)).await?))
}

/// Correct cells of a list before it is committed
///
/// A row whose new text is wrong as well stays an error and says why.
#[utoipa::path(patch, path = "/households/imports/{id}/rows", tag = "households", params(("id" = ImportId, Path)),
    request_body = CorrectionBody,
    responses((status = 200, description = "The rows as they are now", body = Vec<PreviewRow>), Problems))]
async fn correct_household_import(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
    Body(body): Body<CorrectionBody>,
) -> Result<Json<Vec<PreviewRow>>> {
    staff.require(Right::WriteHouseholds)?;
    let (importer, opened) = opened(&core, &staff, id).await?;
    let rows = body.by_place(&opened.reading)?;
    let places: Vec<RowAt> = rows.keys().copied().collect();
    deciding::correct(&core, &opened, rows).await?;
    let mut conn = core.db.read().await?;
    let list = of_importer(&mut conn, &importer, id).await?;
    let opened = Opened::of(&mut conn, &core, &importer, list).await?;
    drop(conn);
    let lang = language_of(&headers);
    let shown = places.into_iter().filter_map(|at| opened.place(at)).map(|place| opened.row(place, &importer, lang));
    Ok(Json(shown.collect()))
}

/// A list as it stands now, for one of its importers.
pub(in crate::households) async fn opened(core: &Core, staff: &Staff, id: ImportId) -> Result<(Importer, Opened)> {
    let mut conn = core.db.read().await?;
    let importer = importer(&mut conn, staff).await?;
    let list = of_importer(&mut conn, &importer, id).await?;
    let opened = Opened::of(&mut conn, core, &importer, list).await?;
    Ok((importer, opened))
}

/// What becomes of rows.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(as = HouseholdImportDecisions, example = json!({"decisions": {"96": "new", "107": null}}))]
struct DecisionsBody {
    /// By a row's key: `new`, `skip`, `merge` (into the household it is the same as) or a household's id; null takes a
    /// decision back.
    #[serde(default)]
    decisions: BTreeMap<String, Option<String>>,
    /// All rows of a status instead.
    every: Option<EveryBody>,
}

/// A decision about all rows of a status.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = HouseholdImportDecisionEvery)]
struct EveryBody {
    /// The status.
    status: RowStatus,
    /// `new`, `skip` or `merge`; null takes decisions back.
    decision: Option<String>,
}

/// Decide about rows of a list before it is committed
#[utoipa::path(post, path = "/households/imports/{id}/decisions", tag = "households", params(("id" = ImportId, Path)),
    request_body = DecisionsBody,
    responses((status = 200, description = "How many rows it reached", body = Decided), Problems))]
async fn decide_household_import(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ImportId>,
    Body(body): Body<DecisionsBody>,
) -> Result<Json<Decided>> {
    staff.require(Right::WriteHouseholds)?;
    let parse = |field: String, text: Option<String>| {
        Decision::parse(text.as_deref().unwrap_or("")).ok_or_else(|| {
            let say = Say::fixed(
                "Quyết định là «new», «skip», «merge» hoặc mã của một hộ đang có.",
                "A decision is “new”, “skip”, “merge” or the id of a household that exists.",
            );
            Error::field(field, "unknown_value", say)
        })
    };
    let (importer, opened) = opened(&core, &staff, id).await?;
    let about = match body.every {
        Some(every) => About::Every(every.status, parse("every.decision".to_owned(), every.decision)?),
        None => {
            let places = by_hand::places(&opened.reading, body.decisions.keys())?;
            let mut rows = BTreeMap::new();
            for (at, (key, text)) in places.into_iter().zip(body.decisions) {
                rows.insert(at, parse(format!("decisions.{key}"), text)?);
            }
            About::Rows(rows)
        }
    };
    Ok(Json(deciding::decide(&core, &importer, &opened, about).await?))
}

/// Take a committed list back as a whole
///
/// Refused with `import_in_use` when one of its households has a voucher or was changed since.
#[utoipa::path(post, path = "/households/imports/{id}/undo", tag = "households", params(("id" = ImportId, Path)),
    responses((status = 200, description = "What was taken back", body = Undone), Problems))]
pub(in crate::households) async fn undo_household_import(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ImportId>,
) -> Result<Json<Undone>> {
    staff.require(Right::WriteHouseholds)?;
    let mut tx = core.db.begin().await?;
    let importer = importer(&mut tx, &staff).await?;
    let undone = deciding::take_back(&mut tx, &core, &importer, id).await?;
    tx.commit().await?;
    core.changed();
    Ok(Json(undone))
}
