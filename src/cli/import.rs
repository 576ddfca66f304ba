//! Lists from the command line: the same reading, preview and commit as over HTTP.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::failed::refused;
use crate::app::StartError;
use crate::campaigns::require_campaign;
use crate::db::Tx;
use crate::households::import::commit::{CommitBody, Counts};
use crate::households::import::{Households, Opened, Options};
use crate::http::{Core, UPLOAD_LIMIT};
use crate::imports::staged::Progress;
use crate::imports::{file, service};
use crate::kernel::ids::{AreaId, CampaignId};
use crate::kernel::message::Lang;
use crate::spreadsheet::{RowIssue, RowStatus};

/// Rows with errors that are printed at most.
const SHOWN_ERRORS: usize = 20;

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Read a list of households; preview it, or store it with --commit.
    Households {
        /// `.xlsx`, `.xls`, `.ods` or `.csv`.
        file: PathBuf,
        /// The campaign that the list was drawn up for; kept with the list.
        #[arg(long)]
        campaign: Option<CampaignId>,
        /// The area of rows that name none.
        #[arg(long)]
        area: Option<AreaId>,
        /// Store the new households; without it nothing is registered.
        #[arg(long)]
        commit: bool,
    },
}

pub(super) async fn import(core: &Core, command: ImportCommand) -> Result<ExitCode, StartError> {
    let ImportCommand::Households { file, campaign, area, commit } = command;
    let size = std::fs::metadata(&file).map_err(|error| unreadable(&file, &error))?.len();
    if size > UPLOAD_LIMIT as u64 {
        return Err(StartError::new("Tệp lớn quá 25 MB. Hãy chia nhỏ.", "The file is larger than 25 MB. Split it."));
    }
    let bytes = std::fs::read(&file).map_err(|error| unreadable(&file, &error))?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let options = Options { area_id: area, campaign_id: campaign.map(|id| id.0), ..Options::default() };
    let file = file::look_up::<Households>(core, bytes.into(), options.clone(), Progress::default());
    let file = file.await.map_err(refused)?;
    let staged = async |tx: &mut Tx| {
        if let Some(id) = campaign {
            require_campaign(tx, "campaign", id).await?;
        }
        let list = service::stage::<Households>(tx, core, None, name, options, file).await?;
        print(&list, &list.warnings(tx, Lang::Vi).await?);
        Ok(list.list.id)
    };
    if commit {
        let stored = core.run(async |tx| {
            let id = staged(tx).await?;
            service::commit::<Households>(tx, core, None, id, CommitBody::default()).await
        });
        let Counts { new, updated, skipped, errors } = stored.await.map_err(refused)?;
        println!("Đã ghi: {new} hộ mới, {updated} cập nhật, {skipped} bỏ qua, {errors} dòng lỗi.");
    } else {
        core.dry_run(staged).await.map_err(refused)?;
        println!("Chưa ghi gì. Thêm --commit để ghi. (Nothing stored; add --commit.)");
    }
    Ok(ExitCode::SUCCESS)
}

fn print(list: &Opened, warnings: &[RowIssue]) {
    let totals = list.reading.totals();
    println!(
        "Mới/new {} · cập nhật/update {} · trùng/duplicate {} · lỗi/error {} · bỏ qua/skipped {}",
        totals.new, totals.update, totals.duplicate, totals.error, totals.skipped
    );
    for warning in warnings {
        println!("! {}", warning.message);
    }
    for row in list.reading.rows.iter().filter(|row| row.status == RowStatus::Error).take(SHOWN_ERRORS) {
        for error in &row.errors {
            println!("Dòng {} – {}: {}", list.reading.key_of(row.at), error.column, error.message(Lang::Vi));
        }
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> StartError {
    let file = file.display();
    StartError::new(
        format!("Không đọc được tệp {file}: {error}. Kiểm tra lại tên tệp và quyền đọc."),
        format!("The file {file} can't be read: {error}. Check its name and that you may read it."),
    )
}
