//! The first start: a link, used once, with which the operator makes the first administrator in a browser.
//!
//! The link's secret is in its fragment, so that no server log or proxy ever sees it; the database has its hash only.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::login::{self, Session};
use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Peer, Result};
use crate::kernel::Message;
use crate::people::audit::{self, Act, Actor};
use crate::people::store::{self, NewUser, settings, users};
use crate::people::{Role, password};
use crate::vault::{new_token, token_hash, write_secret_file};

/// The file in the data folder that holds the set-up link.
pub const LINK_FILE: &str = "setup-link.txt";

/// While nobody can log in, puts a set-up link into the data folder, and says where. A link from an earlier start
/// stays good, under the address of this one.
pub async fn offer(core: &Core, listening: SocketAddr) -> Result<Option<PathBuf>> {
    let path = core.config.data_dir.join(LINK_FILE);
    let mut tx = core.db.begin().await?;
    if users::any(&mut tx).await? {
        tx.rollback().await?;
        // A link that a login made at the command line has overtaken.
        let _ = fs::remove_file(&path);
        return Ok(None);
    }
    let earlier = token_in(&path);
    let known = settings::setup_hash(&mut tx).await?;
    let token = earlier
        .filter(|token| known.as_deref() == Some(hash_text(token).as_str()))
        .unwrap_or_else(|| new_token(&core.clock));
    settings::put_setup_hash(&mut tx, &hash_text(&token)).await?;
    tx.commit().await?;
    let scheme = if core.config.https { "https" } else { "http" };
    let base = core.config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", reachable(listening)));
    let written = match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => write_secret_file(&path, &format!("{base}/setup#{token}\n")),
    };
    written.map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(Some(path))
}

/// Whether a first administrator is still to be made.
pub async fn is_open(core: &Core) -> Result<bool> {
    let mut conn = core.db.read().await?;
    Ok(settings::setup_hash(&mut conn).await?.is_some() && !users::any(&mut conn).await?)
}

/// Makes the first administrator, once, and logs them in. `username` and `password` are parsed.
pub async fn first_admin(core: &Core, peer: &Peer, token: &str, username: String, password: String) -> Result<Session> {
    let now = core.clock.now();
    if let Some(secs) = core.throttle.wait_secs(ThrottleKind::Address, &peer.address, now) {
        return Err(Error::TooMany(secs));
    }
    let hash = hash_text(token);
    // Whoever only guesses is refused before the writer is asked for, and before a password is hashed, which is slow.
    if settings::setup_hash(&mut core.db.read().await?).await?.as_deref() != Some(hash.as_str()) {
        core.throttle.failed(ThrottleKind::Address, &peer.address, now);
        return Err(unknown_link());
    }
    let password_hash = Some(password::hash_in_turn(password, &core.clock).await?);
    let mut tx = core.db.begin().await?;
    if !settings::take_setup_hash(&mut tx, &hash).await? || users::any(&mut tx).await? {
        core.throttle.failed(ThrottleKind::Address, &peer.address, now);
        return Err(unknown_link());
    }
    let new = NewUser { username, role: Role::Admin, area_id: None, point_ids: Vec::new(), password_hash };
    let id = store::insert_user(&mut tx, &core.clock, new).await?;
    let session = login::begin_session(core, &mut tx, id).await?;
    let act = Act::on("create", "user", id.0).with(json!({ "role": Role::Admin.name(), "by": "setup_link" }));
    audit::append(&mut tx, &core.clock, Actor::User(id), act).await?;
    tx.commit().await?;
    let _ = fs::remove_file(core.config.data_dir.join(LINK_FILE));
    Ok(session)
}

fn unknown_link() -> Error {
    let say = Message::fixed(
        "Mã thiết lập chưa đúng hoặc đã dùng. Mở tệp setup-link.txt trong thư mục dữ liệu và chép lại cả liên kết.",
        "The set-up code is wrong or used. Open setup-link.txt in the data folder and copy the whole link again.",
    );
    Error::field("token", "unknown", say)
}

/// The secret of a pasted link, or of a pasted secret.
fn secret(text: &str) -> &str {
    text.trim().rsplit('#').next().unwrap_or("").trim()
}

fn hash_text(token: &str) -> String {
    data_encoding::HEXLOWER.encode(&token_hash(secret(token)))
}

fn token_in(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.contains('#').then(|| secret(&text).to_owned())
}

fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = if listening.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listening.ip() };
    SocketAddr::new(ip, listening.port())
}
