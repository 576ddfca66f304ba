use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::donations::DonorKind;
use crate::kernel::{Day, Dong};
use crate::spreadsheet::testing::{V, book, line, row};
use crate::spreadsheet::values::MoneyUnit;
use crate::spreadsheet::{Issue, Limits, ListRow, Reading, RowStatus, Workbook};

fn today() -> Day {
    Day::parse("2026-01-15").unwrap()
}

fn sample(name: &str) -> Workbook {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    Workbook::open(&std::fs::read(path).unwrap(), &Limits::default()).unwrap()
}

fn lines(reading: &Reading<DonationRow>) -> Vec<DonationLine> {
    let new = reading.rows.iter().filter(|row| row.status == RowStatus::New);
    new.filter_map(|row| row.parsed.as_ref()).flat_map(|row| row.lines.clone()).collect()
}

#[test]
fn the_sample_list_adds_up_to_the_committees_totals() {
    let reading = read(&sample("ung-ho.xlsx"), &[], ReadOptions::default(), today()).unwrap();
    let counted = reading.totals();
    assert_eq!((counted.new, counted.duplicate, counted.error), (51, 0, 0));
    assert!(reading.warnings.is_empty());
    assert!(reading.rows.iter().all(|row| row.warnings.is_empty()));
    let lines = lines(&reading);
    let (mut packages, mut value) = (0, 0);
    let mut goods: BTreeMap<String, i64> = BTreeMap::new();
    for line in lines {
        match line {
            DonationLine::Packages { count, value: worth, .. } => {
                packages += count;
                value += worth.0;
            }
            DonationLine::Goods { item, thousandths, .. } => *goods.entry(item).or_default() += thousandths / 1000,
            DonationLine::Cash { .. } => panic!("no cash in this list"),
        }
    }
    assert_eq!((packages, value), (2_540, 580_450_000));
    let expected = [("Dầu ăn", 400), ("Gạo", 2500), ("Mì ăn liền", 300), ("Rau xanh", 4000), ("Trứng gà", 6000)];
    assert_eq!(goods, expected.into_iter().map(|(item, quantity)| (item.to_owned(), quantity)).collect());
}

const TITLES: &str = "STT|Đơn vị/cá nhân|Tiền|Hiện vật|ĐVT|Số lượng|Trị giá quy đổi|Ngày";

fn reading_in(rows: &[&str], unit: MoneyUnit) -> Reading<DonationRow> {
    let rows: Vec<Vec<V>> = rows.iter().map(|text| line(text)).collect();
    super::read(&book(&rows), &[], ReadOptions { unit }, today()).unwrap()
}

fn reading(rows: &[&str]) -> Reading<DonationRow> {
    reading_in(rows, MoneyUnit::Dong)
}

fn one(text: &str) -> ListRow<DonationRow> {
    let mut reading = reading(&[TITLES, text]);
    reading.rows.retain(|row| row.status != RowStatus::Skipped);
    assert_eq!(reading.rows.len(), 1, "{text}");
    reading.rows.remove(0)
}

fn codes(issues: &[Issue]) -> Vec<&str> {
    issues.iter().map(|issue| &*issue.code).collect()
}

fn goods(item: &str, unit: &str, thousandths: i64, value: i64) -> DonationLine {
    DonationLine::Goods { item: item.into(), unit: unit.into(), thousandths, value: Dong(value) }
}

fn packages(name: &str, count: i64, value: i64) -> DonationLine {
    DonationLine::Packages { name: name.into(), count, value: Dong(value) }
}

fn cash(dong: i64) -> DonationLine {
    DonationLine::Cash { amount: Dong(dong) }
}

#[test]
fn goods_packages_and_cash_are_told_apart() {
    for (text, expected) in [
        ("1|Chùa Từ Vân||Gạo|kg|10,5|210.000|01/07/2021", vec![goods("Gạo", "kg", 10_500, 210_000)]),
        ("1|Chùa Từ Vân||Suất quà|suất|100|20.000.000|01/07/2021", vec![packages("Suất quà", 100, 20_000_000)]),
        ("1|Chùa Từ Vân||Phần quà Tết|phần|10|2 triệu|01/07/2021", vec![packages("Phần quà Tết", 10, 2_000_000)]),
        ("1|Chùa Từ Vân||Gạo||700 kg|14.000.000|01/07/2021", vec![goods("Gạo", "kg", 700_000, 14_000_000)]),
        ("1|Chùa Từ Vân|5.000.000|||||01/07/2021", vec![cash(5_000_000)]),
        ("1|Chùa Từ Vân||Tiền mặt|đồng||5.000.000|01/07/2021", vec![cash(5_000_000)]),
        (
            "1|Chùa Từ Vân|1.000.000|Gạo|kg|100|2.000.000|01/07/2021",
            vec![goods("Gạo", "kg", 100_000, 2_000_000), cash(1_000_000)],
        ),
        (
            "1|Chùa Từ Vân||100 kg gạo, 20 thùng mì||||01/07/2021",
            vec![goods("gạo", "kg", 100_000, 0), goods("mì", "thùng", 20_000, 0)],
        ),
        ("1|Chùa Từ Vân||100 suất quà|||20.000.000|01/07/2021", vec![packages("suất quà", 100, 20_000_000)]),
    ] {
        let row = one(text);
        assert_eq!(codes(&row.errors), [""; 0], "{text}");
        let parsed = row.parsed.unwrap();
        assert_eq!(parsed.lines, expected, "{text}");
        assert_eq!(parsed.received_on, Day::parse("2021-07-01").ok());
    }
}

