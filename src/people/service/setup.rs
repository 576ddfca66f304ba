//! The first start: a link, used once, with which the operator makes the first administrator in a browser.
//!
//! The link's secret is in its fragment, so that no server log or proxy ever sees it; the database has its hash only.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::login::{self, Session};
use crate::db::Tx;
use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Peer, Result};
use crate::kernel::{Clock, Message};
use crate::people::Role;
use crate::people::audit::{self, Act, Actor};
use crate::people::password::Password;
use crate::people::store::{self, settings, users};
use crate::people::user::NewUser;
use crate::vault::{new_token, token_hash, write_secret_file};

/// The file in the data folder that holds the set-up link.
pub const LINK_FILE: &str = "setup-link.txt";

/// While nobody can log in, puts a set-up link into the data folder, and says where. A link from an earlier start
/// stays good, under the address of this one.
pub async fn offer(core: &Core, listening: SocketAddr) -> Result<Option<PathBuf>> {
    let path = core.config.data_dir.join(LINK_FILE);
    let earlier = token_in(&path);
    let Some(token) = core.run(async |tx| put_in_force(tx, &core.clock, earlier).await).await? else {
        // A link that a login made at the command line has overtaken.
        let _ = fs::remove_file(&path);
        return Ok(None);
    };
    let scheme = if core.config.https { "https" } else { "http" };
    let base = core.config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", reachable(listening)));
    let written = match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => write_secret_file(&path, &format!("{base}/setup#{token}\n")),
    };
    written.map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(Some(path))
}

/// Puts a set-up link's token in force: the earlier one, if it is still good, or a new one. Nothing once there is a login.
async fn put_in_force(tx: &mut Tx, clock: &Clock, earlier: Option<String>) -> Result<Option<String>> {
    if users::any(tx).await? {
        return Ok(None);
    }
    let known = settings::setup_hash(tx).await?;
    let token =
        earlier.filter(|token| known.as_deref() == Some(hash_text(token).as_str())).unwrap_or_else(|| new_token(clock));
    settings::put_setup_hash(tx, &hash_text(&token)).await?;
    Ok(Some(token))
}

/// Whether a first administrator is still to be made.
pub async fn is_open(core: &Core) -> Result<bool> {
    let mut conn = core.db.read().await?;
    Ok(settings::setup_hash(&mut conn).await?.is_some() && !users::any(&mut conn).await?)
}

/// The first administrator, of somebody who has the link.
pub(in crate::people) struct FirstAdmin {
    setup_hash: String,
    username: String,
    password_hash: String,
}

/// Reads a set-up. Whoever only guesses is refused here, before the writer is asked for and before a password is hashed,
/// which is slow. `username` is parsed.
pub(in crate::people) async fn read_first_admin(
    core: &Core,
    peer: &Peer,
    token: &str,
    username: String,
    password: Password,
) -> Result<FirstAdmin> {
    let setup_hash = hash_text(token);
    if settings::setup_hash(&mut core.db.read().await?).await?.as_deref() != Some(setup_hash.as_str()) {
        let now = core.clock.now();
        if let Some(secs) = core.throttle.wait_secs(ThrottleKind::LongCode, &peer.address, now) {
            return Err(Error::TooMany(secs));
        }
        core.throttle.failed(ThrottleKind::LongCode, &peer.address, now);
        return Err(unknown_link());
    }
    Ok(FirstAdmin { setup_hash, username, password_hash: password.hashed(&core.clock).await? })
}

/// Makes the first administrator, once, and logs them in.
pub(in crate::people) async fn create_first_admin(
    tx: &mut Tx,
    core: &Core,
    peer: &Peer,
    admin: FirstAdmin,
) -> Result<Session> {
    let FirstAdmin { setup_hash, username, password_hash } = admin;
    if !settings::take_setup_hash(tx, &setup_hash).await? || users::any(tx).await? {
        core.throttle.failed(ThrottleKind::LongCode, &peer.address, core.clock.now());
        return Err(unknown_link());
    }
    let new = NewUser {
        username,
        full_name: None,
        role: Role::Admin,
        area_id: None,
        point_ids: Vec::new(),
        password_hash: Some(password_hash),
        password_temporary: false,
    };
    let id = store::insert_user(tx, &core.clock, new).await?;
    let session = login::insert_session(tx, &core.clock, id).await?;
    let act = Act::on("create", "user", id.0).with(json!({ "role": Role::Admin.name(), "by": "setup_link" }));
    audit::append(tx, &core.clock, Actor::User(id), act).await?;
    let link = core.config.data_dir.join(LINK_FILE);
    tx.after_commit(move || {
        // It is of no use any more, whether or not it is there.
        let _ = fs::remove_file(link);
    });
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
