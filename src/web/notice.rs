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
    (
        "superseded",
        "Mã này trên phiếu cũ, đã được thay bằng phiếu dưới đây.",
        "The code is of an old paper; this one replaced it.",
    ),
    ("password", "Đã đổi mật khẩu.", "The password is changed."),
    ("disabled", "Đã khóa tài khoản.", "The login is disabled."),
    ("closed", "Đã đóng.", "Closed."),
    ("reopened", "Đã mở lại.", "Open again."),
    ("settled", "Đã ghi cách giải quyết.", "Settled."),
    ("undone", "Đã hoàn tác lượt vừa rồi, hàng trở lại kho.", "Undone; the goods are back in stock."),
    (
        "reissued_all",
        "Đã cấp lại các phiếu. Hãy in lại và giao cho các hộ.",
        "The vouchers are reissued. Print them again.",
    ),
    ("revoked", "Đã thu hồi.", "Revoked."),
    ("erased", "Đã xóa dữ liệu cá nhân của hộ này.", "This household's personal data are erased."),
    (
        "merged",
        "Đã gộp. Hộ này giữ phiếu và lịch sử của cả hai.",
        "Merged. This household keeps the vouchers and history of both.",
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
