//! `lalanh doctor`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::app::open::{open_as_it_is, read_secret};
use crate::app::{Options, StartError};
use crate::doctor::{Check, State, examine};
use crate::kernel::Clock;
use crate::vault::Vault;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Print JSON instead of lines.
    #[arg(long)]
    json: bool,
}

pub(super) async fn doctor(options: &Options, args: DoctorArgs) -> Result<ExitCode, StartError> {
    let clock = Clock::system();
    let checks = match open_as_it_is(options).await {
        Ok(db) => {
            let (vault, unreadable) = match read_secret(&options.data_dir) {
                Ok(master) => (master.map(|master| Vault::new(master, clock.clone())), None),
                Err(error) => (None, Some(Check::trouble("secret", error.say))),
            };
            let mut checks = examine(&db, vault.as_ref(), &options.data_dir, &clock).await;
            checks.extend(unreadable);
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

const fn mark(state: State) -> &'static str {
    match state {
        State::Good => "✓",
        State::Warning => "!",
        State::Trouble => "✗",
    }
}
