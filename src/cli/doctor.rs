//! `lalanh doctor`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::failed::refused;
use crate::app::master::{of_database, read_secret};
use crate::app::open::open_as_it_is;
use crate::app::{Options, StartError};
use crate::db::Db;
use crate::doctor::{Check, State, examine, printed_head};
use crate::kernel::Clock;
use crate::people::audit_head::PrintedHead;
use crate::vault::{MASTER_LEN, Vault};

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Print JSON instead of lines.
    #[arg(long)]
    json: bool,
    /// Compare the end of the audit log that is printed on a report, such as 1234:3f9a-12bc-88d0-77ae
    #[arg(long, value_name = "N:HEX", value_parser = printed)]
    audit_head: Option<PrintedHead>,
}

fn printed(text: &str) -> Result<PrintedHead, String> {
    PrintedHead::parse(text).map_err(|wrong| format!("{} / {}", wrong.say.vi, wrong.say.en))
}

pub(super) async fn doctor(options: &Options, args: DoctorArgs) -> Result<ExitCode, StartError> {
    let clock = Clock::system();
    let checks = match open_as_it_is(options).await {
        Ok(db) => {
            let (vault, unreadable) = match secret(options, &db).await {
                Ok(master) => (master.map(|master| Vault::new(master, clock.clone())), None),
                Err(error) => (None, Some(Check::trouble("secret", error.say))),
            };
            let mut checks = examine(&db, vault.as_ref(), &options.data_dir, &clock).await;
            checks.extend(unreadable);
            if let Some(printed) = &args.audit_head {
                checks.push(printed_head(&db, printed).await.map_err(refused)?);
            }
            db.close().await;
            checks
        }
        Err(error) => vec![Check::trouble("database", error.say)],
    };
    let trouble = checks.iter().any(|check| check.state == State::Trouble);
    if args.json {
        let list: Vec<serde_json::Value> = checks
            .iter()
            .map(|check| json!({ "check": check.name, "state": check.state, "vi": check.say.vi, "en": check.say.en }))
            .collect();
        println!("{}", json!({ "good": !trouble, "checks": list }));
    } else {
        for check in &checks {
            println!("{} {} / {}", mark(check.state), check.say.vi, check.say.en);
        }
    }
    Ok(if trouble { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The database's secret; the folder's, where the database has never been asked.
async fn secret(options: &Options, db: &Db) -> Result<Option<[u8; MASTER_LEN]>, StartError> {
    match db.read().await {
        Ok(mut conn) => of_database(&mut conn, &options.data_dir).await,
        Err(_) => read_secret(&options.data_dir),
    }
}

const fn mark(state: State) -> &'static str {
    match state {
        State::Good => "✓",
        State::Warning => "!",
        State::Trouble => "✗",
    }
}
