//! One row of a list of donors.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::things::{DonationLine, Thing, is_cash_word, things_of_text};
use crate::households::import::rows::read_phone;
use crate::kernel::money::group_thousands;
use crate::kernel::say::{Say, Wrong};
use crate::kernel::vietnamese::{fold, mark_key, title_case};
use crate::kernel::{Day, Dong, Phone};
use crate::lists::outcome::file_issue;
use crate::lists::values::{Amount, MoneyUnit, amount, day, money, unit_of_title};
use crate::lists::{
    Choice, Field, FieldReader, Issue, ListRow, Reading, RowAt, RowStatus, Vocabulary, Workbook, read_list, read_typed,
};

/// What wards call the columns of a list of donors.
pub const VOCABULARY: Vocabulary = Vocabulary {
    of_vi: "nhà hảo tâm ủng hộ",
    of_en: "donors",
    fields: FIELDS,
    never: &["ký nhận", "ký tên", "người nhận", "xác nhận", "số phiếu", "biên lai", "chứng từ"],
    section: |_| false,
};

const FIELDS: &[Field] = &[
    Field::new(
        "donor",
        "Đơn vị/cá nhân",
        &[
            "đơn vị cá nhân",
            "đơn vị cá nhân ủng hộ",
            "cá nhân đơn vị",
            "tên đơn vị cá nhân",
            "nhà hảo tâm",
            "tên nhà hảo tâm",
            "mạnh thường quân",
            "đơn vị ủng hộ",
            "người ủng hộ",
            "tổ chức cá nhân",
            "cá nhân tổ chức",
            "tập thể cá nhân",
            "tên đơn vị",
            "đơn vị tài trợ",
            "nhà tài trợ",
            "họ và tên",
            "họ tên",
            "người đóng góp",
            "đơn vị đóng góp",
            "=đơn vị",
            "=cá nhân",
            "cơ quan đơn vị",
            "tên cá nhân",
        ],
    )
    .spans(),
    Field::new("phone", "Số điện thoại", &["điện thoại", "số điện thoại", "sđt", "số đt", "đt", "liên hệ"])
        .evidence()
        .several(),
    Field::new("address", "Địa chỉ", &["địa chỉ", "nơi ở", "đơn vị công tác"]).evidence(),
    Field::new(
        "item",
        "Hiện vật",
        &[
            "hiện vật",
            "mặt hàng",
            "tên hàng",
            "hàng hóa",
            "nội dung ủng hộ",
            "tên hiện vật",
            "loại hàng",
            "nội dung",
            "hàng ủng hộ",
            "quà ủng hộ",
            "nhu yếu phẩm",
            "tên hàng hóa",
            "loại hiện vật",
            "hình thức ủng hộ",
            "loại",
        ],
    )
    .evidence(),
    Field::new("unit", "ĐVT", &["đvt", "đơn vị tính", "dvt", "đ v t", "đv tính"]),
    Field::new("quantity", "Số lượng", &["số lượng", "sl", "khối lượng", "số suất", "số lượng ủng hộ", "số phần"]),
    Field::new(
        "unit_price",
        "Đơn giá",
        &["đơn giá", "giá", "giá trị suất", "trị giá suất", "giá trị 1 suất", "trị giá 1 suất"],
    ),
    Field::new(
        "value",
        "Trị giá quy đổi",
        &[
            "trị giá quy đổi",
            "trị giá",
            "giá trị",
            "giá trị quy đổi",
            "thành tiền",
            "quy đổi",
            "tổng trị giá",
            "tổng giá trị",
            "quy ra tiền",
            "trị giá hiện vật",
            "giá trị hiện vật",
            "quy thành tiền",
            "tổng cộng",
        ],
    ),
    Field::new(
        "cash",
        "Tiền mặt",
        &[
            "tiền mặt",
            "số tiền",
            "=tiền",
            "tiền ủng hộ",
            "số tiền ủng hộ",
            "bằng tiền",
            "tiền chuyển khoản",
            "ủng hộ tiền",
            "tiền",
        ],
    ),
    Field::new(
        "date",
        "Ngày",
        &[
            "ngày",
            "ngày ủng hộ",
            "ngày nhận",
            "thời gian",
            "ngày tháng",
            "ngày tiếp nhận",
            "ngày tháng năm",
            "thời gian ủng hộ",
            "ngày trao",
        ],
    )
    .evidence()
    .spans(),
    Field::new(
        "condition",
        "Điều kiện ủng hộ",
        &["điều kiện", "mục đích", "địa chỉ hỗ trợ", "hỗ trợ cho", "đối tượng hỗ trợ"],
    ),
    Field::new("note", "Ghi chú", &["ghi chú", "note"]),
];

