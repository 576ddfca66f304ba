use proptest::prelude::*;

use super::*;
use crate::kernel::{Dong, Month};
use crate::spreadsheet::testing::{V, book, line, row};
use crate::spreadsheet::{Limits, ListRow, Reading, RowStatus, Workbook};

fn sample(name: &str) -> Workbook {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    Workbook::open(&std::fs::read(path).unwrap(), &Limits::default()).unwrap()
}

const TITLES: &str = "STT|Chủ nhà trọ|SĐT|Địa chỉ|KDC|Số phòng|Giá thuê|Mức giảm|Từ tháng|Đến tháng|Tổng tiền giảm";

fn reading(rows: &[&str]) -> Reading<ReductionRow> {
    super::read(&book(&rows.iter().map(|text| line(text)).collect::<Vec<_>>()), &[]).unwrap()
}

fn one(text: &str) -> ListRow<ReductionRow> {
    let mut reading = reading(&[TITLES, text]);
    reading.rows.retain(|row| row.status != RowStatus::Skipped);
    assert_eq!(reading.rows.len(), 1, "{text}");
    reading.rows.remove(0)
}

#[test]
fn the_sample_list_adds_up_to_the_committees_totals() {
    let reading = super::read(&sample("giam-tien-tro.xlsx"), &[]).unwrap();
    let counted = reading.totals();
    assert_eq!((counted.new, counted.duplicate, counted.error), (141, 0, 0));
    assert!(reading.data().all(|row| row.warnings.is_empty()));
    let totals = totals(&reading);
    assert_eq!((totals.rooms, totals.amount), (916, Dong(1_286_010_000)));
    // Two lines are of one landlady.
    assert_eq!(totals.landlords, 140);
}

#[test]
fn totals_are_rooms_by_months_by_reduction() {
    for (text, total) in [
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000|Miễn|7/2021|9/2021|16.800.000", 16_800_000),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000|30%|7/2021|9/2021|", 5_040_000),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|900.000|590.666|7/2021|9/2021|7.087.992", 7_087_992),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|7|1.5 triệu|500k|tháng 7/2021|2021-09|10,5 triệu", 10_500_000),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|3|1.000.001|50%|12/2021|1/2022|", 3_000_006),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|3|1.000.000|33,33%|7/2021||999.900", 999_900),
    ] {
        let row = one(text);
        assert!(row.errors.is_empty(), "{text}: {:?}", row.errors.iter().map(|e| &e.en).collect::<Vec<_>>());
        assert_eq!(row.parsed.unwrap().total, Some(Dong(total)), "{text}");
    }
}

#[test]
fn rows_that_cannot_be_are_errors() {
    for (text, field, code) in [
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000|Miễn|7/2021|9/2021|16.800.001", "total", "total_differs"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000|1.400.001|7/2021|9/2021|", "reduction", "more_than_rent"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000|nhiều|7/2021|9/2021|", "reduction", "not_a_reduction"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000||7/2021|9/2021|", "reduction", "required"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000|30%|9/2021|7/2021|", "to", "to_before_from"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000|30%|7/2021|9/2025|", "to", "out_of_range"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000|30%|13/2021|9/2021|", "from", "not_a_month"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000|30%||9/2021|", "from", "required"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|0|1.400.000|30%|7/2021|9/2021|", "rooms", "out_of_range"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|501|1.400.000|30%|7/2021|9/2021|", "rooms", "out_of_range"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|bốn|1.400.000|30%|7/2021|9/2021|", "rooms", "not_a_number"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|4|99999999999999999999|30%|7/2021|9/2021|", "rent", "out_of_range"),
        ("1|Lê Tám|0905123456|12 Hà Khê|5|500|9.000.000.000.000|Miễn|7/2021|9/2021|", "total", "out_of_range"),
        ("1|Lê Tám|090512|12 Hà Khê|5|4|1.400.000|30%|7/2021|9/2021|", "phone", "not_a_phone"),
        ("1||0905123456|12 Hà Khê|5|4|1.400.000|30%|7/2021|9/2021|", "landlord", "required"),
    ] {
        let row = one(text);
        let found: Vec<(&str, &str)> = row.errors.iter().map(|issue| (&*issue.field, &*issue.code)).collect();
        assert_eq!(found, [(field, code)], "{text}");
        assert_eq!(row.status, RowStatus::Error);
    }
    let differs = one("1|Lê Tám|0905123456|12 Hà Khê|5|4|1.400.000|Miễn|7/2021|9/2021|16.800.001");
    let message = &differs.errors[0].vi;
    assert!(message.contains("16.800.001 đ") && message.contains("16.800.000 đ"), "{message}");
}

