//! Reading the audit log.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::http::{Api, Core, Error, Listing, Page, Params, Problems, Result, routes};
use crate::kernel::{Day, Message, Moment};
use crate::people::Permit;
use crate::people::audit_entry::ActorKind;
use crate::people::rights::ReadAudit;
use crate::people::store::audit::{Filter, Named, entries};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(list_audit))
}

/// Which entries are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditParams {
    /// Only acts of this user or phone.
    actor_id: Option<Uuid>,
    /// Only acts on this record.
    record_id: Option<Uuid>,
    /// Only acts of this kind: `create`, `update`, `read_personal`, …
    action: Option<String>,
    /// The first day.
    from: Option<Day>,
    /// The last day.
    to: Option<Day>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// One entry of the log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AuditView {
    /// Its place in the chain, from 1.
    #[schema(example = 1042)]
    seq: i64,
    /// When.
    at: Moment,
    /// `user`, `device`, `system` or `public`.
    actor_kind: ActorKind,
    /// The user or device.
    actor_id: Option<Uuid>,
    /// The user's login name or the device's name.
    #[schema(example = "lan.tran")]
    actor_name: Option<String>,
    /// The name of who has the login; null: not told.
    #[schema(example = "Trần Thị Lan")]
    actor_full_name: Option<String>,
    /// What was done.
    #[schema(example = "update")]
    action: String,
    /// To what kind of record.
    #[schema(example = "household")]
    record_kind: String,
    /// To which record, when it was one.
    record_id: Option<Uuid>,
    /// More: ids, counts and names of fields, never personal data.
    detail: Value,
}

impl From<Named> for AuditView {
    fn from(named: Named) -> Self {
        Self {
            seq: named.seq,
            at: named.at,
            actor_kind: named.actor_kind,
            actor_id: named.actor_id,
            actor_name: named.actor_name,
            actor_full_name: named.actor_full_name,
            action: named.action,
            record_kind: named.record_kind,
            record_id: named.record_id,
            detail: named.detail.0,
        }
    }
}

/// Who did what, newest first
#[utoipa::path(get, path = "/audit", tag = "audit", params(AuditParams),
    responses((status = 200, description = "A page of entries", body = Listing<AuditView>), Problems))]
async fn list_audit(
    State(core): State<Core>,
    _permit: Permit<ReadAudit>,
    Params(params): Params<AuditParams>,
) -> Result<Json<Listing<AuditView>>> {
    let fetch = Page { limit: params.limit, after: None }.cursor()?.fetch;
    let before = match params.after.as_deref().map(str::parse) {
        None => i64::MAX,
        Some(Ok(seq)) => seq,
        Some(Err(_)) => {
            return Err(Error::field(
                "after",
                "unknown",
                Message::fixed(
                    "after phải là giá trị next của trang trước.",
                    "after must be the next of the page before.",
                ),
            ));
        }
    };
    let filter = Filter {
        actor_id: params.actor_id,
        record_id: params.record_id,
        action: params.action,
        from: params.from.map(Day::start),
        to: params.to.map(Day::end),
    };
    let rows = entries(&mut core.db.read().await?, filter, before, fetch).await?;
    let mut items: Vec<AuditView> = rows.into_iter().map(AuditView::from).collect();
    let page = usize::try_from(fetch - 1).unwrap_or(0);
    let more = items.len() > page;
    items.truncate(page);
    let next = items.last().filter(|_| more).map(|last| last.seq.to_string());
    Ok(Json(Listing { items, next }))
}
