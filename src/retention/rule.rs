//! The rules: what each drops, why, and for how long that is kept.

use serde::Deserialize;

use crate::http::Result;
use crate::jobs::JobName;
use crate::kernel::message::Invalid;
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Message, Validation};

text_enum! {
    /// A rule of retention.
    #[schema(as = RetentionRule)]
    pub enum Rule {
        /// The answers of creates.
        KeptAnswers = "kept_answers",
        /// Sessions and API tokens that ended.
        EndedLogins = "ended_logins",
        /// Codes that enrol phones.
        EnrolCodes = "enrol_codes",
        /// Tokens that phones had before.
        PhoneTokens = "phone_tokens",
        /// Lists that were uploaded and never committed.
        OpenLists = "open_lists",
        /// What is left of committed lists.
        CommittedLists = "committed_lists",
        /// What explains refused scans.
        RefusedScans = "refused_scans",
        /// Who collected for a household.
        CollectorNames = "collector_names",
        /// What revoked phones sent, once it was settled.
        SettledRecords = "settled_records",
    }
}

/// How long a rule keeps, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// For the safety of logins and answers: nobody changes it.
    Fixed(i64),
    /// What the ward may choose, and what holds while it chose nothing.
    Chosen { least: i64, most: i64, usual: i64 },
}

impl Rule {
    /// How long it keeps.
    pub const fn period(self) -> Period {
        match self {
            Self::KeptAnswers => Period::Fixed(2),
            Self::EndedLogins => Period::Fixed(30),
            Self::EnrolCodes => Period::Fixed(7),
            // Shown again within this time, one is a sign of theft.
            Self::PhoneTokens => Period::Fixed(90),
            Self::OpenLists | Self::CommittedLists => Period::Chosen { least: 1, most: 30, usual: 7 },
            Self::RefusedScans | Self::SettledRecords => Period::Chosen { least: 30, most: 730, usual: 90 },
            // Complaints about aid come within months; who fetched it is asked for no longer.
            Self::CollectorNames => Period::Chosen { least: 30, most: 1_095, usual: 180 },
        }
    }

    /// How long it keeps where the ward chose `chosen`, or nothing.
    pub fn days(self, chosen: Option<i64>) -> i64 {
        match self.period() {
            Period::Fixed(days) => days,
            Period::Chosen { least, most, usual } => chosen.map_or(usual, |days| days.clamp(least, most)),
        }
    }

    /// The job that carries it out.
    pub const fn job(self) -> JobName {
        match self.period() {
            Period::Fixed(_) => JobName::Prune,
            Period::Chosen { .. } => JobName::Retain,
        }
    }

    /// What is dropped.
    pub const fn what(self) -> Message {
        match self {
            Self::KeptAnswers => {
                Message::fixed("Câu trả lời giữ lại cho lần gửi trùng", "Answers kept for a request that is sent again")
            }
            Self::EndedLogins => {
                Message::fixed("Phiên đăng nhập và mã API đã kết thúc", "Sessions and API tokens that ended")
            }
            Self::EnrolCodes => {
                Message::fixed("Mã kết nối điện thoại đã hết hạn", "Codes that enrol phones, once they ended")
            }
            Self::PhoneTokens => Message::fixed("Mã truy cập cũ của điện thoại", "Tokens that phones had before"),
            Self::OpenLists => {
                Message::fixed("Danh sách gửi lên mà chưa ghi vào sổ", "Lists that were sent and never stored")
            }
            Self::CommittedLists => Message::fixed(
                "Dòng lỗi còn lại của danh sách đã ghi",
                "Rows left of stored lists that nobody corrected",
            ),
            Self::RefusedScans => Message::fixed(
                "Giải thích, lý do và tên người nhận của lượt bị từ chối",
                "What explains refused scans: reasons, names of phones and collectors",
            ),
            Self::CollectorNames => Message::fixed(
                "Tên và quan hệ của người nhận thay",
                "Names of who collected for a household, and their relation",
            ),
            Self::SettledRecords => Message::fixed(
                "Bản ghi của máy bị thu hồi, đã xử lý xong",
                "What revoked phones sent, once it was settled",
            ),
        }
    }