/// What the clerk says about the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// The unit of the money columns.
    #[serde(default)]
    pub unit: MoneyUnit,
}

/// Whether a donor is one person or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DonorKind {
    /// A person.
    Person,
    /// An organisation, a company, a parish, a club.
    Organisation,
}

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
    pub phone: Option<Phone>,
    /// Address, when the list has it.
    pub address: Option<String>,
}

/// A row of a list of donors. In a row with errors, what is wrong is left out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DonationRow {
    /// Who gave; nothing when the name is missing.
    pub donor: Option<Donor>,
    /// When it was received; nothing when the list does not say.
    pub received_on: Option<Day>,
    /// What was given: one thing, or several in one cell, or goods and cash in two columns.
    pub lines: Vec<DonationLine>,
    /// A condition that the donor made.
    pub condition: Option<String>,
    /// Remarks.
    pub note: Option<String>,
}

/// Reads a workbook of donors: every row with its status. Nothing was received after `today`.
pub fn read(
    workbook: &Workbook,
    choices: &[Choice],
    options: ImportOptions,
    today: Day,
) -> Result<Reading<DonationRow>, Wrong> {
    // A row that names no donor continues the one above it: its donor and its day.
    let mut above: Option<(Donor, Option<Day>)> = None;
    let mut titles = Vec::new();
    let mut reading = read_list(workbook, &VOCABULARY, choices, |fields| {
        if titles.is_empty() {
            titles = ["value", "cash", "unit_price"]
                .iter()
                .filter(|f| fields.has_column(f))
                .map(|f| fields.title(f))
                .collect();
        }
        let row = read_row(fields, options, today, above.as_ref());
        if let Some(donor) = &row.donor {
            above = Some((donor.clone(), row.received_on));
        }
        Some(row)
    })?;
    reading.warnings.extend(unit_warning(&titles, options));
    mark_duplicates(&mut reading.rows);
    Ok(reading)
}

/// Checks one row as a clerk corrected it: texts by field name (see [`VOCABULARY`]). Duplicates are not looked for.
pub fn check_typed(
    values: &BTreeMap<String, String>,
    at: RowAt,
    options: ImportOptions,
    today: Day,
) -> ListRow<DonationRow> {
    read_typed(values, &VOCABULARY, at, |fields| Some(read_row(fields, options, today, None)))
}

fn read_row(
    fields: &mut FieldReader<'_>,
    options: ImportOptions,
    today: Day,
    above: Option<&(Donor, Option<Day>)>,
) -> DonationRow {
    let donor = read_donor(fields, above.map(|(donor, _)| donor));
    let continues = fields.cell("donor").is_empty();
    let received_on = read_day(fields, today, above.filter(|_| continues).and_then(|(_, day)| *day));
    let lines = read_lines(fields, options);
    DonationRow { donor, received_on, lines, condition: fields.text("condition"), note: fields.text("note") }
}

