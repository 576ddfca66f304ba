//! Made-up people: names from parts that are common in Quảng Nam and Đà Nẵng, numbers that count up. Any likeness with
//! a real household is chance.

const FAMILIES: [&str; 12] = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"];
const WOMEN: [&str; 5] = ["Thị", "Thị Kim", "Ngọc", "Thu", "Mỹ"];
const MEN: [&str; 5] = ["Văn", "Đình", "Quang", "Hữu", "Minh"];
/// Women's and men's names in turn.
const GIVENS: [&str; 29] = [
    "Hoa",
    "Tám",
    "Lan",
    "Dũng",
    "Nga",
    "Phước",
    "Bông",
    "Sáu",
    "Thủy",
    "Hùng",
    "Liên",
    "Tuấn",
    "Xuân",
    "Đức",
    "Hiền",
    "Sơn",
    "Yến",
    "Trung",
    "Loan",
    "Bình",
    "Phượng",
    "Khánh",
    "Tuyết",
    "Lộc",
    "Ánh",
    "Vinh",
    "Diễm",
    "Thọ",
    "Quý",
];
const STREETS: [&str; 7] =
    ["Trần Cao Vân", "Dũng Sĩ Thanh Khê", "Điện Biên Phủ", "Phù Đổng", "Hà Huy Tập", "Yên Khê", "Cần Giuộc"];
const CATEGORIES: [&str; 9] =
    ["poor", "near_poor", "hardship", "tenant", "tenant", "free_labourer", "lonely_elderly", "policy", "hardship"];

/// The head of the n-th household. The lists' lengths share no factor, so names repeat late.
pub fn name(n: usize) -> String {
    let given = n % GIVENS.len();
    let middles = if given.is_multiple_of(2) { WOMEN } else { MEN };
    format!("{} {} {}", FAMILIES[(n * 5) % FAMILIES.len()], middles[(n * 3) % middles.len()], GIVENS[given])
}

/// Where the n-th household lives.
pub fn address(n: usize) -> String {
    let street = STREETS[n % STREETS.len()];
    if n.is_multiple_of(3) {
        format!("K{}/{} {street}", 20 + n, 2 + (n * 7) % 40)
    } else {
        format!("{} {street}", 12 + n * 2)
    }
}

/// Why the n-th household is helped.
pub fn category(n: usize) -> &'static str {
    CATEGORIES[n % CATEGORIES.len()]
}

/// A phone that counts up.
pub fn phone(n: usize) -> String {
    format!("0905 {:03} {:03}", 100 + n / 900, 100 + n % 900)
}

/// How many people live in the n-th household.
pub const fn members(n: usize) -> usize {
    1 + (n * 7 + n / 4) % 6
}

/// The birth year of the n-th head.
pub const fn birth_year(n: usize) -> usize {
    1946 + (n * 13) % 50
}