#[test]
fn donors_are_persons_organisations_or_anonymous() {
    let donor = |name: &str| one(&format!("1|{name}|5.000.000|||||01/07/2021")).parsed.unwrap().donor.unwrap();
    for name in [
        "HTX Rau Túy Loan",
        "Công ty TNHH May Thanh Khê",
        "Chùa Từ Vân",
        "Nông dân Hòa Vang",
        "Đoàn Thanh niên phường",
        "Hội LHPN phường",
        "Giáo xứ Thanh Đức",
        "CLB Thiện nguyện Sông Hàn",
        "Ngân hàng TMCP Chi nhánh Đà Nẵng",
        "Chợ Thanh Khê",
        "Trại gà Hòa Nhơn",
        "CTY CP ABC",
        "VNPT",
        "Tổng công ty Điện lực",
        "Cộng đoàn Mến Thánh Giá",
        "Trường THCS Nguyễn Trãi",
        "Cửa hàng Hoa Sen",
        "Ủy ban MTTQ thành phố",
        "Nhóm bạn 2000",
    ] {
        assert_eq!(donor(name).kind, DonorKind::Organisation, "{name}");
    }
    for name in ["Tôn Nữ Thị Ý", "LÊ VĂN TÁM", "Đoàn Thị Hội", "Bà Nguyễn Thị Hội", "Anh Ban", "Trần Văn Sở"]
    {
        assert_eq!(donor(name).kind, DonorKind::Person, "{name}");
    }
    assert_eq!(donor("LÊ VĂN TÁM").name, "Lê Văn Tám");
    for name in ["Ẩn danh", "ẨN DANH", "Một nhà hảo tâm giấu tên", "Mạnh thường quân (ẩn danh)"] {
        assert!(donor(name).anonymous, "{name}");
    }
    assert!(!donor("Chùa Từ Vân").anonymous);
}

#[test]
fn rows_that_cannot_be_are_errors() {
    for (text, field, code) in [
        ("1|||Gạo|kg|10|200.000|01/07/2021", "donor", "required"),
        ("1|Chùa Từ Vân||Gạo|kg|0|200.000|01/07/2021", "quantity", "out_of_range"),
        ("1|Chùa Từ Vân||Gạo|kg|-5|200.000|01/07/2021", "quantity", "out_of_range"),
        ("1|Chùa Từ Vân||Gạo|kg|nhiều|200.000|01/07/2021", "quantity", "not_a_number"),
        ("1|Chùa Từ Vân||Gạo|kg||200.000|01/07/2021", "quantity", "required"),
        ("1|Chùa Từ Vân||Gạo|kg|10|99999999999999999999|01/07/2021", "value", "out_of_range"),
        ("1|Chùa Từ Vân||Suất quà|suất|10||01/07/2021", "value", "required"),
        ("1|Chùa Từ Vân||Suất quà|suất|10,5|2.000.000|01/07/2021", "quantity", "not_a_number"),
        ("1|Chùa Từ Vân||Gạo|kg|10|200.000|01/07/2035", "date", "in_the_future"),
        ("1|Chùa Từ Vân||Gạo|kg|10|200.000|31/02/2021", "date", "not_a_day"),
        ("1|Chùa Từ Vân|nhiều|||||01/07/2021", "cash", "not_money"),
        ("1|Chùa Từ Vân||||||01/07/2021", "item", "required"),
    ] {
        let row = one(text);
        let found: Vec<(&str, &str)> = row.errors.iter().map(|issue| (&*issue.field, &*issue.code)).collect();
        assert_eq!(found, [(field, code)], "{text}");
    }
}

