//! Why a household is helped.

use std::sync::LazyLock;

use crate::kernel::message::{Invalid, Message};
use crate::kernel::text_enum::text_enum;
use crate::kernel::vietnamese::{fold, has_marks, mark_key};

text_enum! {
    /// The reason for which a household is on the list (diện hỗ trợ).
    #[derive(PartialOrd, Ord)]
    pub enum Category {
        /// Hộ nghèo, by the ward's decision.
        Poor = "poor",
        /// Hộ cận nghèo.
        NearPoor = "near_poor",
        /// Hộ khó khăn.
        Hardship = "hardship",
        /// Người thuê trọ.
        Tenant = "tenant",
        /// Lao động tự do.
        FreeLabourer = "free_labourer",
        /// Người cao tuổi neo đơn.
        LonelyElderly = "lonely_elderly",
        /// Người khuyết tật.
        Disabled = "disabled",
        /// Người bệnh nặng. Sensitive data (law 91/2025).
        Sick = "sick",
        /// Trẻ mồ côi.
        Orphan = "orphan",
        /// Gia đình chính sách.
        Policy = "policy",
        /// Anything else; the list's own words are kept in the note.
        Other = "other",
    }
}

impl Category {
    /// Its name on screen.
    pub const fn say(self) -> Message {
        match self {
            Self::Poor => Message::fixed("Hộ nghèo", "Poor household"),
            Self::NearPoor => Message::fixed("Hộ cận nghèo", "Near-poor household"),
            Self::Hardship => Message::fixed("Hộ khó khăn", "Household in hardship"),
            Self::Tenant => Message::fixed("Người thuê trọ", "Tenant"),
            Self::FreeLabourer => Message::fixed("Lao động tự do", "Free labourer"),
            Self::LonelyElderly => Message::fixed("Người cao tuổi neo đơn", "Elderly person living alone"),
            Self::Disabled => Message::fixed("Người khuyết tật", "Disabled person"),
            Self::Sick => Message::fixed("Người bệnh nặng", "Seriously ill person"),
            Self::Orphan => Message::fixed("Trẻ mồ côi", "Orphan"),
            Self::Policy => Message::fixed("Gia đình chính sách", "Family under state policy"),
            Self::Other => Message::fixed("Diện khác", "Other"),
        }
    }

    /// Whether it tells of an illness, which is sensitive (law 91/2025): only who may see personal data sees it, and the look is
    /// logged.
    pub const fn is_sensitive(self) -> bool {
        matches!(self, Self::Sick)
    }

    /// What it is told as to whoever may not see personal data. No word of its own: that would tell it, too.
    pub const fn masked(self) -> Self {
        if self.is_sensitive() { Self::Other } else { self }
    }

    /// Reads the name used in JSON.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::from_name(text).ok_or(Invalid::fixed(
            "unknown",
            "Diện hỗ trợ không có trong danh mục.",
            "There is no such category.",
        ))
    }

    /// The category that a list's own words speak of, if any: `Hộ cận nghèo`, `thuê trọ`, `HN`.
    pub fn recognise(text: &str) -> Option<Self> {
        let marked = has_marks(text);
        let own = format!(" {} ", if marked { mark_key(text) } else { fold(text) });
        let short = match fold(text).as_str() {
            "hn" => Some(Self::Poor),
            "hcn" | "cn" => Some(Self::NearPoor),
            "kk" | "hkk" => Some(Self::Hardship),
            _ => None,
        };
        let named = |(with, without, _): &&(String, String, Self)| own.contains(if marked { with } else { without });
        short.or_else(|| KEYS.iter().find(named).map(|(_, _, category)| *category))
    }

    /// Whether a text says no more than the category's name, so that nothing is lost by keeping the category alone.
    pub fn is_all_of(self, text: &str) -> bool {
        let own = fold(text);
        let bare = |text: &str| {
            let filler = |w: &&str| matches!(*w, "ho" | "nguoi" | "dien" | "tre" | "gia" | "dinh" | "o" | "thue");
            text.split(' ').filter(|w| !filler(w)).collect::<Vec<_>>().join(" ")
        };
        let code = own.len() <= 3 && self != Self::Other;
        code || bare(&own) == bare(&fold(&self.say().vi))
    }
}

