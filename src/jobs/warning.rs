//! What somebody should look at.

use super::job::JobName;
use crate::kernel::Message;

/// What somebody should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A job did not do all.
    Failed(JobName),
    /// A job has not run for long.
    Late(JobName),
    /// The doctor found so much that is wrong.
    Trouble(i64),
    /// The doctor found so much that somebody should look at.
    Noticed(i64),
    /// So many MiB are left.
    LowDisk(i64),
    /// So many days ago a back-up was made last, or the first record.
    NoBackup(i64),
}

impl Warning {
    /// Stable, machine-readable.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Failed(_) => "job_failed",
            Self::Late(_) => "job_late",
            Self::Trouble(_) => "doctor_trouble",
            Self::Noticed(_) => "doctor_warning",
            Self::LowDisk(_) => "disk_low",
            Self::NoBackup(_) => "no_backup",
        }
    }

    /// Its codes.
    pub const CODES: [&'static str; 6] =
        ["job_failed", "job_late", "doctor_trouble", "doctor_warning", "disk_low", "no_backup"];

    /// What was found, with the way out.
    pub fn say(self) -> Message {
        match self {
            Self::Failed(name) => {
                let Message { vi, en } = name.say();
                Message::new(
                    format!("«{vi}» lần trước không làm xong. Bấm «Chạy ngay»; vẫn vậy thì xem nhật ký của máy chủ."),
                    format!("“{en}” did not finish last time. Run it now; if it fails again, read the server's log."),
                )
            }
            Self::Late(name) => {
                let Message { vi, en } = name.say();
                Message::new(
                    format!(
                        "«{vi}» quá giờ mà chưa chạy. Xem dịch vụ còn chạy bình thường không, hoặc bấm «Chạy ngay»."
                    ),
                    format!("“{en}” is overdue. See whether the service is well, or run it now."),
                )
            }
            Self::Trouble(n) => Message::new(
                format!(
                    "Kiểm tra dữ liệu thấy {n} chỗ sai. Chạy «lalanh doctor» trên máy chủ để biết chỗ nào và cách xử lý."
                ),
                format!(
                    "The nightly check found {n} things wrong. `lalanh doctor` on the server names them and the way out."
                ),
            ),
            Self::Noticed(n) => Message::new(
                format!("Kiểm tra dữ liệu thấy {n} điều cần xem. Chạy «lalanh doctor» trên máy chủ để biết chi tiết."),
                format!("The nightly check noticed {n} things to look at. `lalanh doctor` on the server names them."),
            ),
            Self::LowDisk(mib) => Message::new(
                format!("Ổ đĩa của dữ liệu chỉ còn {mib} MiB. Giải phóng chỗ trống trước khi dịch vụ phải dừng."),
                format!("The data's disk has only {mib} MiB left. Free some space before the service has to stop."),
            ),
            Self::NoBackup(days) => Message::new(
                format!("Đã {days} ngày không có bản sao lưu. Chạy «lalanh backup» trên máy chủ."),
                format!("No back-up was made for {days} days. Run `lalanh backup` on the server."),
            ),
        }
    }
}
