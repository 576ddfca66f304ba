//! The texts that people agree to, each version as it was shown. A version that was shown never changes: a new text is added.

use super::Purpose;
use crate::kernel::Message;

/// That data are kept.
const KEEP_DATA: &[Message] = &[Message::fixed(
    "Tôi đồng ý để Ủy ban Mặt trận phường lưu họ tên, số điện thoại, số CCCD/CMND, địa chỉ và hoàn cảnh của tôi để xét và trao \
     hỗ trợ, và để báo cáo số tổng không nêu tên. Tôi có thể xem, sửa, rút lại đồng ý hoặc yêu cầu xóa bất cứ lúc nào.",
    "I agree that the ward's Front committee keeps my name, phone, id number, address and circumstances to decide on help, hand \
     it out, and report totals without names. I may see, correct, take back this consent, or ask for erasure at any time.",
)];
/// That a landlord's pledge is kept.
const PLEDGE_RENT: &[Message] = &[Message::fixed(
    "Tôi đồng ý để Ủy ban MTTQ Việt Nam phường lưu thông tin này để xác minh và tổng hợp số tiền giảm. Họ tên, số điện thoại và \
     địa chỉ không công khai.",
    "I agree that the ward's Fatherland Front keeps this to verify the reduction and add it up. Name, phone and address are not \
     published.",
)];
/// That somebody is named.
const BE_NAMED: &[Message] = &[Message::fixed(
    "Tôi đồng ý để phường nêu tên tôi khi công khai các khoản ủng hộ và khi cảm ơn. Tôi có thể rút lại bất cứ lúc nào.",
    "I agree to be named when the ward publishes what was given and when it gives thanks. I may take this back at any time.",
)];

const fn of(purpose: Purpose) -> &'static [Message] {
    match purpose {
        Purpose::KeepData => KEEP_DATA,
        Purpose::PledgeRent => PLEDGE_RENT,
        Purpose::BeNamed => BE_NAMED,
    }
}

/// The version in force, from 1.
pub fn newest(purpose: Purpose) -> i64 {
    i64::try_from(of(purpose).len()).unwrap_or(i64::MAX)
}

/// The text in force.
pub fn in_force(purpose: Purpose) -> &'static Message {
    of(purpose).last().expect("every purpose has a text")
}

/// The text of a version; nothing for 0, from before texts had versions.
pub fn version(purpose: Purpose, version: i64) -> Option<&'static Message> {
    usize::try_from(version).ok()?.checked_sub(1).and_then(|at| of(purpose).get(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_a_text_in_force_and_none_from_before() {
        for purpose in Purpose::ALL {
            assert!(version(purpose, newest(purpose)).is_some());
            assert!(version(purpose, 0).is_none() && version(purpose, newest(purpose) + 1).is_none());
        }
    }
}
