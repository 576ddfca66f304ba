//! Counts, money and quantities.

use crate::kernel::Dong;
use crate::kernel::message::{Invalid, Message};
use crate::kernel::vietnamese::{fold, mark_key};
use crate::spreadsheet::Cell;

const NOT_A_NUMBER: Invalid = Invalid::fixed(
    "not_a_number",
    "Phải là một con số, ví dụ 4 hoặc 1.200.000.",
    "This must be a number, for example 4 or 1,200,000.",
);

const TOO_LARGE: Invalid =
    Invalid::fixed("out_of_range", "Con số quá lớn. Kiểm tra lại.", "The number is too large. Check it.");

/// Largest whole number that a spreadsheet's number holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A whole number with at most words for what is counted: `4`, `04`, `4 người`, `1.200`. Not `2.5`, not `ba`.
pub fn count(cell: &Cell) -> Result<Option<i64>, Invalid> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < EXACT => Ok(Some(*number as i64)),
        Cell::Number(number) if number.abs() >= EXACT => Err(TOO_LARGE),
        Cell::Text(_) => {
            let shown = cell.shown();
            let (figures, rest) = split_figures(&shown);
            if rest.chars().any(|c| c.is_ascii_digit() || matches!(c, '+' | '/' | '-' | '%')) {
                return Err(NOT_A_NUMBER);
            }
            let decimal = Decimal::parse(figures)?;
            decimal.whole().map(Some)
        }
        _ => Err(NOT_A_NUMBER),
    }
}

/// A number as written, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    thousandths: i128,
}

impl Decimal {
    /// Reads figures with `.` `,` or spaces between groups of three, or before decimals. One separator with three
    /// digits after it groups (`1.200` is 1200), as money and goods are written.
    fn parse(figures: &str) -> Result<Self, Invalid> {
        let figures = figures.trim();
        let (negative, figures) = match figures.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest.trim_start()),
            None => (false, figures.strip_prefix('+').unwrap_or(figures)),
        };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let spaceless: String = figures.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
        let (whole, decimals) = match spaceless.rfind(['.', ',']) {
            None => (spaceless.as_str(), ""),
            Some(at) => {
                let (head, tail) = (&spaceless[..at], &spaceless[at + 1..]);
                let separator = &spaceless[at..=at];
                let repeated = head.contains(separator);
                let groups = head.split(['.', ',']).skip(1).all(|g| g.len() == 3);
                // `0.500` is a half, `1.500` fifteen hundred.
                let groups_all = groups
                    && tail.len() == 3
                    && head
                        .split(['.', ','])
                        .next()
                        .is_some_and(|first| (1..=3).contains(&first.len()) && first != "0");
                let mixed = head.contains(['.', ',']) && !repeated;
                if groups_all && !mixed {
                    (spaceless.as_str(), "")
                } else if repeated || !groups {
                    return Err(NOT_A_NUMBER);
                } else {
                    (head, tail)
                }
            }
        };
        let whole: String = whole.chars().filter(|c| !matches!(c, '.' | ',')).collect();
        if !digits(&whole) || !(decimals.is_empty() || digits(decimals)) {
            return Err(NOT_A_NUMBER);
        }
        if whole.len() > 24 {
            return Err(TOO_LARGE);
        }
        let decimals = decimals.trim_end_matches('0');
        if decimals.len() > 3 {
            return Err(NOT_A_NUMBER);
        }
        let whole: i128 = whole.parse().map_err(|_| TOO_LARGE)?;
        let fraction: i128 = format!("{decimals:0<3}").parse().map_err(|_| NOT_A_NUMBER)?;
        let thousandths = whole * 1000 + fraction;
        Ok(Self { thousandths: if negative { -thousandths } else { thousandths } })
    }

    /// The whole number, or an error when it has decimals or does not fit.
    fn whole(self) -> Result<i64, Invalid> {
        if self.thousandths % 1000 != 0 {
            return Err(NOT_A_NUMBER);
        }
        i64::try_from(self.thousandths / 1000).map_err(|_| TOO_LARGE)
    }
}

