//! `lalanh key rotate`: a new master secret.

use std::process::ExitCode;

use clap::Subcommand;

use crate::app::rotation::Rotation;
use crate::app::{Options, StartError};
use crate::kernel::Clock;

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a new master secret and seal everything with it anew. The service must be stopped. See docs/keys.md.
    Rotate,
}

pub(super) async fn key(options: &Options, command: KeyCommand) -> Result<ExitCode, StartError> {
    let KeyCommand::Rotate = command;
    let rotation = Rotation::begin(options, Clock::system()).await?;
    rotation.seal_anew().await?;
    rotation.finish().await?;
    println!(
        "Đã đổi khóa. Hãy sao lưu ngay: bản sao lưu cũ mở bằng khóa cũ, nằm sẵn trong tệp của nó.\n\
         The master secret is new. Make a back-up now: older ones open with the older secret, which is inside them."
    );
    Ok(ExitCode::SUCCESS)
}
