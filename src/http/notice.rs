//! What a step did, said at the top of the page it leads to: `?done=saved`. The address holds a word of this list, no
//! text of its own.

use crate::kernel::message::Lang;

/// The parameter of the address.
pub const PARAMETER: &str = "done";

/// A word in the address, and what the page says in Vietnamese and English.
const NOTICES: &[(&str, &str, &str)] = &[
    ("created", "Đã tạo.", "Created."),
    ("received", "Đã ghi khoản ủng hộ. Có thể in giấy cho nhà hảo tâm.", "Recorded. The donor's paper can be printed."),
    ("moved", "Đã chuyển kho. Có thể in biên bản bàn giao.", "Moved. The handover paper can be printed."),
    ("counted", "Đã ghi kết quả kiểm kê.", "The stock take is booked."),
    ("adjusted", "Đã điều chỉnh tồn kho.", "The stock is adjusted."),
    ("saved", "Đã lưu.", "Saved."),
    ("imported", "Đã ghi danh sách vào sổ.", "The list is stored."),
    ("voided", "Đã hủy phiếu.", "The voucher is void."),
    ("reissued", "Đã cấp lại phiếu. Hãy in phiếu mới.", "The voucher is reissued. Print the new paper."),
    ("pledged", "Đã gửi đăng ký. Cảm ơn anh chị!", "Sent. Thank you!"),
    ("withdrawn", "Đã rút đăng ký.", "Withdrawn."),
    ("verified", "Đã xác minh. Khoản này được tính vào báo cáo.", "Verified. It counts from now on."),
    ("rejected", "Đã từ chối.", "Rejected."),
    ("confirmed", "Đã xác nhận số tiền giảm thật.", "Confirmed as given."),
    ("published", "Đã công khai.", "Published."),
    ("unpublished", "Đã ngừng công khai.", "No longer published."),
    ("paused", "Đã tạm dừng đợt phát.", "The round is paused."),
    ("resumed", "Đợt phát tiếp tục.", "The round goes on."),
    ("round_closed", "Đã kết thúc đợt phát.", "The round is closed."),
    (
        "superseded",
        "Mã này trên phiếu cũ, đã được thay bằng phiếu dưới đây.",
        "The code is of an old paper; this one replaced it.",
    ),
    ("password", "Đã đổi mật khẩu.", "The password is changed."),
    ("factor_on", "Đã bật xác thực hai bước.", "Two-step login is on."),
    ("factor_off", "Đã tắt xác thực hai bước.", "Two-step login is off."),
    (
        "factor_reset",
        "Đã đặt lại xác thực hai bước. Người này đăng nhập bằng mật khẩu rồi thiết lập lại.",
        "Reset. They log in by password and set it up anew.",
    ),
    (
        "unlinked",
        "Đã gỡ. Tài khoản ở nơi đăng nhập chung không còn vào được.",
        "Unlinked. The provider's account opens it no longer.",
    ),
    (
        "step_over",
        "Bước nhập mã đã quá 5 phút. Hãy đăng nhập lại từ đầu.",
        "The code was not typed within 5 minutes. Log in from the beginning.",
    ),
    (
        "idle",
        "Bạn đã bị đăng xuất vì lâu không thao tác. Đăng nhập lại để trở về trang đang xem.",
        "You were logged out after a long pause. Log in again to return to your page.",
    ),
    ("disabled", "Đã khóa tài khoản.", "The login is disabled."),
    (
        "job_due",
        "Đã giao cho máy chủ làm ngay. Tải lại trang để xem kết quả.",
        "It runs now. Load the page again to see how it went.",
    ),
    ("handed_over", "Đã bàn giao.", "Handed over."),
    ("handed_back", "Đã bàn giao lại như trước.", "Handed back; all is as it was."),
    (
        "handed_back_reach_kept",
        "Đã bàn giao lại. Phạm vi của người nhận đã được sửa từ đó nên giữ nguyên; xem lại ở trang tài khoản.",
        "Handed back. What who took over is in charge of was changed since and stays: see their login's page.",
    ),
    ("closed", "Đã đóng.", "Closed."),
    ("reopened", "Đã mở lại.", "Open again."),
    ("settled", "Đã ghi cách giải quyết.", "Settled."),
    ("handover_undone", "Đã hoàn tác lượt vừa rồi, hàng trở lại kho.", "Undone; the goods are back in stock."),
    (
        "reissued_all",
        "Đã cấp lại các phiếu. Hãy in lại và giao cho các hộ.",
        "The vouchers are reissued. Print them again.",
    ),
    ("revoked", "Đã thu hồi.", "Revoked."),
    (
        "revoked_released",
        "Đã thu hồi máy và giải phóng phiếu. Máy khác phát được ngay.",
        "Revoked, and its vouchers are released. Other phones may hand them out now.",
    ),
    (
        "released",
        "Đã giải phóng phiếu. Máy khác phát được ngay; máy này có mạng lại sẽ tự xin phiếu còn lại.",
        "Released. Other phones may hand them out now; this one asks for what is left when it is online again.",
    ),
    ("erased", "Đã xóa dữ liệu cá nhân.", "The personal data are erased."),
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
        "Đã hoàn tác: những gì danh sách này đã ghi không còn trong sổ.",
        "Taken back: what this list had stored is no longer in the register.",
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

    fn sources(folder: &std::path::Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![std::fs::read_to_string(path).unwrap()] })
            .collect()
    }

    #[test]
    fn every_word_that_a_page_is_opened_with_says_something() {
        let mut words = 0;
        for text in sources(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
            for rest in text.split("?done=").skip(1) {
                let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
                let word = &rest[..end];
                if !word.is_empty() && rest[end..].starts_with('"') {
                    assert!(
                        of_query(&format!("done={word}"), Lang::Vi).is_some(),
                        "?done={word}: give it a line in NOTICES"
                    );
                    words += 1;
                }
            }
        }
        assert!(words > 10, "only {words} were found: the search is broken");
    }
}