/// The figures at the start of a text, and what follows them.
fn split_figures(text: &str) -> (&str, &str) {
    let is_figure = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '-' | '+' | '\u{2212}' | '\'');
    let end = text.find(|c| !is_figure(c)).unwrap_or(text.len());
    let (figures, rest) = text.split_at(end);
    let trimmed = figures.trim_end_matches(['.', ',', ' ', '-', '+']);
    (trimmed, rest.trim())
}

/// What one unit of a money column is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum MoneyUnit {
    /// Đồng.
    #[default]
    #[serde(rename = "đồng")]
    Dong,
    /// Thousands of đồng, as committees like to report.
    #[serde(rename = "nghìn đồng")]
    Thousand,
    /// Millions of đồng.
    #[serde(rename = "triệu đồng")]
    Million,
}

impl MoneyUnit {
    /// Đồng in one unit.
    pub const fn dong(self) -> i64 {
        match self {
            Self::Dong => 1,
            Self::Thousand => 1_000,
            Self::Million => 1_000_000,
        }
    }
}

/// The unit that a column's title states: `Trị giá (nghìn đồng)`, `Thành tiền (1.000đ)`, `Giá thuê (đ/tháng)`.
pub fn unit_of_title(title: &str) -> Option<MoneyUnit> {
    let key = mark_key(title);
    let bare = fold(title);
    let has = |words: &str| format!(" {key} ").contains(&format!(" {words} "));
    let bare_has = |words: &str| format!(" {bare} ").contains(&format!(" {words} "));
    if ["nghìn", "ngàn", "nghìn đồng", "1 000đ", "1000đ", "1 000 đ", "1 000 đồng", "1000 đồng"].iter().any(|w| has(w))
        || ["nghin dong", "ngan dong", "1 000d", "1000d", "1000 dong", "1 000 dong"].iter().any(|w| bare_has(w))
    {
        Some(MoneyUnit::Thousand)
    } else if has("triệu") || has("triệu đồng") || bare_has("trieu dong") || has("trđ") {
        Some(MoneyUnit::Million)
    } else if has("đồng") || has("đ") || bare_has("dong") || bare_has("vnd") || has("vnđ") {
        Some(MoneyUnit::Dong)
    } else {
        None
    }
}

/// An amount of money in đồng: `1.286.010.000`, `1,200,000`, `1.5 triệu`, `500k`, `580.450.000đ`, a number. A plain
/// number is in `unit`; one that names its own unit is in that.
pub fn money(cell: &Cell, unit: MoneyUnit) -> Result<Option<Dong>, Invalid> {
    let dong = match cell {
        Cell::Empty => return Ok(None),
        Cell::Number(number) => {
            let dong = number * unit.dong() as f64;
            if !dong.is_finite() || dong.abs() >= EXACT {
                return Err(TOO_LARGE);
            }
            // Formulas leave fractions of a đồng: half up.
            (dong + 0.5).floor() as i64
        }
        Cell::Text(_) => {
            let text = cell.shown().to_lowercase();
            match dong_of_text(&text, unit)? {
                Some(dong) => dong,
                None => return Ok(None),
            }
        }
        _ => return Err(NOT_MONEY),
    };
    Dong::parse(dong).map(Some)
}

const NOT_MONEY: Invalid = Invalid::fixed(
    "not_money",
    "Số tiền phải là con số, ví dụ 1.200.000 hoặc 1,2 triệu.",
    "An amount of money is a number, for example 1,200,000 or 1.2 triệu.",
);

