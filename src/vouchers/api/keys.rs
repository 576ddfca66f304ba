//! Keys: published to anyone, rotated and withdrawn by administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::http::{Answer, Api, Body, Core, CreateBody, Id, IdempotencyKey, Problems, Result, routes};
use crate::people::Permit;
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::vouchers::key_view::{KeyReasonBody, KeyView, NewKeyBody, WithdrawnView};
use crate::vouchers::keyring;
use crate::vouchers::reissue::ReissuedAll;
use crate::vouchers::service::keys as service;
use crate::vouchers::voucher::parse_reason;

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(list_keys, rotate_key)).routes(routes!(withdraw_key)).routes(routes!(reissue_for_key))
}

/// All keys, with the deployment's id that is part of each signed message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct KeysView {
    /// This deployment.
    instance_id: uuid::Uuid,
    /// At most 255.
    keys: Vec<KeyView>,
}

/// The keys that vouchers are verified with
///
/// Open to anyone. A code's signature is Ed25519 over `"lalanh-voucher-v1\0"`, the 16 bytes of `instance_id`, and
/// bytes 0–19 of the code; byte 1 names the key.
#[utoipa::path(get, path = "/keys", tag = "keys", security(()),
    responses((status = 200, description = "Every key", body = KeysView), Problems))]
async fn list_keys(State(core): State<Core>) -> Result<Json<KeysView>> {
    let keys = keyring::all(&mut core.db.read().await?).await?;
    Ok(Json(KeysView { instance_id: core.instance_id, keys: keys.into_iter().map(KeyView::from).collect() }))
}

/// Make a new key that signs in an hour; from then on older ones only verify
///
/// Phones learn it meanwhile. It signs at once when `now` is true or no other key signs.
#[utoipa::path(post, path = "/keys", tag = "keys", params(IdempotencyKey), request_body = NewKeyBody,
    responses((status = 201, description = "The new key", body = KeyView), Problems))]
async fn rotate_key(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    create: CreateBody<NewKeyBody>,
) -> Result<Answer> {
    let now = create.body.now;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::rotate(tx, &core, &permit, now).await
    })
    .await
}

/// Withdraw a key: nothing that it signed counts any more
///
/// When it was the key that signs, the next one does: one that was published already, or a new one.
#[utoipa::path(post, path = "/keys/{kid}/withdraw", tag = "keys", params(("kid" = u8, Path, minimum = 1)),
    request_body = KeyReasonBody,
    responses((status = 200, description = "The withdrawn key", body = WithdrawnView), Problems))]
async fn withdraw_key(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    Id(kid): Id<u8>,
    Body(body): Body<KeyReasonBody>,
) -> Result<Json<WithdrawnView>> {
    let reason = parse_reason(&body.reason)?;
    core.run(async |tx| service::withdraw(tx, &core, &permit, kid, reason).await).await.map(Json)
}

/// Replace the papers of all vouchers that a withdrawn key signed
///
/// Vouchers that were received or voided stay as they are. The old papers answer `superseded`; print the new ones.
#[utoipa::path(post, path = "/keys/{kid}/reissue", tag = "keys", params(("kid" = u8, Path, minimum = 1), IdempotencyKey),
    request_body = KeyReasonBody,
    responses((status = 200, description = "How many papers were replaced", body = ReissuedAll), Problems))]
async fn reissue_for_key(
    State(core): State<Core>,
    permit: Permit<ManagePeople>,
    Id(kid): Id<u8>,
    create: CreateBody<KeyReasonBody>,
) -> Result<Answer> {
    let reason = parse_reason(&create.body.reason)?;
    core.run_once(&create.once, permit.id.0, StatusCode::OK, async |tx| {
        service::reissue(tx, &core, &permit, kid, reason).await
    })
    .await
}
