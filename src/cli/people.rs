//! `lalanh user add` and `lalanh token add`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::failed::failed;
use super::secret;
use crate::app::StartError;
use crate::db::{ErrorKind, classify};
use crate::http::Core;
use crate::kernel::ids::{AreaId, PointId};
use crate::people::audit::{self, Act, Actor};
use crate::people::store::{self, NewUser, TokenKind};
use crate::people::{Role, parse_username, password};
use crate::vault::{new_token, token_hash};

/// Seconds of a day.
const DAY_SECS: i64 = 86_400;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Create a login.
    Add {
        /// The login's name: letters, digits, `.`, `-` and `_`.
        #[arg(long)]
        username: String,
        /// admin, coordinator, storekeeper, verifier, volunteer or auditor.
        #[arg(long)]
        role: String,
        /// Read the password from standard input; without it the login has API tokens only.
        #[arg(long)]
        password_stdin: bool,
        /// Confine the login to this area and all below it.
        #[arg(long)]
        area: Option<AreaId>,
        /// Confine the login to these points (may be given several times).
        #[arg(long = "point")]
        points: Vec<PointId>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Print a new API token, and nothing else, on standard output.
    Add {
        /// Whose token.
        #[arg(long)]
        username: String,
        /// Days until it ends.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
    },
}

pub(super) async fn user(core: &Core, command: UserCommand) -> Result<ExitCode, StartError> {
    let UserCommand::Add { username, role, password_stdin, area, points } = command;
    let said = |wrong: crate::kernel::message::Invalid| StartError { say: wrong.say };
    let role = Role::parse(&role).map_err(said)?;
    let username = parse_username(&username).map_err(said)?;
    let password_hash = if password_stdin {
        let text = secret::read("Mật khẩu / Password")?;
        Some(password::hash(password::parse(&text).map_err(said)?, &core.clock))
    } else {
        None
    };
    let mut tx = core.db.begin().await.map_err(failed)?;
    let new = NewUser { username: username.clone(), role, area_id: area, point_ids: points, password_hash };
    let id = store::insert_user(&mut tx, &core.clock, new).await.map_err(|error| match classify(&error) {
        ErrorKind::Unique => StartError::new(
            format!("Tên đăng nhập «{username}» đã có. Hãy chọn tên khác."),
            format!("The username “{username}” exists already. Choose another."),
        ),
        _ => failed(error),
    })?;
    let act = Act::on("create", "user", id.0).with(json!({ "role": role.name() }));
    audit::append(&mut tx, &core.clock, Actor::System, act).await.map_err(|error| failed(error.say().en))?;
    tx.commit().await.map_err(failed)?;
    println!("{id}");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn token(core: &Core, command: TokenCommand) -> Result<ExitCode, StartError> {
    let TokenCommand::Add { username, days } = command;
    let mut tx = core.db.begin().await.map_err(failed)?;
    let Some((user_id, _)) = store::login_by_username(&mut tx, &username).await.map_err(failed)? else {
        return Err(StartError::new(
            format!("Không có tài khoản «{username}». Tạo bằng: lalanh user add."),
            format!("There is no login “{username}”. Make one with: lalanh user add."),
        ));
    };
    let token = new_token(&core.clock);
    let expires_at = core.clock.now().plus_secs(days * DAY_SECS);
    let id = store::insert_token(&mut tx, &core.clock, TokenKind::Api, user_id, token_hash(&token), expires_at)
        .await
        .map_err(failed)?;
    audit::append(&mut tx, &core.clock, Actor::System, Act::on("create", "token", id.0))
        .await
        .map_err(|error| failed(error.say().en))?;
    tx.commit().await.map_err(failed)?;
    println!("{token}");
    Ok(ExitCode::SUCCESS)
}
