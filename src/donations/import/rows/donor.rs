//! Who gave: a person, an organisation, or someone who does not want to be named.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::donations::donor::DonorKind;
use crate::kernel::PhoneNumber;
use crate::kernel::vietnamese::{fold, has_marks, mark_key};

/// Who gave.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Donor {
    /// Name in the list's words.
    pub name: String,
    /// Guessed from the name.
    pub kind: DonorKind,
    /// Whether the donor does not want to be named.
    pub anonymous: bool,
    /// Phone, when the list has it.
    pub phone: Option<PhoneNumber>,
    /// Address, when the list has it.
    pub address: Option<String>,
}

/// `Ẩn danh`, `Một nhà hảo tâm giấu tên`, `Không nêu tên`.
pub(crate) fn is_anonymous(name: &str) -> bool {
    let key = fold(name);
    let has = |words: &str| format!(" {key} ").contains(&format!(" {words} "));
    ["an danh", "giau ten", "khong neu ten", "khong ten", "vo danh", "khong de ten", "xin duoc giau ten"]
        .iter()
        .any(|w| has(w))
}

/// Words of which the name of an organisation has one.
const ORGANISATIONS: &[&str] = &[
    "công ty",
    "cty",
    "tnhh",
    "cổ phần",
    "tập đoàn",
    "tổng công ty",
    "doanh nghiệp",
    "dntn",
    "htx",
    "hợp tác xã",
    "hợp tác",
    "ngân hàng",
    "chùa",
    "tịnh xá",
    "tu viện",
    "giáo xứ",
    "giáo họ",
    "nhà thờ",
    "hội thánh",
    "thánh thất",
    "dòng",
    "hội",
    "đoàn",
    "clb",
    "câu lạc bộ",
    "nhóm",
    "đội",
    "quỹ",
    "trường",
    "trung tâm",
    "viện",
    "bệnh viện",
    "cửa hàng",
    "siêu thị",
    "nhà hàng",
    "quán",
    "khách sạn",
    "tiệm",
    "đại lý",
    "chợ",
    "xưởng",
    "xí nghiệp",
    "nhà máy",
    "cơ sở",
    "trại",
    "trang trại",
    "ủy ban",
    "uỷ ban",
    "ubnd",
    "ubmttq",
    "ubmttqvn",
    "mặt trận",
    "đảng ủy",
    "chi bộ",
    "công an",
    "quân sự",
    "bộ đội",
    "sở",
    "phòng",
    "ban",
    "chi nhánh",
    "chi hội",
    "liên đoàn",
    "công đoàn",
    "cộng đoàn",
    "cộng đồng",
    "nông dân",
    "tiểu thương",
    "kdc",
    "khu dân cư",
    "tổ dân phố",
    "gia đình phật tử",
    "đạo tràng",
    "văn phòng",
    "báo",
    "đài",
    "tập thể",
    "các",
    "shop",
    "bhxh",
    "vnpt",
    "viettel",
    "lữ đoàn",
    "tiểu đoàn",
    "phường",
    "quận",
    "company",
    "group",
    "bank",
];

/// [`ORGANISATIONS`], folded once, with a space on both sides.
static ORGANISATION_KEYS: LazyLock<Vec<String>> =
    LazyLock::new(|| ORGANISATIONS.iter().map(|words| format!(" {} ", mark_key(words))).collect());

/// Guesses from the words of a name whether it is an organisation's.
pub(crate) fn guess_kind(name: &str) -> DonorKind {
    let key = mark_key(name);
    let padded = format!(" {key} ");
    let bare = format!(" {} ", fold(name));
    let unmarked = !has_marks(name);
    let named = ORGANISATION_KEYS.iter().any(|words| {
        // Words that are also given names (Hội, Đoàn, Sở) count only where a name cannot have them: at the start.
        let short = words.trim();
        let long = short.contains(' ') || short.chars().count() > 4;
        padded.starts_with(words) && !is_family_name(short, &key) || long && padded.contains(words)
    });
    let plain = ["cty", "cong ty", "htx", "tnhh", "clb", "ngan hang"].iter().any(|w| bare.contains(&format!(" {w} ")));
    if named || (plain && unmarked) || is_acronym(name) { DonorKind::Organisation } else { DonorKind::Person }
}

/// `Đoàn Thị Mai` is a person, `Đoàn Thanh niên phường` is not: a family name is followed by one or two short names.
fn is_family_name(word: &str, key: &str) -> bool {
    const MIDDLE: &[&str] =
        &["thị", "văn", "ngọc", "minh", "hữu", "đức", "xuân", "kim", "thu", "công", "quốc", "bá", "đình"];
    let mut words = key.split(' ');
    matches!(word, "đoàn" | "phòng" | "quán" | "ban")
        && words.next() == Some(word)
        && words.next().is_some_and(|middle| MIDDLE.contains(&middle))
}

/// One word in capitals longer than a name's initials: `VNPT`.
fn is_acronym(name: &str) -> bool {
    !name.contains(' ') && name.len() >= 3 && name.is_ascii() && name.chars().all(|c| c.is_ascii_uppercase())
}
