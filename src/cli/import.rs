//! Lists from the command line: the same reading, preview and commit as over HTTP.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::failed::{failed, refused};
use crate::app::StartError;
use crate::campaigns::require_campaign;
use crate::households::import::commit::CommitBody;
use crate::households::import::{Households, Opened, Options};
use crate::http::{Core, UPLOAD_LIMIT};
use crate::imports::sequence;
use crate::imports::staged::Progress;
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
    let file = sequence::look_up::<Households>(core, bytes.into(), options.clone(), Progress::default());
    let file = file.await.map_err(refused)?;
    let mut tx = core.db.begin().await.map_err(failed)?;
    if let Some(id) = campaign {
        require_campaign(&mut tx, "campaign", id).await.map_err(refused)?;
    }
    let list = sequence::stage::<Households>(&mut tx, core, None, name, options, file).await.map_err(refused)?;
    print(&list, &list.warnings(&mut tx, Lang::Vi).await.map_err(refused)?);
    if commit {
        let stored = sequence::store::<Households>(&mut tx, core, None, list.list.id, CommitBody::default());
        let counts = stored.await.map_err(refused)?;
        tx.commit().await.map_err(failed)?;
        let (new, updated, skipped, errors) = (counts.new, counts.updated, counts.skipped, counts.errors);
        println!("Đã ghi: {new} hộ mới, {updated} cập nhật, {skipped} bỏ qua, {errors} dòng lỗi.");
    } else {
        tx.rollback().await.map_err(failed)?;
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
