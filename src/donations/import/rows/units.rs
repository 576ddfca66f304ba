//! What lists count goods in.

use crate::kernel::vietnamese::mark_key;

/// Goods of one name in one unit, thousandths of that unit.
pub fn in_base_unit(unit: &str, thousandths: i64) -> (String, Option<i64>) {
    let times = match mark_key(unit).as_str() {
        "tấn" | "tan" => 1_000_000,
        "tạ" => 100_000,
        "yến" => 10_000,
        "kg" | "ký" | "kí" | "ki" | "ky" | "kilogam" | "kilôgam" => 1_000,
        "g" | "gam" | "gram" => 1,
        "" => return ("đơn vị".to_owned(), Some(thousandths)),
        _ => return (unit.to_owned(), Some(thousandths)),
    };
    // Thousandths of the unit, in thousandths of a kilogram.
    let grams = thousandths.checked_mul(times).filter(|n| n % 1_000 == 0).map(|n| n / 1_000);
    ("kg".to_owned(), grams)
}
