use std::collections::BTreeMap;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::households::Category;
use crate::kernel::message::Lang;
use crate::kernel::{CitizenId, Day, PhoneNumber};
use crate::spreadsheet::annotate::error_workbook;
use crate::spreadsheet::testing::{V, book, line, open, row};
use crate::spreadsheet::{Cell, Limits, ListRow, Reading, RowAt, RowStatus, Skip, Workbook};

fn today() -> Day {
    Day::parse("2026-01-15").unwrap()
}

fn sample(name: &str) -> Workbook {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    Workbook::open(&std::fs::read(path).unwrap(), &Limits::default()).unwrap()
}

fn status(status: RowStatus) -> &'static str {
    match status {
        RowStatus::New => "new",
        RowStatus::Update => "update",
        RowStatus::Duplicate => "duplicate",
        RowStatus::Error => "error",
        RowStatus::Skipped => "skipped",
    }
}

#[test]
fn the_sample_lists_are_read_as_a_careful_clerk_reads_them() {
    let path = format!("{}/tests/data/expected.json", env!("CARGO_MANIFEST_DIR"));
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for file in ["danh-sach-ho-kdc-03-a.xlsx", "danh-sach-ho-kdc-03-b.xlsx", "danh-sach-thue-tro.csv"] {
        let reading = read(&sample(file), &[], today()).unwrap();
        let found: Vec<(u64, &str)> = reading.data().map(|row| (u64::from(row.at.row), status(row.status))).collect();
        let wanted: Vec<(u64, &str)> = expected[file]["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["row"].as_u64().unwrap(), row["status"].as_str().unwrap()))
            .collect();
        assert_eq!(found, wanted, "{file}");
        let totals = reading.totals();
        for (count, name) in [(totals.new, "new"), (totals.duplicate, "duplicate"), (totals.error, "error")] {
            assert_eq!(count as u64, expected[file][name].as_u64().unwrap(), "{file} {name}");
        }
    }
}

const TITLES: &str = "STT|Họ và tên|Năm sinh|Số CCCD|SĐT|Tổ|Địa chỉ|Số khẩu|Diện|Ghi chú";

fn reading(rows: &[&str]) -> Reading<HouseholdRow> {
    read(&book(&rows.iter().map(|text| line(text)).collect::<Vec<_>>()), &[], today()).unwrap()
}

/// The only row of data below the usual titles.
fn one(text: &str) -> ListRow<HouseholdRow> {
    let mut reading = reading(&[TITLES, text]);
    reading.rows.retain(|row| row.status != RowStatus::Skipped);
    assert_eq!(reading.rows.len(), 1, "{text}");
    reading.rows.remove(0)
}

fn errors(row: &ListRow<HouseholdRow>) -> Vec<(&str, &str)> {
    row.errors.iter().map(|issue| (&*issue.field, &*issue.code)).collect()
}

fn warnings(row: &ListRow<HouseholdRow>) -> Vec<&str> {
    row.warnings.iter().map(|issue| &*issue.code).collect()
}

fn statuses(reading: &Reading<HouseholdRow>) -> Vec<(u32, &'static str, Option<u32>)> {
    reading.data().map(|row| (row.at.row, status(row.status), row.duplicate_of_row.map(|at| at.row))).collect()
}

#[test]
fn a_row_becomes_a_household() {
    let row = one("1|TRẦN  THỊ Ý|01/02/1979|48179534008|389.842.410|Tổ 5|K12/3 Hà Khê|4|Hộ nghèo, đơn thân|Nhà trọ");
    assert!(row.errors.is_empty() && row.warnings.is_empty());
    let household = row.parsed.unwrap();
    assert_eq!(household.head_name, "Trần Thị Ý");
    assert_eq!(household.citizen_id.as_ref().map(CitizenId::as_str), Some("048179534008"));
    assert_eq!(household.phone.as_ref().map(PhoneNumber::as_str), Some("0389842410"));
    assert_eq!((household.birth_year, household.members), (Some(1979), Some(4)));
    assert_eq!(household.area_text.as_deref(), Some("Tổ 5"));
    assert_eq!(household.address.as_deref(), Some("K12/3 Hà Khê"));
    assert_eq!(household.category, Some(Category::Poor));
    assert_eq!(household.note.as_deref(), Some("Hộ nghèo, đơn thân; Nhà trọ"));
}

#[test]
fn values_that_cannot_be_are_errors_at_their_column() {
    for (text, field, code) in [
        ("1||1979|048179534008|0905123456|5|Hà Khê|4||", "head_name", "required"),
        ("1|...|1979|048179534008|0905123456|5|Hà Khê|4||", "head_name", "required"),
        ("1|Lê Tám|1979|04817953400|0905123456|5|Hà Khê|4||", "citizen_id", "not_a_citizen_id"),
        ("1|Lê Tám|1979|04819012345678|0905123456|5|Hà Khê|4||", "citizen_id", "not_a_citizen_id"),
        ("1|Lê Tám|1979|048179534008|090512|5|Hà Khê|4||", "phone", "not_a_phone"),
        ("1|Lê Tám|2035|048179534008|0905123456|5|Hà Khê|4||", "birth_year", "out_of_range"),
        ("1|Lê Tám|1890|048179534008|0905123456|5|Hà Khê|4||", "birth_year", "out_of_range"),
        ("1|Lê Tám|01/02/2035|048179534008|0905123456|5|Hà Khê|4||", "birth_year", "out_of_range"),
        ("1|Lê Tám|không nhớ|048179534008|0905123456|5|Hà Khê|4||", "birth_year", "not_a_year"),
        ("1|Lê Tám|1979|048179534008|0905123456|5|Hà Khê|ba||", "members", "not_a_number"),
        ("1|Lê Tám|1979|048179534008|0905123456|5|Hà Khê|0||", "members", "out_of_range"),
        ("1|Lê Tám|1979|048179534008|0905123456|5|Hà Khê|-2||", "members", "out_of_range"),
        ("1|Lê Tám|1979|048179534008|0905123456|5|Hà Khê|31||", "members", "out_of_range"),
        ("1|Lê Tám|1979|048179534008|0905123456|5|Hà Khê|2.5||", "members", "not_a_number"),
        ("1|Lê Tám|1979|048179534008|0905123456|5|Hà Khê|99999999999999999999||", "members", "not_a_number"),
    ] {
        let row = one(text);
        assert_eq!(row.status, RowStatus::Error, "{text}");
        assert_eq!(errors(&row).iter().map(|(field, _)| *field).collect::<Vec<_>>(), [field], "{text}");
        assert!(errors(&row)[0].1 == code || code == "not_a_number", "{text}: {:?}", errors(&row));
        // The rest of the row is kept, so that the clerk may leave the wrong field out.
        assert!(row.parsed.is_some());
        assert!(row.original.contains(&"0905123456".to_owned()) || field == "phone");
    }
    let issue = &one("1|Lê Tám|1979|048179534008|090512|5|Hà Khê|4||").errors[0];
    assert_eq!((issue.column.as_str(), issue.value.as_str(), issue.at), ("SĐT", "090512", Some(4)));
    assert!(!issue.vi.contains("090512") && !issue.en.contains("090512"));
}

#[test]
fn what_is_odd_but_possible_warns() {
    for (text, code) in [
        ("1|Lê Tám|1979|048179534008|0905123456|5|Hà Khê|||", "members_assumed"),
        ("1|Lê Tám|1954|048179534008|0905123456|5|Hà Khê|4||", "birth_year_differs"),
        ("1|Lê Tám|1979|999179534008|0905123456|5|Hà Khê|4||", "unknown_province"),
        ("1|Lê Tám|1979|048179534008|0905123456/0914123456|5|Hà Khê|4||", "several_phones"),
    ] {
        let row = one(text);
        assert_eq!((row.status, warnings(&row)), (RowStatus::New, vec![code]), "{text}");
    }
    assert_eq!(one("1|Lê Tám||không có|không|5|Hà Khê|4||").status, RowStatus::New);
}

#[test]
fn the_same_household_is_found_however_it_is_spelled() {
    let first = "1|Trần Thị Hòa|1979|048179534008|0905123456|5|Kiệt 12/3 Hà Khê|4||";
    for (text, expected) in [
        ("2|TRAN THI HOA|1979|48179534008||||4||", "duplicate"),
        ("2|trần thị hoà|1979||905123456||Nơi khác|4||", "duplicate"),
        ("2|Trần Thị Hòa|1979||0914123456||K12/3 HÀ KHÊ|4||", "duplicate"),
        ("2|Trần Thị Hòa|1979||0914123456||K12/4 Hà Khê|4||", "new"),
        ("2|Trần Thị Hoan|1979||0905123456||Kiệt 12/3 Hà Khê|4||", "new"),
        ("2|Trần Thị Hòa|1979|||||4||", "new"),
        ("2|Trần Thị Hòa|1979||0905123456||Kiệt 12/3 Hà Khê|ba||", "error"),
    ] {
        let found = statuses(&reading(&[TITLES, first, text]));
        assert_eq!(found[0], (2, "new", None), "{text}");
        assert_eq!((found[1].1, found[1].2), (expected, (expected == "duplicate").then_some(2)), "{text}");
    }
}

#[test]
fn of_two_rows_for_one_household_the_one_with_the_id_number_stays() {
    let found = statuses(&reading(&[
        TITLES,
        "1|Phan Thị Mai|1939||0766209830|34|K154/75 Hà Khê|5||",
        "2|Phan Thị Mai|1939|046139221626|766209830|34|K154/75 Hà Khê|5||",
        "3|PHAN THỊ MAI|1939|046139221626||34|K154/75 HÀ KHÊ|5||",
    ]));
    assert_eq!(found, [(2, "duplicate", Some(3)), (3, "new", None), (4, "duplicate", Some(3))]);
}

#[test]
fn a_row_with_errors_is_never_the_original() {
    let found = statuses(&reading(&[
        TITLES,
        "1|Trần Thị Hòa|2035|048179534008|0905123456|5|Hà Khê|4||",
        "2|Trần Thị Hòa|1979|048179534008|0905123456|5|Hà Khê|4||",
    ]));
    assert_eq!(found, [(2, "error", None), (3, "new", None)]);
}

#[test]
fn namesakes_with_other_id_numbers_are_told() {
    let reading = reading(&[
        TITLES,
        "1|Trần Thị Hòa|1979|048179534008||5|12 Hà Khê|4||",
        "2|Trần Thị Hòa|1950|048150534008||5|12 Hà Khê|4||",
    ]);
    let second = reading.data().nth(1).unwrap();
    assert_eq!((second.status, warnings(second)), (RowStatus::Duplicate, vec!["other_citizen_id"]));
}

#[test]
fn strange_text_stays_text() {
    for name in
        ["Lê 🌱 Văn Tám", "<script>Alert(1)</script>", "Robert'); DROP TABLE households;--", "=HYPERLINK(\"x\")"]
    {
        let rows = [line(TITLES), row![1, name, 1979, "048179534008", "0905123456", 5, "12 Hà Khê", 4]];
        let reading = read(&book(&rows), &[], today()).unwrap();
        let found: Vec<_> =
            reading.data().filter_map(|row| row.parsed.as_ref()).map(|h| h.head_name.as_str()).collect();
        assert_eq!(found, [name]);
    }
    let decomposed: String = "Đặng Thị Hường".nfd().collect();
    let rows = [line(&TITLES.nfd().collect::<String>()), row![1, decomposed, 1979]];
    let reading = read(&book(&rows), &[], today()).unwrap();
    assert_eq!(reading.data().next().unwrap().parsed.as_ref().unwrap().head_name, "Đặng Thị Hường");
}

#[test]
fn numbers_dates_and_formulas_in_cells_are_read() {
    let rows = [
        line(TITLES),
        row![
            1,
            "Lê Tám",
            V::D(1979, 2, 1),
            48_179_534_008.0,
            905_123_456.0,
            V::F("=2+3", "5"),
            V::D(2021, 5, 12),
            V::F("=1+3", "4")
        ],
    ];
    let reading = read(&book(&rows), &[], today()).unwrap();
    let row = reading.data().next().unwrap();
    assert_eq!(errors(row), []);
    assert_eq!(warnings(row), ["address_shown_as_day"]);
    let household = row.parsed.as_ref().unwrap();
    assert_eq!((household.birth_year, household.members), (Some(1979), Some(4)));
    assert_eq!(household.phone.as_ref().unwrap().as_str(), "0905123456");
    assert_eq!(household.area_text.as_deref(), Some("5"));
    assert_eq!(household.address.as_deref(), Some("12/5"));
}

#[test]
fn neighbourhood_and_category_come_from_headings_where_columns_lack() {
    let reading = reading(&[
        "STT|Họ và tên|Năm sinh|Địa chỉ",
        "|Tổ 12",
        "I|Hộ nghèo",
        "1|Lê Tám|1979|12 Hà Khê",
        "II|Hộ cận nghèo",
        "1|Lê Chín|1980|13 Hà Khê",
        "|Tổ 13",
        "1|Lê Mười|1981|14 Hà Khê",
    ]);
    let read: Vec<_> =
        reading.data().filter_map(|r| r.parsed.as_ref()).map(|h| (h.area_text.as_deref(), h.category)).collect();
    let (poor, near) = (Some(Category::Poor), Some(Category::NearPoor));
    assert_eq!(read, [(Some("Tổ 12"), poor), (Some("Tổ 12"), near), (Some("Tổ 13"), near)]);
}

#[test]
fn ticked_columns_and_remarks_tell_the_category() {
    let ticked = reading(&["Họ tên|Năm sinh|Hộ nghèo|Hộ cận nghèo|Thuê trọ", "Lê Tám|1979||x|", "Lê Chín|1980|||X"]);
    let found: Vec<_> = ticked.data().filter_map(|r| r.parsed.as_ref()).map(|h| h.category).collect();
    assert_eq!(found, [Some(Category::NearPoor), Some(Category::Tenant)]);
    let remarks = reading(&["Họ tên|Năm sinh|Ghi chú", "Lê Tám|1979|Khuyết tật", "Lê Chín|1980|vắng nhà"]);
    let found: Vec<_> = remarks.data().filter_map(|r| r.parsed.as_ref()).map(|h| h.category).collect();
    assert_eq!(found, [Some(Category::Disabled), None]);
    let unknown = one("1|Lê Tám|1979|048179534008|0905123456|5|Hà Khê|4|Nhà cháy|").parsed.unwrap();
    assert_eq!((unknown.category, unknown.note.as_deref()), (Some(Category::Other), Some("Nhà cháy")));
}

#[test]
fn a_clerks_correction_is_checked_by_the_same_rules() {
    let at = RowAt { sheet: 0, row: 7 };
    let typed = |pairs: &[(&str, &str)]| {
        let values: BTreeMap<String, String> = pairs.iter().map(|(f, v)| ((*f).to_owned(), (*v).to_owned())).collect();
        check_typed(&values, at, today())
    };
    let fine = typed(&[("head_name", "Lê Tám"), ("phone", "+84 905 123 456"), ("members", "4")]);
    assert_eq!((fine.status, fine.at), (RowStatus::New, at));
    let wrong = typed(&[("head_name", "Lê Tám"), ("phone", "090512")]);
    assert_eq!(errors(&wrong), [("phone", "not_a_phone")]);
    assert_eq!(wrong.errors[0].column, "Số điện thoại");
}

#[test]
fn a_preview_survives_being_kept_as_json() {
    let reading = read(&sample("danh-sach-ho-kdc-03-b.xlsx"), &[], today()).unwrap();
    let json = serde_json::to_string(&reading).unwrap();
    let back: Reading<HouseholdRow> = serde_json::from_str(&json).unwrap();
    assert!(back == reading);
}

#[test]
fn the_error_workbook_holds_only_the_bad_rows_as_the_file_had_them() {
    let reading = read(&sample("danh-sach-ho-kdc-03-a.xlsx"), &[], today()).unwrap();
    let back = open(&error_workbook(&reading, Lang::Vi).unwrap());
    let sheet = &back.sheets[0];
    assert_eq!(sheet.rows.len(), 9);
    assert_eq!(sheet.rows[0].cell(0).shown(), "Dòng");
    assert_eq!(sheet.rows[0].cell(4).shown(), "Số CCCD");
    assert_eq!(sheet.rows[0].cell(11).shown(), "Lý do");
    assert_eq!(sheet.rows[1].cell(0).shown(), "100");
    assert_eq!(*sheet.rows[1].cell(4), Cell::Text("04819012345678".into()));
    assert!(sheet.rows[1].cell(11).shown().contains("12 chữ số"));
    // It can be corrected and sent in again as it is.
    let again = read(&back, &[], today()).unwrap();
    assert_eq!(again.totals().error, 8);
    let empty: Reading<HouseholdRow> = Reading { sheets: Vec::new(), rows: Vec::new(), warnings: Vec::new() };
    assert!(Workbook::open(&error_workbook(&empty, Lang::En).unwrap(), &Limits::default()).is_ok());
}

#[test]
fn signatures_and_titles_of_the_sample_are_no_people() {
    let reading = read(&sample("danh-sach-ho-kdc-03-a.xlsx"), &[], today()).unwrap();
    let why = |number: u32| reading.rows.iter().find(|r| r.at.sheet == 0 && r.at.row == number).and_then(|r| r.skipped);
    assert_eq!([3, 4, 5].map(why), [Some(Skip::Title), Some(Skip::Blank), Some(Skip::Header)]);
    assert_eq!([43, 203].map(why), [Some(Skip::Total), Some(Skip::Total)]);
    assert_eq!([205, 206, 210].map(why), [Some(Skip::Signature); 3]);
    assert_eq!(reading.sheets[0].title_area.as_deref(), Some("KHU DÂN CƯ SỐ 3"));
    assert_eq!(reading.sheets[0].ignored, ["Ký nhận"]);
    assert!(!reading.sheets[1].read);
}

/// One household as a list would hold it.
fn any_row() -> impl Strategy<Value = [String; 7]> {
    let name = prop::sample::select(vec![
        "Trần Thị Ý",
        "Cộng Văn Ba",
        "Tổng Thị Hoa",
        "Đỗ Hòa",
        "Lê Ngọc Tổ",
        "Người Văn Lập",
    ]);
    let street = prop::sample::select(vec!["K12/3 Hà Khê", "5 Phan Nhu", "Kiệt 9 Đinh Đạt"]);
    (name, 1901_u16..2008, 0_u32..1_000_000, 0_u32..100_000_000, 1_u8..40, street, 1_u8..31).prop_map(
        |(name, year, serial, phone, group, street, members)| {
            let century = u16::from(year >= 2000) * 2;
            [
                name.to_owned(),
                year.to_string(),
                format!("048{century}{:02}{serial:06}", year % 100),
                format!("09{phone:08}"),
                format!("Tổ {group}"),
                street.to_owned(),
                members.to_string(),
            ]
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_order_of_columns_on_any_row_with_any_title_is_read(
        rows in proptest::collection::vec(any_row(), 1..12),
        order in Just((0..7).collect::<Vec<usize>>()).prop_shuffle(),
        spelling in 0_usize..3,
        titles in 0_usize..6,
        numbered in any::<bool>(),
        shouted in any::<bool>(),
    ) {
        let names = [
            ["Họ và tên", "Họ tên chủ hộ", "CHỦ HỘ"],
            ["Năm sinh", "Ngày sinh", "NTNS"],
            ["Số CCCD", "CMND/CCCD", "Số định danh"],
            ["SĐT", "Điện thoại", "Số ĐT"],
            ["Tổ", "TDP", "KDC"],
            ["Địa chỉ", "Nơi ở hiện tại", "Chỗ ở"],
            ["NK", "Số khẩu", "Số nhân khẩu"],
        ];
        let case = |text: &str| if shouted { text.to_uppercase() } else { text.to_owned() };
        let mut file: Vec<Vec<V>> = (0..titles).map(|_| row!["DANH SÁCH HỘ KHÓ KHĂN"]).collect();
        let first = |text: &str| if numbered { vec![V::from(text)] } else { Vec::new() };
        let mut head = first("STT");
        head.extend(order.iter().map(|at| V::from(names[*at][spelling].to_owned())));
        file.push(head);
        for (at, cells) in rows.iter().enumerate() {
            let mut row = first(&(at + 1).to_string());
            row.extend(order.iter().map(|column| V::from(case(&cells[*column]))));
            file.push(row);
        }
        file.push(first("Cộng"));
        if !numbered {
            file.pop();
        }
        let reading = read(&book(&file), &[], today()).unwrap();
        let data: Vec<_> = reading.data().collect();
        prop_assert_eq!(data.len(), rows.len());
        for (found, cells) in data.iter().zip(&rows) {
            prop_assert!(found.errors.is_empty());
            let household = found.parsed.as_ref().unwrap();
            prop_assert_eq!(&household.head_name, &cells[0]);
            prop_assert_eq!(household.citizen_id.as_ref().unwrap().as_str(), &cells[2]);
            prop_assert_eq!(household.phone.as_ref().unwrap().as_str(), &cells[3]);
            prop_assert_eq!(household.members.unwrap().to_string(), cells[6].clone());
        }
    }
}
