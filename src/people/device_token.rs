//! A phone's token moves on while it is in use, so that a stolen copy is soon worth nothing or gives itself away.
//!
//! A token that is a day old gets its successor told in the header of an answer ([`super::next_token`]). Both are good
//! until the successor was used once; then the older one ends. A lost answer changes nothing: the successor is made of the
//! token itself ([`crate::vault::ReplayKey`]), so that it is the same each time, in each tab. A token that ended and is
//! shown again is refused and logged, once; the phone is not locked: it may be the thief or a tab that slept.

use serde_json::json;

use super::audit::{self, Act, Actor};
use super::store::devices::{self, EndedToken};
use super::{Device, store};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::DeviceId;
use crate::kernel::{Message, Moment};

/// A phone by its token, and what is known of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenAge {
    /// Whose it is.
    pub device_id: DeviceId,
    /// Since when it is in use.
    pub since: Moment,
    /// Whether its successor is stored.
    pub is_followed: bool,
}

/// The phone whose token this is, or will be: then the token moves on, and what was believed of the one before is to be
/// forgotten. A token that ended is refused.
pub(super) async fn device_of(
    core: &Core,
    token_hash: &[u8],
    now: Moment,
    forget: fn(),
) -> Result<Option<(Device, TokenAge)>> {
    let mut conn = core.db.read().await?;
    let Some(found) = store::device_by_token(&mut conn, token_hash).await? else {
        let ended = devices::ended_token(&mut conn, token_hash).await?;
        drop(conn);
        return match ended {
            Some(ended) => Err(refuse(core, ended, token_hash, now).await?),
            None => Ok(None),
        };
    };
    drop(conn);
    let age = |since, is_followed| TokenAge { device_id: found.device.id, since, is_followed };
    if !found.is_next {
        let age = age(found.since, found.is_followed);
        return Ok(Some((found.device, age)));
    }
    let hash = token_hash.to_vec();
    core.run(async |tx| {
        devices::move_on(tx, found.device.id, &hash, now).await?;
        tx.after_commit(forget);
        Ok(())
    })
    .await?;
    let age = age(now, false);
    Ok(Some((found.device, age)))
}

/// What who shows an ended token is told. The first time that it is shown is logged.
async fn refuse(core: &Core, ended: EndedToken, token_hash: &[u8], now: Moment) -> Result<Error> {
    if ended.shown_again_at.is_none() {
        core.run(async |tx| {
            if devices::note_shown_again(tx, token_hash, now).await? == 1 {
                let detail = json!({ "secs_after_its_end": now.secs_since(ended.ended_at) });
                let act = Act::on("token_reused", "device", ended.device_id.0).with(detail);
                audit::append(tx, &core.clock, Actor::System, act).await?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(Error::LoginRefused {
        code: "token_ended",
        say: Message::fixed(
            "Mã truy cập này đã được thay bằng mã mới. Hãy mở lại trang trên máy; nếu vẫn vậy, nhờ cán bộ phụ trách kết nối lại.",
            "This token was followed by a new one. Open the page again; if that does not help, ask the coordinator to enrol \
             the phone anew.",
        ),
    })
}
