//! Whether the audit log is whole, and is the one that the data folder and the printed reports know.

use std::path::Path;

use super::check::Check;
use crate::db::{Conn, Db};
use crate::http::Error;
use crate::kernel::Message;
use crate::people::audit_head::{Printed, PrintedHead, compare};
use crate::people::{audit_anchor, audit_chain};
use crate::vault::Vault;

/// Loads the log's keys; what is wrong with them, if anything.
pub(super) async fn log_keys(db: &Db, vault: Option<&Vault>) -> Result<Option<Check>, sqlx::Error> {
    let mut conn = db.read().await?;
    if Db::schema(&mut conn).await? != Some(Db::newest_schema()) {
        return Ok(None);
    }
    let unopened = Check::trouble(
        "audit",
        Message::fixed(
            "Không mở được khóa của nhật ký thao tác, nên chưa kiểm tra được. Khôi phục tệp secret.key đúng.",
            "The audit log's keys don't open, so it was not checked. Restore the right secret.key.",
        ),
    );
    let Some(vault) = vault else { return Ok(Some(unopened)) };
    let Ok(keys) = audit_chain::read_keys(&mut conn, vault).await else { return Ok(Some(unopened)) };
    db.hold_log_keys(keys);
    Ok(None)
}

/// The whole log.
pub(super) async fn log(conn: &mut Conn, data_dir: &Path, keys: Option<Check>) -> Check {
    if let Some(trouble) = keys {
        return trouble;
    }
    let from = match audit_chain::first_broken(conn).await {
        Ok(None) => return as_remembered(conn, data_dir).await,
        Ok(Some(seq)) => seq.to_string(),
        Err(error) => error.say().en.into_owned(),
    };
    Check::trouble(
        "audit",
        Message::new(
            format!("Nhật ký thao tác bị sửa hoặc mất từ mục {from}. So với bản sao lưu để biết điều gì đã đổi."),
            format!("The audit log was changed or cut from entry {from}. Compare with a back-up to see what changed."),
        ),
    )
}

async fn as_remembered(conn: &mut Conn, data_dir: &Path) -> Check {
    let from = match audit_anchor::differs_at(conn, data_dir).await {
        Ok(None) => return Check::good("audit", "Nhật ký thao tác nguyên vẹn.", "The audit log is whole."),
        Ok(Some(seq)) => seq,
        Err(_) => 0,
    };
    let file = data_dir.join(audit_anchor::ANCHOR_FILE);
    let file = file.display();
    Check::trouble(
        "audit",
        Message::new(
            format!(
                "Nhật ký thao tác không phải là nhật ký mà thư mục dữ liệu ghi nhớ (mục {from}): cơ sở dữ liệu đã bị đưa về \
                 một thời điểm cũ, hoặc nhật ký bị viết lại. So với bản sao lưu. Nếu chính bạn đưa về: xóa tệp {file}."
            ),
            format!(
                "The audit log is not the one that the data folder remembers (entry {from}): the database was put back to \
                 an earlier day, or the log was written anew. Compare with a back-up. If you put it back: delete {file}."
            ),
        ),
    )
}

/// Whether the log still has the end that a report was printed with.
pub async fn printed_head(db: &Db, printed: &PrintedHead) -> Result<Check, Error> {
    let seq = printed.seq;
    Ok(match compare(&mut db.read().await?, printed).await? {
        Printed::Stands => Check::good(
            "audit_head",
            "Nhật ký vẫn có mục in trên báo cáo: trước đó không có gì bị sửa.",
            "The log still has the entry printed on the report: nothing before it was changed.",
        ),
        Printed::Missing { last } => Check::trouble(
            "audit_head",
            Message::new(
                format!("Nhật ký bị cắt: báo cáo in đến mục {seq}, nay chỉ còn đến mục {last}. So với bản sao lưu."),
                format!(
                    "The log was cut: the report was printed at entry {seq}, there are {last} now. Compare with a back-up."
                ),
            ),
        ),
        Printed::Differs => Check::trouble(
            "audit_head",
            Message::new(
                format!(
                    "Mục {seq} không phải mục đã in: nhật ký bị viết lại, hoặc chép sai. So lại từng ký tự với báo cáo."
                ),
                format!(
                    "Entry {seq} is not the one printed: the log was written anew, or mistyped. Compare each symbol."
                ),
            ),
        ),
    })
}
