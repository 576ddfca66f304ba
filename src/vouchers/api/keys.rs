//! Keys: published to anyone, rotated and withdrawn by administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::http::{Answer, Api, Body, Claim, Core, CreateBody, Error, Id, Problems, Result, routes};
use crate::kernel::{Moment, Validation};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::ManagePeople;
use crate::vouchers::keyring::{self, Key};
use crate::vouchers::reissue;
use crate::vouchers::reissue::ReissuedAll;

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(list_keys, rotate_key)).routes(routes!(withdraw_key)).routes(routes!(reissue_for_key))
}

/// A key that signs vouchers, or did.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct KeyView {
    /// Byte 1 of each code it signs.
    #[schema(example = 1)]
    kid: u8,
    /// The Ed25519 public key: 32 bytes in base64.
    #[schema(example = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    public_key: String,
    /// When it was made.
    created_at: Moment,
    /// From when on it signs no more; it still verifies. Lies ahead while the key's successor is being published.
    retired_at: Option<Moment>,
    /// Since when nothing that it signed counts.
    withdrawn_at: Option<Moment>,
}

impl From<Key> for KeyView {
    fn from(key: Key) -> Self {
        Self {
            kid: key.kid,
            public_key: data_encoding::BASE64.encode(&key.public_key),
            created_at: key.created_at,
            retired_at: key.retired_at,
            withdrawn_at: key.withdrawn_at,
        }
    }
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

/// A new key.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({}))]
pub(crate) struct NewKeyBody {
    /// Sign with it at once, before phones know it: their camera refuses such vouchers until they ask for the keys.
    #[serde(default)]
    pub(crate) now: bool,
}

/// Make a new key that signs in an hour; from then on older ones only verify
///
/// Phones learn it meanwhile. It signs at once when `now` is true or no other key signs.
#[utoipa::path(post, path = "/keys", tag = "keys", request_body = NewKeyBody,
    responses((status = 201, description = "The new key", body = KeyView), Problems))]
pub(crate) async fn rotate_key(
    State(core): State<Core>,
    permit: Permit<ManagePeople>,
    create: CreateBody<NewKeyBody>,
) -> Result<Answer> {
    let CreateBody { body: NewKeyBody { now }, once } = create;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let kid = keyring::rotate(&mut tx, &core, now).await?;
    let key = keyring::all(&mut tx).await?.into_iter().find(|key| key.kid == kid).ok_or(Error::NotFound)?;
    let act = Act::many("create", "signing_key", json!({ "kid": kid }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    once.finish(&core, tx, permit.id.0, StatusCode::CREATED, &KeyView::from(key)).await
}

/// Why a key is withdrawn, or its vouchers are reissued.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Máy chủ bị sao chép trái phép"}))]
pub(crate) struct KeyReasonBody {
    /// 3 to 300 characters.
    pub(crate) reason: String,
}

impl KeyReasonBody {
    fn check(&self) -> Result<String> {
        let mut fields = Validation::new();
        let reason = fields.take("reason", audit::parse_reason(&self.reason));
        fields.finish()?;
        Ok(reason.unwrap_or_default())
    }
}

/// A withdrawn key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct WithdrawnView {
    /// The key.
    key: KeyView,
    /// Issued vouchers that answer `revoked_key` until they are reissued.
    vouchers_to_reissue: i64,
}

/// Withdraw a key: nothing that it signed counts any more
///
/// When it was the key that signs, the next one does: one that was published already, or a new one.
#[utoipa::path(post, path = "/keys/{kid}/withdraw", tag = "keys", params(("kid" = u8, Path, minimum = 1)),
    request_body = KeyReasonBody,
    responses((status = 200, description = "The withdrawn key", body = WithdrawnView), Problems))]
pub(crate) async fn withdraw_key(
    State(core): State<Core>,
    permit: Permit<ManagePeople>,
    Id(kid): Id<u8>,
    Body(body): Body<KeyReasonBody>,
) -> Result<Json<WithdrawnView>> {
    let reason = body.check()?;
    let mut tx = core.db.begin().await?;
    let vouchers_to_reissue = keyring::withdraw(&mut tx, &core, kid, reason).await?;
    let key = keyring::all(&mut tx).await?.into_iter().find(|key| key.kid == kid).ok_or(Error::NotFound)?;
    let act = Act::many("withdraw", "signing_key", json!({ "kid": kid, "vouchers": vouchers_to_reissue }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    tx.commit().await?;
    core.changed();
    Ok(Json(WithdrawnView { key: key.into(), vouchers_to_reissue }))
}

/// Replace the papers of all vouchers that a withdrawn key signed
///
/// Vouchers that were received or voided stay as they are. The old papers answer `superseded`; print the new ones.
#[utoipa::path(post, path = "/keys/{kid}/reissue", tag = "keys", params(("kid" = u8, Path, minimum = 1)),
    request_body = KeyReasonBody,
    responses((status = 200, description = "How many papers were replaced", body = ReissuedAll), Problems))]
pub(crate) async fn reissue_for_key(
    State(core): State<Core>,
    permit: Permit<ManagePeople>,
    Id(kid): Id<u8>,
    create: CreateBody<KeyReasonBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let reason = body.check()?;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let done = reissue::reissue_all(&mut tx, &core, kid, &reason, permit.id).await?;
    let act = Act::many("reissue", "signing_key", json!({ "kid": kid, "vouchers": done.reissued }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    let answer = once.finish(&core, tx, permit.id.0, StatusCode::OK, &done).await?;
    core.changed();
    Ok(answer)
}
