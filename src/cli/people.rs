//! `lalanh user add`, `lalanh user reset-factor` and `lalanh token add`.

use std::process::ExitCode;

use super::failed::refused;
use super::secret;
use crate::app::StartError;
use crate::http::Core;
use crate::kernel::ids::{AreaId, PointId};
use crate::kernel::message::Invalid;
use crate::people::audit::parse_reason;
use crate::people::password::{OwnWords, Password};
use crate::people::service::{second_factor, tokens, users};
use crate::people::{NewToken, NewUser, Role, parse_full_name, parse_username};
use clap::Subcommand;

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
        /// The person's full name, for papers and the audit log.
        #[arg(long, value_name = "NAME")]
        full_name: Option<String>,
    },
    /// Take away the second factor of somebody who lost it, the last administrator say. Their sessions end.
    ResetFactor {
        /// Whose.
        #[arg(long)]
        username: String,
        /// Why, for the audit log: 3 to 300 characters.
        #[arg(long)]
        reason: String,
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
    let done = match command {
        UserCommand::Add { username, role, password_stdin, area, points, full_name } => {
            let full_name = full_name.map(|text| parse_full_name(&text)).transpose().map_err(invalid)?;
            let new = new_user(core, &username, &role, password_stdin).await?;
            let new = NewUser { full_name, area_id: area, point_ids: points, ..new };
            core.run(async |tx| users::create_by_operator(tx, &core.clock, new).await).await
        }
        UserCommand::ResetFactor { username, reason } => {
            let reason = parse_reason(&reason).map_err(invalid)?;
            core.run(async |tx| second_factor::reset_by_operator(tx, &core.clock, &username, reason).await).await
        }
    };
    println!("{}", done.map_err(refused)?);
    Ok(ExitCode::SUCCESS)
}

async fn new_user(core: &Core, username: &str, role: &str, password_stdin: bool) -> Result<NewUser, StartError> {
    let role = Role::parse(role).map_err(invalid)?;
    let username = parse_username(username).map_err(invalid)?;
    let password_hash = if password_stdin {
        let own = OwnWords::of(core, &username).await.map_err(refused)?;
        let password = Password::parse(secret::read("Mật khẩu / Password")?, &own).map_err(invalid)?;
        Some(password.hashed(&core.clock).await.map_err(refused)?)
    } else {
        None
    };
    Ok(NewUser {
        username,
        full_name: None,
        role,
        area_id: None,
        point_ids: Vec::new(),
        password_hash,
        password_temporary: false,
    })
}

pub(super) async fn token(core: &Core, command: TokenCommand) -> Result<ExitCode, StartError> {
    let TokenCommand::Add { username, days } = command;
    let new = NewToken::of_days(days).map_err(invalid)?;
    let made = core.run(async |tx| tokens::create_by_operator(tx, &core.clock, &username, new).await);
    println!("{}", made.await.map_err(refused)?.token);
    Ok(ExitCode::SUCCESS)
}

fn invalid(wrong: Invalid) -> StartError {
    StartError { say: wrong.say }
}