#[test]
fn implausible_figures_and_contradicting_units_warn() {
    for text in [
        "1|Chùa Từ Vân||Suất quà|suất|100|20.000|01/07/2021",
        "1|Chùa Từ Vân||Suất quà|suất|1|20.000.000|01/07/2021",
        "1|Chùa Từ Vân||Gạo|kg|2500|40.000|01/07/2021",
        "1|Chùa Từ Vân|5.000|||||01/07/2021",
    ] {
        let row = one(text);
        assert_eq!((row.status, codes(&row.warnings)), (RowStatus::New, vec!["implausible"]), "{text}");
    }
    assert_eq!(codes(&one("1|Chùa Từ Vân||Gạo|kg|10||01/07/2021").warnings), ["no_value"]);
    assert_eq!(codes(&one("1|Chùa Từ Vân||Gạo|kg|10|200.000|").warnings), ["no_date"]);
    let thousands =
        ["STT|Nhà hảo tâm|Hiện vật|ĐVT|Số lượng|Trị giá (nghìn đồng)", "1|Chùa Từ Vân|Suất quà|suất|100|20.000"];
    assert_eq!(codes(&reading(&thousands).warnings), ["unit_differs"]);
    let right = reading_in(&thousands, MoneyUnit::Thousand);
    assert!(right.warnings.is_empty());
    assert_eq!(lines(&right), [packages("Suất quà", 100, 20_000_000)]);
}

#[test]
fn unit_prices_make_the_value_where_none_is_stated() {
    let titles = "STT|Nhà hảo tâm|Tên hàng|ĐVT|Số lượng|Đơn giá|Thành tiền|Ngày ủng hộ";
    let found = reading(&[
        titles,
        "1|Chùa Từ Vân|Gạo|kg|10,5|20.000||01/07/2021",
        "2|Chùa Từ Vân|Gạo|kg|10|20.000|200.000|02/07/2021",
        "3|Chùa Từ Vân|Gạo|kg|10|20.000|210.000|03/07/2021",
    ]);
    let values =
        [goods("Gạo", "kg", 10_500, 210_000), goods("Gạo", "kg", 10_000, 200_000), goods("Gạo", "kg", 10_000, 210_000)];
    assert_eq!(lines(&found), values);
    assert_eq!(found.data().map(|row| row.warnings.len()).collect::<Vec<_>>(), [0, 0, 1]);
}

#[test]
fn a_row_without_donor_continues_the_one_above() {
    let found = reading(&[
        TITLES,
        "1|Chùa Từ Vân||Gạo|kg|10|200.000|01/07/2021",
        "|||Mì|thùng|5|500.000|",
        "2|Lê Tám||Gạo|kg|10|200.000|02/07/2021",
        "|Tổng cộng|||||900.000|",
    ]);
    let donors: Vec<_> = found
        .data()
        .filter_map(|r| r.parsed.as_ref())
        .filter_map(|r| Some((r.donor.as_ref()?.name.as_str(), r.received_on?.to_string())))
        .collect();
    let day = |text: &str| text.to_owned();
    assert_eq!(
        donors,
        [("Chùa Từ Vân", day("2021-07-01")), ("Chùa Từ Vân", day("2021-07-01")), ("Lê Tám", day("2021-07-02"))]
    );
    assert_eq!(found.totals().error, 0);
}

#[test]
fn a_row_told_twice_is_a_duplicate() {
    let found = reading(&[
        TITLES,
        "1|Chùa Từ Vân||Gạo|kg|10|200.000|01/07/2021",
        "2|CHÙA TỪ VÂN||gạo|kg|10,0|200000|1/7/21",
        "3|Chùa Từ Vân||Gạo|kg|10|200.000|02/07/2021",
    ]);
    let statuses: Vec<_> = found.data().map(|row| (row.status, row.duplicate_of_row.map(|at| at.row))).collect();
    assert_eq!(statuses, [(RowStatus::New, None), (RowStatus::Duplicate, Some(2)), (RowStatus::New, None)]);
}

#[test]
fn dates_and_numbers_in_cells_are_read() {
    let rows = [line(TITLES), row![1, "Chùa Từ Vân", "", "Gạo", "kg", 10.5, 210_000, V::D(2021, 7, 1)]];
    let found = super::read(&book(&rows), &[], ReadOptions::default(), today()).unwrap();
    assert_eq!(lines(&found), [goods("Gạo", "kg", 10_500, 210_000)]);
}

#[test]
fn a_preview_survives_being_kept_as_json() {
    let reading = super::read(&sample("ung-ho.xlsx"), &[], ReadOptions::default(), today()).unwrap();
    let back: Reading<DonationRow> = serde_json::from_str(&serde_json::to_string(&reading).unwrap()).unwrap();
    assert!(back == reading);
    let options: ReadOptions = serde_json::from_str(r#"{"unit": "nghìn đồng"}"#).unwrap();
    assert_eq!(options.unit, MoneyUnit::Thousand);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_row_of_texts_is_read(cells in proptest::collection::vec("\\PC{0,15}|[0-9.,]{1,22}|[0-9]{1,3} kg gạo", 7)) {
        let mut row = row![1];
        row.extend(cells.into_iter().map(V::from));
        let _ = super::read(&book(&[line(TITLES), row]), &[], ReadOptions { unit: MoneyUnit::Thousand }, today());
    }
}