    /// Why so long and no longer, and from when it counts.
    pub const fn why(self) -> Message {
        match self {
            Self::KeptAnswers => Message::fixed(
                "Máy mất mạng gửi lại trong hai ngày thì được trả lời như lần đầu. Tính từ lúc gửi.",
                "Who lost the network and sends again within two days is answered as before. From when it was sent.",
            ),
            Self::EndedLogins => Message::fixed(
                "Ai hỏi vì sao bị đăng xuất thì còn tra được. Tính từ lúc kết thúc.",
                "Whoever asks why it stopped still finds it. From its end.",
            ),
            Self::EnrolCodes => Message::fixed(
                "Nhập mã cũ thì được báo là đã hết hạn. Tính từ lúc mã hết hạn.",
                "Whoever types an old code is told that it is over. From its end.",
            ),
            Self::PhoneTokens => Message::fixed(
                "Mã cũ dùng lại là dấu hiệu máy bị sao chép. Tính từ lúc có mã mới.",
                "One that is shown again is a sign of a copied phone. From when another followed.",
            ),
            Self::OpenLists => Message::fixed(
                "Đủ để sửa và ghi; sau đó chỉ là bản sao thông tin cá nhân. Tính từ lúc gửi.",
                "Time to correct and store it; then it is but a copy of personal data. From when it was sent.",
            ),
            Self::CommittedLists => Message::fixed(
                "Đủ để tải về và sửa các dòng lỗi. Tính từ lúc ghi danh sách.",
                "Time to fetch and correct the rows with errors. From when the list was stored.",
            ),
            Self::RefusedScans => Message::fixed(
                "Để trả lời người dân hỏi vì sao. Kết quả, giờ và điểm phát giữ lại. Tính từ lúc quét.",
                "To answer who asks why. The outcome, its time and point stay. From the scan.",
            ),
            Self::CollectorNames => Message::fixed(
                "Để giải quyết khiếu nại. Vẫn giữ là có người nhận thay. Tính từ ngày cuối của chương trình; chưa xử lý xong thì chờ.",
                "To settle complaints. That somebody collected stays. From the campaign's last day; open conflicts wait.",
            ),
            Self::SettledRecords => Message::fixed(
                "Để xem lại cách xử lý. Quyết định và số suất giữ lại. Tính từ lúc xử lý.",
                "To look at the decision again. The decision and its units stay. From when it was settled.",
            ),
        }
    }
}

/// Another period of a rule.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = RetentionChange, example = json!({"days": 365}))]
pub(super) struct ChangeBody {
    /// Days, within the rule's bounds; null: the usual ones.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1095)]
    pub(super) days: Option<i64>,
}

impl ChangeBody {
    /// The days, within the rule's bounds.
    pub(super) fn parse(self, rule: Rule) -> Result<Option<i64>> {
        let Period::Chosen { least, most, .. } = rule.period() else {
            return Err(crate::http::Error::conflict(
                "fixed_period",
                "Thời hạn này thuộc về an toàn của hệ thống nên không đổi được.",
                "This period belongs to the safety of the system and can't be changed.",
            ));
        };
        let mut fields = Validation::new();
        fields.check("days", self.days.is_none_or(|days| (least..=most).contains(&days)), || {
            Invalid::new(
                "out_of_range",
                Message::new(format!("Chọn từ {least} đến {most} ngày."), format!("Choose {least} to {most} days.")),
            )
        });
        fields.finish()?;
        Ok(self.days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_period_lies_within_the_bounds_and_a_fixed_one_is_nobodys_choice() {
        for rule in Rule::ALL {
            match rule.period() {
                Period::Fixed(days) => {
                    assert_eq!(rule.days(Some(9_999)), days, "{rule}");
                    assert!(ChangeBody { days: Some(days) }.parse(rule).is_err(), "{rule}");
                }
                Period::Chosen { least, most, usual } => {
                    assert!((least..=most).contains(&usual), "{rule}");
                    assert_eq!((rule.days(None), rule.days(Some(most))), (usual, most), "{rule}");
                    assert!(ChangeBody { days: Some(least - 1) }.parse(rule).is_err(), "{rule}");
                    assert!(ChangeBody { days: Some(most + 1) }.parse(rule).is_err(), "{rule}");
                    assert_eq!(ChangeBody { days: None }.parse(rule).unwrap(), None, "{rule}");
                }
            }
        }
    }
}
