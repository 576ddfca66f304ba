//! What a step did, said at the top of the page it leads to: `?done=saved`. The address holds a word of this list, no
//! text of its own.

use crate::kernel::say::Lang;

/// The parameter of the address.
pub const PARAMETER: &str = "done";

/// A word in the address, and what the page says in Vietnamese and English.
const NOTICES: &[(&str, &str, &str)] = &[
    ("created", "Đã tạo.", "Created."),
    ("saved", "Đã lưu.", "Saved."),
    ("imported", "Đã ghi danh sách vào sổ.", "The list is stored."),
    ("voided", "Đã hủy phiếu.", "The voucher is void."),
    ("reissued", "Đã cấp lại phiếu. Hãy in phiếu mới.", "The voucher is reissued. Print the new paper."),
    ("revoked", "Đã thu hồi.", "Revoked."),
    ("erased", "Đã xóa dữ liệu cá nhân của hộ này.", "This household's personal data are erased."),
    (
        "merged",
        "Đã gộp. Hộ này giữ phiếu và lịch sử của cả hai.",
        "Merged. This household keeps the vouchers and history of both.",
    ),
    ("decided", "Đã ghi quyết định cho các dòng này.", "Decided for these rows."),
    (
        "decided_some",
        "Đã ghi quyết định. Vài dòng không chọn như vậy được (số CCCD đã có, hoặc không có hộ để gộp) nên giữ nguyên.",
        "Decided. Some rows can't be so (an id number that is known, or nothing to merge into) and stay as they were.",
    ),
    ("reread", "Đã đọc lại tệp theo các cột vừa chọn.", "The file was read again with these columns."),
    (
        "undone",
        "Đã hoàn tác: các hộ của danh sách này không còn trong sổ.",
        "Taken back: the households of this list are no longer in the register.",
    ),
    ("told_apart", "Đã ghi nhớ: hai hộ này không phải một hộ.", "Remembered: these are two different households."),
];

/// The notice that an address asks for, if it is one of ours.
pub fn of_query(query: &str, lang: Lang) -> Option<&'static str> {
    let (_, word) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == PARAMETER)?;
    let (_, vi, en) = NOTICES.iter().find(|(known, ..)| *known == word)?;
    Some(match lang {
        Lang::Vi => vi,
        Lang::En => en,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_chooses_among_our_own_words_only() {
        assert_eq!(of_query("q=x&done=saved", Lang::En), Some("Saved."));
        assert_eq!(of_query("done=You+won", Lang::En), None);
        assert_eq!(of_query("", Lang::Vi), None);
    }
}