/// What lists say, and what it means. Several may be said; the first of this order wins: `bệnh hiểm nghèo` is not
/// poverty.
const WORDS: &[(&str, Category)] = &[
    ("thoát nghèo", Category::Other),
    ("không nghèo", Category::Other),
    ("hiểm nghèo", Category::Sick),
    ("cận nghèo", Category::NearPoor),
    ("nghèo", Category::Poor),
    ("khuyết tật", Category::Disabled),
    ("tàn tật", Category::Disabled),
    ("mồ côi", Category::Orphan),
    ("chính sách", Category::Policy),
    ("có công", Category::Policy),
    ("thương binh", Category::Policy),
    ("bệnh binh", Category::Policy),
    ("liệt sĩ", Category::Policy),
    ("liệt sỹ", Category::Policy),
    ("chất độc", Category::Policy),
    ("neo đơn", Category::LonelyElderly),
    ("cao tuổi", Category::LonelyElderly),
    ("già yếu", Category::LonelyElderly),
    ("cô đơn", Category::LonelyElderly),
    ("bệnh", Category::Sick),
    ("ốm đau", Category::Sick),
    ("ung thư", Category::Sick),
    ("chạy thận", Category::Sick),
    ("tai biến", Category::Sick),
    ("trọ", Category::Tenant),
    ("thuê nhà", Category::Tenant),
    ("lao động tự do", Category::FreeLabourer),
    ("lđtd", Category::FreeLabourer),
    ("tự do", Category::FreeLabourer),
    ("vé số", Category::FreeLabourer),
    ("xe ôm", Category::FreeLabourer),
    ("mất việc", Category::FreeLabourer),
    ("thất nghiệp", Category::FreeLabourer),
    ("buôn bán nhỏ", Category::FreeLabourer),
    ("khó khăn", Category::Hardship),
];

/// [`WORDS`] with marks and without, folded once, with a space on both sides.
static KEYS: LazyLock<Vec<(String, String, Category)>> = LazyLock::new(|| {
    WORDS.iter().map(|(words, c)| (format!(" {} ", mark_key(words)), format!(" {} ", fold(words)), *c)).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_lists_are_recognised() {
        for (words, category) in [
            ("Hộ nghèo", Category::Poor),
            ("HỘ CẬN NGHÈO", Category::NearPoor),
            ("ho can ngheo", Category::NearPoor),
            ("Bệnh hiểm nghèo", Category::Sick),
            ("Thuê trọ", Category::Tenant),
            ("Ở trọ, lao động tự do", Category::Tenant),
            ("Lao động tự do", Category::FreeLabourer),
            ("Người cao tuổi neo đơn", Category::LonelyElderly),
            ("Hộ khó khăn", Category::Hardship),
            ("Gia đình chính sách", Category::Policy),
            ("Con liệt sĩ", Category::Policy),
            ("Khuyết tật nặng", Category::Disabled),
            ("mồ côi cha mẹ", Category::Orphan),
            ("HCN", Category::NearPoor),
            ("Mới thoát nghèo", Category::Other),
        ] {
            assert_eq!(Category::recognise(words), Some(category), "{words}");
        }
        assert_eq!(Category::recognise("Đã nhận đợt 1"), None);
        assert_eq!(Category::recognise(""), None);
    }

    #[test]
    fn words_that_say_more_than_the_category_are_told_apart() {
        assert!(Category::Poor.is_all_of("HỘ NGHÈO"));
        assert!(Category::Tenant.is_all_of("Thuê trọ"));
        assert!(Category::LonelyElderly.is_all_of("Người cao tuổi neo đơn"));
        assert!(!Category::Poor.is_all_of("Hộ nghèo, đơn thân nuôi con nhỏ"));
    }

    #[test]
    fn names_are_read_back() {
        for category in Category::ALL {
            assert_eq!(Category::parse(category.name()), Ok(category));
            assert_eq!(serde_json::to_value(category).unwrap(), category.name());
        }
        assert!(Category::parse("rich").is_err());
    }
}