fn dong_of_text(text: &str, unit: MoneyUnit) -> Result<Option<i64>, Invalid> {
    let (figures, rest) = split_figures(text);
    if figures.is_empty() {
        // A dash stands for nothing.
        return if text.trim_matches(['-', '–', '0', ' ', '.']).is_empty() { Ok(None) } else { Err(NOT_MONEY) };
    }
    // `/phòng/tháng` says what the amount is for.
    let rest = rest.split(['/', '(']).next().unwrap_or("").trim();
    let rest = fold(rest);
    let (word, more) = rest.split_once(' ').unwrap_or((rest.as_str(), ""));
    let (word, glued) = match word.find(|c: char| c.is_ascii_digit()) {
        Some(at) => word.split_at(at),
        None => (word, ""),
    };
    let factor = match word {
        "" => i128::from(unit.dong()),
        "d" | "dong" | "vnd" | "vn" => 1,
        "k" | "nghin" | "ngan" | "n" => 1_000,
        "trieu" | "tr" | "trd" => 1_000_000,
        "ty" | "ti" => 1_000_000_000,
        _ => return Err(NOT_MONEY),
    };
    if !matches!(more, "" | "d" | "dong" | "vnd" | "chan") {
        return Err(NOT_MONEY);
    }
    let mut thousandths = Decimal::parse(figures)?.thousandths.checked_mul(factor).ok_or(TOO_LARGE)?;
    if !glued.is_empty() {
        // `1tr5`, `1tr500`: what follows is the decimals.
        let part: i128 = format!("{glued:0<3}").parse().map_err(|_| NOT_MONEY)?;
        if glued.len() > 3 {
            return Err(NOT_MONEY);
        }
        thousandths += part * factor;
    }
    if thousandths % 1000 != 0 {
        return Err(NOT_MONEY);
    }
    i64::try_from(thousandths / 1000).map(Some).map_err(|_| TOO_LARGE)
}

/// A quantity and what the cell says it is counted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Thousandths of the unit: 10500 is `10,5`.
    pub thousandths: i64,
    /// The unit written behind the number, if any.
    pub unit: Option<String>,
}

/// A quantity: `10,5`, `1.000`, `700 kg`, a number. At most three decimals.
pub fn amount(cell: &Cell) -> Result<Option<Amount>, Invalid> {
    let too_fine = Invalid::fixed(
        "too_many_decimals",
        "Số lượng có tối đa ba chữ số thập phân, ví dụ 10,5.",
        "A quantity has at most three decimals, for example 10.5.",
    );
    let (thousandths, unit) = match cell {
        Cell::Empty => return Ok(None),
        Cell::Number(number) => {
            let thousandths = number * 1000.0;
            if !thousandths.is_finite() || thousandths.abs() >= EXACT {
                return Err(TOO_LARGE);
            }
            if (thousandths - thousandths.round()).abs() > 1e-6 * thousandths.abs().max(1.0) {
                return Err(too_fine);
            }
            (thousandths.round() as i64, None)
        }
        Cell::Text(_) => {
            let shown = cell.shown();
            let (figures, rest) = split_figures(&shown);
            if rest.chars().any(|c| c.is_ascii_digit() || matches!(c, '+' | '/' | '%')) {
                return Err(NOT_A_NUMBER);
            }
            let decimal = Decimal::parse(figures)?;
            let thousandths = i64::try_from(decimal.thousandths).map_err(|_| TOO_LARGE)?;
            (thousandths, (!rest.is_empty()).then(|| rest.to_owned()))
        }
        _ => return Err(NOT_A_NUMBER),
    };
    // The largest quantity of the kernel is counted in the smallest unit.
    const MOST: i64 = crate::kernel::Quantity::MAX_FIELD;
    if !(1..=MOST).contains(&thousandths) {
        return Err(Invalid::new(
            "out_of_range",
            Message::fixed(
                "Số lượng phải lớn hơn 0 và không quá 1.000.000.000.",
                "A quantity is above 0 and at most 1,000,000,000.",
            ),
        ));
    }
    Ok(Some(Amount { thousandths, unit }))
}
