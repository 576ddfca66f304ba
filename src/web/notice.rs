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
    ("paused", "Đã tạm dừng đợt phát.", "The round is paused."),
    ("resumed", "Đợt phát tiếp tục.", "The round goes on."),
    ("round_closed", "Đã kết thúc đợt phát.", "The round is closed."),
    ("superseded", "Mã này trên phiếu cũ, đã được thay bằng phiếu dưới đây.", "The code is of an old paper; this one replaced it."),
    ("revoked", "Đã thu hồi.", "Revoked."),
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
