//! The jobs, and how one ended.

use std::collections::BTreeMap;

use crate::kernel::Message;
use crate::kernel::text_enum::text_enum;

text_enum! {
    /// A job.
    pub enum JobName {
        /// Drops what ended: kept answers, sessions, codes.
        Prune = "prune",
        /// Drops what was kept long enough by the rules that the ward may change.
        Retain = "retain",
        /// Has the doctor look at all that is stored.
        Examine = "examine",
        /// Looks whether the disk has room, a back-up was made and the other jobs run.
        Watch = "watch",
    }
}

text_enum! {
    /// How a job ended.
    pub enum JobResult {
        /// It did all.
        Done = "done",
        /// It did all, and found something that somebody should look at.
        Found = "found",
        /// It could not do all.
        Failed = "failed",
        /// Its process was gone before its end.
        Interrupted = "interrupted",
    }
}

/// What a job counted, by name. Never a person's data.
pub type Counts = BTreeMap<String, i64>;

impl JobName {
    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Prune => Message::fixed("Dọn mã và phiên đã hết hạn", "Drop codes and sessions that ended"),
            Self::Retain => Message::fixed("Xóa theo thời hạn lưu giữ", "Drop what was kept long enough"),
            Self::Examine => Message::fixed("Kiểm tra toàn bộ dữ liệu", "Check all that is stored"),
            Self::Watch => Message::fixed("Trông ổ đĩa, sao lưu và việc nền", "Watch the disk, back-ups and jobs"),
        }
    }
}

impl JobResult {
    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Done => Message::fixed("Xong", "Done"),
            Self::Found => Message::fixed("Xong, có điều cần xem", "Done, found something"),
            Self::Failed => Message::fixed("Không làm xong", "Failed"),
            Self::Interrupted => Message::fixed("Bị ngắt giữa chừng", "Interrupted"),
        }
    }

    /// Whether it did all that it was to do.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Done | Self::Found)
    }
}