fn read_donor(fields: &mut FieldReader<'_>, above: Option<&Donor>) -> Option<Donor> {
    let name = fields.name().unwrap_or_default();
    if fold(&name).is_empty() || name.chars().count() > 300 {
        let numbered = !fields.cell("ordinal").is_empty();
        if let (Some(above), false, true) = (above, numbered, name.is_empty()) {
            fields.warn(
                "donor",
                Wrong::fixed(
                    "donor_from_above",
                    "Dòng không ghi tên; tính cho nhà hảo tâm ở dòng trên.",
                    "The row names no donor; it was counted for the one above.",
                ),
            );
            return Some(above.clone());
        }
        fields.error(
            "donor",
            Wrong::fixed(
                "required",
                "Thiếu tên đơn vị hoặc cá nhân ủng hộ. Nếu không muốn nêu tên, ghi: Ẩn danh.",
                "The donor's name is missing. If they do not want to be named, write: Ẩn danh (anonymous).",
            ),
        );
        return None;
    }
    let kind = guess_kind(&name);
    Some(Donor {
        anonymous: is_anonymous(&name),
        name: if kind == DonorKind::Person { title_case(&name) } else { name },
        kind,
        phone: read_phone(fields),
        address: fields.text("address"),
    })
}

/// `Ẩn danh`, `Một nhà hảo tâm giấu tên`, `Không nêu tên`.
fn is_anonymous(name: &str) -> bool {
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
fn guess_kind(name: &str) -> DonorKind {
    let key = mark_key(name);
    let padded = format!(" {key} ");
    let bare = format!(" {} ", fold(name));
    let unmarked = !crate::kernel::vietnamese::has_marks(name);
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

fn read_day(fields: &mut FieldReader<'_>, today: Day, above: Option<Day>) -> Option<Day> {
    let received = match day(fields.cell("date"), today) {
        Ok(Some(day)) if day > today => Err(Wrong::fixed(
            "in_the_future",
            "Ngày nhận ủng hộ không thể ở tương lai. Sửa lại.",
            "A donation can't be received in the future. Correct the day.",
        )),
        Ok(Some(day)) if day.date().year() < 2000 => Err(Wrong::fixed(
            "out_of_range",
            "Ngày nhận ủng hộ trước năm 2000. Sửa lại.",
            "The day is before the year 2000. Correct it.",
        )),
        other => other,
    };
    let received = fields.take("date", received)?;
    if received.or(above).is_none() {
        fields.warn(
            "date",
            Wrong::fixed("no_date", "Chưa ghi ngày nhận.", "The list does not say when it was received."),
        );
    }
    received.or(above)
}

/// All that the row says was given. An error when it says nothing.
fn read_lines(fields: &mut FieldReader<'_>, options: ImportOptions) -> Vec<DonationLine> {
    let mut lines = Vec::new();
    let cash = fields.take("cash", money(fields.cell("cash"), options.unit)).flatten();
    let item = fields.text("item").filter(|text| !crate::households::import::rows::is_nothing(text));
    let failed = fields.failed();
    match item {
        Some(item) if is_cash_word(&item) => {
            let stated = cash.or_else(|| fields.take("value", money(fields.cell("value"), options.unit)).flatten());
            let stated =
                stated.or_else(|| fields.take("quantity", money(fields.cell("quantity"), options.unit)).flatten());
            match stated {
                Some(amount) => lines.extend(cash_line(fields, amount)),
                None if !failed => fields.error("cash", missing_value()),
                None => {}
            }
            return lines;
        }
        Some(item) => lines.extend(read_things(fields, item, options)),
        None if !fields.cell("quantity").is_empty() && !fields.cell("unit").is_empty() => {
            let unit = fields.text("unit").unwrap_or_default();
            lines.extend(read_things(fields, unit, options));
        }
        None => {}
    }
    if let Some(amount) = cash {
        lines.extend(cash_line(fields, amount));
    }
    if lines.is_empty() && !fields.failed() {
        fields.error(
            "item",
            Wrong::fixed(
                "required",
                "Dòng không ghi ủng hộ gì: thiếu hiện vật và số tiền.",
                "The row does not say what was given: neither goods nor money.",
            ),
        );
    }
    lines
}

fn cash_line(fields: &mut FieldReader<'_>, amount: Dong) -> Option<DonationLine> {
    if amount.0 == 0 {
        return None;
    }
    if !(10_000..=10_000_000_000).contains(&amount.0) {
        fields.warn("cash", implausible(format!("Số tiền {amount}"), format!("An amount of {amount}")));
    }
    Some(DonationLine::Cash { amount })
}

/// Goods or packages, from the columns of item, unit and quantity, or from the item's text alone.
fn read_things(fields: &mut FieldReader<'_>, item: String, options: ImportOptions) -> Vec<DonationLine> {
    let quantity = fields.take("quantity", amount(fields.cell("quantity")));
    let value = fields.take("value", money(fields.cell("value"), options.unit));
    let price = fields.take("unit_price", money(fields.cell("unit_price"), options.unit));
    let (Some(quantity), Some(value), Some(price)) = (quantity, value, price) else { return Vec::new() };
    let things = match quantity {
        Some(Amount { thousandths, unit }) => {
            let unit = fields.text("unit").or(unit).unwrap_or_default();
            Some(vec![Thing { item, unit, thousandths }])
        }
        None => things_of_text(&item),
    };
    let Some(things) = things else {
        fields.error(
            "quantity",
            Wrong::fixed("required", "Thiếu số lượng hiện vật.", "The quantity of the goods is missing."),
        );
        return Vec::new();
    };
    let value = value_of(fields, &things, value, price);
    if things.len() > 1 && value.is_some() {
        fields.warn(
            "value",
            Wrong::fixed(
                "value_of_several",
                "Một ô có nhiều mặt hàng nhưng chỉ một trị giá; ghi cả trị giá vào mặt hàng đầu.",
                "Several goods share one value; all of it was put on the first.",
            ),
        );
    }
    let mut left = value;
    things.into_iter().filter_map(|thing| line_of(fields, thing, left.take())).collect()
}

/// The stated value, or price × quantity; told when both are there and differ.
fn value_of(fields: &mut FieldReader<'_>, things: &[Thing], value: Option<Dong>, price: Option<Dong>) -> Option<Dong> {
    let (Some(price), [thing]) = (price, things) else { return value };
    let computed = (i128::from(price.0) * i128::from(thing.thousandths) + 500) / 1000;
    let Ok(computed) = i64::try_from(computed).map_err(|_| ()).and_then(|dong| Dong::parse(dong).map_err(|_| ()))
    else {
        fields.error("unit_price", Dong::parse(-1).err().unwrap_or_else(missing_value));
        return value;
    };
    if value.is_some_and(|value| value != computed) {
        fields.warn(
            "value",
            Wrong::new(
                "value_differs",
                Say::new(
                    format!("Số lượng × đơn giá = {computed}, khác với trị giá ghi trong danh sách."),
                    format!("Quantity × price = {computed}, not the value that the list says."),
                ),
            ),
        );
    }
    value.or(Some(computed))
}

fn missing_value() -> Wrong {
    Wrong::fixed("required", "Thiếu trị giá.", "The value is missing.")
}

fn line_of(fields: &mut FieldReader<'_>, thing: Thing, value: Option<Dong>) -> Option<DonationLine> {
    if thing.is_cash() {
        return value.and_then(|amount| cash_line(fields, amount));
    }
    let value = value.filter(|value| value.0 > 0);
    if thing.is_packages() {
        if thing.thousandths % 1000 != 0 {
            let wrong = Wrong::fixed("not_a_number", "Số suất quà phải là số nguyên.", "Packages are a whole number.");
            fields.error("quantity", wrong);
            return None;
        }
        let Some(value) = value else {
            fields.error(
                "value",
                Wrong::fixed(
                    "required",
                    "Suất quà phải có trị giá. Điền trị giá.",
                    "Packages need a value. Fill it in.",
                ),
            );
            return None;
        };
        let count = thing.thousandths / 1000;
        let each = Dong(value.0 / count);
        if !(10_000..=10_000_000).contains(&each.0) {
            fields
                .warn("value", implausible(format!("Trị giá {each} mỗi suất"), format!("A value of {each} a package")));
        }
        return Some(DonationLine::Packages { name: thing.item, count, value });
    }
    match value {
        None => fields.warn(
            "value",
            Wrong::fixed("no_value", "Chưa ghi trị giá; tạm tính là 0.", "No value is stated; taken as 0."),
        ),
        Some(value) => check_price(fields, &thing, value),
    }
    Some(DonationLine::Goods {
        item: thing.item,
        unit: thing.unit,
        thousandths: thing.thousandths,
        value: value.unwrap_or_default(),
    })
}

/// Warns when goods cost what they never cost: the sign of a wrong unit of money.
fn check_price(fields: &mut FieldReader<'_>, thing: &Thing, value: Dong) {
    let each = i128::from(value.0) * 1000 / i128::from(thing.thousandths.max(1));
    let kg = matches!(fold(&thing.unit).as_str(), "kg" | "ky" | "ki" | "kilogam");
    let plausible = if kg { 1_000..=2_000_000 } else { 100..=100_000_000 };
    if !plausible.contains(&each) {
        let each = group_thousands(i64::try_from(each).unwrap_or(i64::MAX));
        let unit = if thing.unit.is_empty() { "đơn vị" } else { &thing.unit };
        fields.warn(
            "value",
            implausible(format!("Trị giá {each} đ mỗi {unit}"), format!("A value of {each} đ per {unit}")),
        );
    }
}

fn implausible(vi: String, en: String) -> Wrong {
    Wrong::new(
        "implausible",
        Say::new(
            format!("{vi} khó tin. Kiểm tra đơn vị tính (đồng hay nghìn đồng)."),
            format!("{en} is implausible. Check the unit (đồng or thousands of đồng)."),
        ),
    )
}

/// Told when a title states another unit than the clerk chose.
fn unit_warning(titles: &[String], options: ImportOptions) -> Option<Issue> {
    let title = titles.iter().find(|title| unit_of_title(title).is_some_and(|unit| unit != options.unit))?;
    let name = |unit: MoneyUnit| match unit {
        MoneyUnit::Dong => "đồng",
        MoneyUnit::Thousand => "nghìn đồng",
        MoneyUnit::Million => "triệu đồng",
    };
    let chosen = name(options.unit);
    Some(file_issue(
        "unit_differs",
        Say::new(
            format!("Tiêu đề cột \"{title}\" ghi đơn vị khác với đơn vị đã chọn ({chosen}). Chọn lại đơn vị nếu cần."),
            format!(
                "The column \"{title}\" states another unit than the one chosen ({chosen}). Choose again if needed."
            ),
        ),
    ))
}

/// Marks rows that say the same as an earlier row: donor, things, quantities, values and day.
fn mark_duplicates(rows: &mut [ListRow<DonationRow>]) {
    let mut seen = HashMap::new();
    for row in rows.iter_mut().filter(|row| row.status == RowStatus::New) {
        let Some((parsed, donor)) = row.parsed.as_ref().and_then(|row| Some((row, row.donor.as_ref()?))) else {
            continue;
        };
        let lines: Vec<String> = parsed.lines.iter().map(line_key).collect();
        let condition = parsed.condition.as_deref().map(fold);
        let note = parsed.note.as_deref().map(fold);
        match seen.get(&(fold(&donor.name), parsed.received_on, lines.clone(), condition.clone(), note.clone())) {
            Some(original) => {
                row.status = RowStatus::Duplicate;
                row.duplicate_of_row = Some(*original);
            }
            None => {
                seen.insert((fold(&donor.name), parsed.received_on, lines, condition, note), row.at);
            }
        }
    }
}

fn line_key(line: &DonationLine) -> String {
    match line {
        DonationLine::Goods { item, unit, thousandths, value } => {
            format!("{}|{}|{thousandths}|{}", fold(item), fold(unit), value.0)
        }
        DonationLine::Packages { name, count, value } => format!("{}|packages|{count}|{}", fold(name), value.0),
        DonationLine::Cash { amount } => format!("cash|{}", amount.0),
    }
}

#[cfg(test)]
mod tests;
