//! `lalanh report`: the committee's totals on the command line.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::failed::failed;
use crate::app::StartError;
use crate::http::Core;
use crate::kernel::Day;
use crate::kernel::money::group_thousands;
use crate::people::audit_head::audit_head;
use crate::reports::{Period, Summary, summary, workbook};

/// What the report covers and how it is written.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The first day, such as 2021-07-01; from the beginning when left out.
    #[arg(long, value_parser = day)]
    from: Option<Day>,
    /// The last day; until now when left out.
    #[arg(long, value_parser = day)]
    to: Option<Day>,
    /// How it is written.
    #[arg(long, value_enum, default_value = "text")]
    format: ReportFormat,
    /// Write to this file instead of standard output.
    #[arg(long)]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReportFormat {
    /// The committee's paragraph and a small table.
    Text,
    /// The same JSON as `GET /api/v1/reports/summary`.
    Json,
    /// A workbook of five sheets.
    Xlsx,
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).map_err(|wrong| format!("{} / {}", wrong.say.vi, wrong.say.en))
}

pub(super) async fn report(core: &Core, args: ReportArgs) -> Result<ExitCode, StartError> {
    let period = Period::new(args.from, args.to).map_err(|wrong| StartError { say: wrong.say })?;
    let mut conn = core.db.snapshot().await.map_err(failed)?;
    let said = |error: crate::http::Error| StartError { say: error.say() };
    let bytes = match args.format {
        ReportFormat::Text => {
            let mut text = text(&summary(&mut conn, period).await.map_err(said)?);
            if let Some(head) = audit_head(&mut conn).await.map_err(said)? {
                text.push_str(&format!("\n{}\n", workbook::said(&head)));
            }
            text.into_bytes()
        }
        ReportFormat::Json => {
            let summary = summary(&mut conn, period).await.map_err(said)?;
            let mut bytes = serde_json::to_vec_pretty(&summary).map_err(failed)?;
            bytes.push(b'\n');
            bytes
        }
        ReportFormat::Xlsx => workbook::of(&mut conn, period).await.map_err(said)?,
    };
    match args.output {
        Some(path) => std::fs::write(&path, bytes).map_err(|error| {
            let path = path.display();
            StartError::new(
                format!("Không ghi được {path}: {error}. Chọn chỗ khác bằng --output."),
                format!("{path} can't be written: {error}. Choose another place with --output."),
            )
        })?,
        None => {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(&bytes).and_then(|()| stdout.flush()).map_err(failed)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The paragraph, and the figures under each other.
fn text(summary: &Summary) -> String {
    let packages = &summary.packages;
    let mut rows = vec![
        ("Suất quà vận động được", packages.mobilised.count, Some(packages.mobilised.value)),
        ("Suất quà đã trao", packages.handed_out.count, Some(packages.handed_out.value)),
        ("Phòng trọ được giảm tiền thuê", summary.rent.rooms, Some(summary.rent.amount)),
        ("Chủ nhà trọ", summary.rent.landlords, None),
        ("Phiên chợ 0 đồng", summary.markets, None),
    ]
    .into_iter()
    .map(|(name, count, value)| {
        let value = value.map_or_else(String::new, |value| value.to_string());
        (name.to_owned(), group_thousands(count), value)
    })
    .collect::<Vec<_>>();
    rows.push(("Tiền mặt nhận được".to_owned(), String::new(), summary.cash.received.to_string()));
    for item in &summary.goods {
        let decimals = u8::try_from(item.decimals).unwrap_or(0);
        let received = format!("{} {}", item.received.in_unit(decimals), item.unit);
        let on_hand = format!("tồn {} {}", item.on_hand.in_unit(decimals), item.unit);
        rows.push((item.name.clone(), received, on_hand));
    }
    let widest = |of: fn(&(String, String, String)) -> &String| {
        rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0)
    };
    let (names, counts, values) = (widest(|row| &row.0), widest(|row| &row.1), widest(|row| &row.2));
    let mut out = format!("{}\n\n", summary.text_vi);
    for (name, count, value) in &rows {
        out.push_str(&format!("{name:<names$}  {count:>counts$}  {value:>values$}"));
        while out.ends_with(' ') {
            out.pop();
        }
        out.push('\n');
    }
    out
}