#[test]
fn rows_of_one_landlord_belong_together_and_identical_rows_are_duplicates() {
    let reading = reading(&[
        TITLES,
        "1|Mai Mỹ Trâm|0905420430|K101/41 Phù Đổng|7|4|900.000|590.666|7/2021|9/2021|",
        "2|MAI MỸ TRÂM|905420430|Kiệt 101/41 Phù Đổng|7|1|1.771.999|Miễn|9/2021|9/2021|",
        "3|Mai Mỹ Trâm||K101/41 Phù Đổng|7|4|900.000|590.666|7/2021|9/2021|7.087.992",
        "4|Lê Tám|0905420430|K101/41 Phù Đổng|7|4|900.000|590.666|7/2021|9/2021|",
    ]);
    let found: Vec<_> = reading.data().map(|row| (row.parsed.as_ref().unwrap().landlord, row.status)).collect();
    let (new, duplicate) = (RowStatus::New, RowStatus::Duplicate);
    assert_eq!(found, [(1, new), (1, new), (1, duplicate), (2, new)]);
    assert_eq!(totals(&reading), ReductionTotals { landlords: 2, rooms: 9, amount: Dong(7_087_992 * 2 + 1_771_999) });
}

#[test]
fn other_shapes_of_the_list_are_read() {
    // Two header rows, months in one column, a percentage as Excel keeps it, a unit in the title.
    let rows = [
        row!["DANH SÁCH CHỦ TRỌ GIẢM TIỀN THUÊ NĂM 2021"],
        row!["TT", "Họ và tên chủ trọ", "Nhà trọ", "", "Giá phòng (nghìn đồng)", "Tỷ lệ giảm (%)", "Thời gian giảm"],
        row!["", "", "Địa chỉ", "Số phòng", "", "", ""],
        row![1, "Lê Tám", "12 Hà Khê", 4, 1400, 30, "tháng 7-9"],
        row![2, "Lê Chín", "13 Hà Khê", 2, 1000, 0.5, V::D(2021, 7, 1)],
        row!["", "Cộng", "", 6],
    ];
    let reading = super::read(&book(&rows), &[]).unwrap();
    let found: Vec<_> = reading.data().map(|row| (row.errors.len(), row.parsed.as_ref().unwrap().total)).collect();
    assert_eq!(found, [(0, Some(Dong(5_040_000))), (0, Some(Dong(1_000_000)))]);
}

#[test]
fn a_block_merged_over_one_landlords_rows_names_them_all() {
    let mut writer = rust_xlsxwriter::Workbook::new();
    let sheet = writer.add_worksheet();
    crate::spreadsheet::testing::fill(
        sheet,
        &[
            line(TITLES),
            line("1|||12 Hà Khê|5|4|1.400.000|Miễn|7/2021|9/2021|"),
            line("|||12 Hà Khê|5|2|1.000.000|50%|7/2021|7/2021|"),
        ],
    );
    let plain = rust_xlsxwriter::Format::new();
    sheet.merge_range(1, 1, 2, 1, "Lê Tám", &plain).unwrap();
    sheet.merge_range(1, 2, 2, 2, "0905123456", &plain).unwrap();
    let workbook = crate::spreadsheet::testing::open(&writer.save_to_buffer().unwrap());
    let reading = super::read(&workbook, &[]).unwrap();
    assert_eq!(totals(&reading), ReductionTotals { landlords: 1, rooms: 6, amount: Dong(17_800_000) });
}

#[test]
fn a_preview_survives_being_kept_as_json() {
    let reading = super::read(&sample("giam-tien-tro.xlsx"), &[]).unwrap();
    let back: Reading<ReductionRow> = serde_json::from_str(&serde_json::to_string(&reading).unwrap()).unwrap();
    assert!(back == reading);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_total_is_exact_and_an_other_stated_total_is_an_error(
        rooms in 1_i64..=500, rent in 100_000_i64..20_000_000, percent in 1_i64..=99, months in 1_i32..=36, slip in 1_i64..1000,
    ) {
        let from = Month::new(2021, 7).unwrap();
        let to = from.plus(months - 1).unwrap();
        let per_room = (rent * percent * 10 + 500) / 1000;
        let total = per_room * rooms * i64::from(months);
        let text = |stated: i64| format!(
            "1|Lê Tám|0905123456|12 Hà Khê|5|{rooms}|{rent}|{percent}%|{}|{}|{}", from.for_people(), to.for_people(), Dong(stated)
        );
        let right = one(&text(total));
        prop_assert!(right.errors.is_empty());
        prop_assert_eq!(right.parsed.unwrap().total, Some(Dong(total)));
        let wrong = one(&text(total + slip));
        prop_assert_eq!(&*wrong.errors[0].code, "total_differs");
    }
}
