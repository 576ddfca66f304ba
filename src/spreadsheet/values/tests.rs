use proptest::prelude::*;

use super::*;
use crate::kernel::{Day, Dong, Month};
use crate::spreadsheet::Cell;

fn today() -> Day {
    Day::parse("2026-01-15").unwrap()
}

fn text(text: &str) -> Cell {
    Cell::text(text)
}

#[test]
fn days_are_read_however_they_are_written() {
    let day_of = |cell: &Cell| day(cell, today()).ok().flatten().map(|d| d.to_string());
    for written in [
        "19/11/1993",
        "19-11-1993",
        "19.11.1993",
        "1993-11-19",
        "19/11/93",
        "19 tháng 11 năm 1993",
        "34292",
        "1993-11-19 00:00:00",
        "19111993",
    ] {
        assert_eq!(day_of(&text(written)).as_deref(), Some("1993-11-19"), "{written}");
    }
    assert_eq!(day_of(&Cell::Number(34_292.0)).as_deref(), Some("1993-11-19"));
    assert_eq!(day_of(&text("1/8/21")).as_deref(), Some("2021-08-01"));
    for written in ["31/02/2021", "hôm qua", "2021", "13/13/2021", "1/2/3/4"] {
        assert!(day(&text(written), today()).is_err(), "{written}");
    }
}

#[test]
fn a_year_of_birth_is_read_from_a_year_or_a_day() {
    let year = |cell: &Cell| birth_year(cell, today()).ok().flatten().map(|found| found.year);
    for written in ["1953", "01/02/1953", "1-2-53", "sinh năm 1953", "1953 (72 tuổi)", "00/00/1953", "2/1953", "1953.0"]
    {
        assert_eq!(year(&text(written)), Some(1953), "{written}");
    }
    assert_eq!(year(&Cell::Number(1953.0)), Some(1953));
    assert_eq!(year(&Cell::Date(Day::parse("1953-02-01").unwrap())), Some(1953));
    assert_eq!(year(&Cell::Number(34_292.0)), Some(1993));
    // 1953 in a cell that Excel shows as a date.
    assert_eq!(year(&Cell::Date(Cell::day_of_serial(1953.0).unwrap())), Some(1953));
    for wrong in [
        text("1890"),
        text("2035"),
        Cell::Number(2035.0),
        text("không rõ"),
        Cell::Number(53.0),
        Cell::Number(-1.0),
        text("99999999999999999999"),
        Cell::Error("#REF!".into()),
        text("1953 hoặc 1954"),
    ] {
        assert!(birth_year(&wrong, today()).is_err(), "{wrong:?}");
    }
    assert_eq!(birth_year(&Cell::Empty, today()), Ok(None));
}

#[test]
fn months_are_read_however_they_are_written() {
    let july = Month::new(2021, 7).unwrap();
    for written in
        ["7/2021", "07-2021", "tháng 7/2021", "Tháng 07 năm 2021", "2021-07", "T7/2021", "7.2021", "7/21", "01/07/2021"]
    {
        assert_eq!(month(&text(written), None), Ok(Some(july)), "{written}");
    }
    assert_eq!(month(&Cell::Date(Day::parse("2021-07-01").unwrap()), None), Ok(Some(july)));
    assert_eq!(month(&text("tháng 7"), Some(2021)), Ok(Some(july)));
    assert_eq!(month(&Cell::Number(7.0), Some(2021)), Ok(Some(july)));
    for written in ["13/2021", "7", "2021", "tháng bảy"] {
        assert!(month(&text(written), None).is_err(), "{written}");
    }
}

#[test]
fn several_months_in_one_cell_are_a_span() {
    let span = |written: &str| month_span(&text(written), Some(2021)).ok().flatten();
    let summer = MonthSpan { from: Month::new(2021, 7).unwrap(), to: Month::new(2021, 9).unwrap() };
    for written in [
        "7-9/2021",
        "7/2021 - 9/2021",
        "tháng 7, 8, 9/2021",
        "từ tháng 7 đến tháng 9 năm 2021",
        "T7-T9",
        "7,8,9",
        "7 và 8 và 9/2021",
    ] {
        assert_eq!(span(written), Some(summer), "{written}");
    }
    assert_eq!(span("7,9/2021"), None);
    assert_eq!(span("7/2021").map(|s| s.from == s.to), Some(true));
}

#[test]
fn money_is_read_however_it_is_written() {
    for (written, dong) in [
        ("1.286.010.000", 1_286_010_000),
        ("590.666", 590_666),
        ("1,200,000", 1_200_000),
        ("1200000", 1_200_000),
        ("1 200 000", 1_200_000),
        ("1.5 triệu", 1_500_000),
        ("1,5tr", 1_500_000),
        ("1tr5", 1_500_000),
        ("1tr200", 1_200_000),
        ("500k", 500_000),
        ("500 nghìn", 500_000),
        ("1.200.000 đ", 1_200_000),
        ("580.450.000đ", 580_450_000),
        ("1.200.000 đồng", 1_200_000),
        ("300.000đ/phòng/tháng", 300_000),
        ("1.200.000,00", 1_200_000),
        ("1,200,000.00", 1_200_000),
        ("1.200.000 VNĐ", 1_200_000),
        ("2 tỷ", 2_000_000_000),
        ("0", 0),
    ] {
        assert_eq!(money(&text(written), MoneyUnit::Dong), Ok(Some(Dong(dong))), "{written}");
    }
    assert_eq!(money(&text("1.024.230"), MoneyUnit::Thousand), Ok(Some(Dong(1_024_230_000))));
    assert_eq!(money(&Cell::Number(98_100.0), MoneyUnit::Thousand), Ok(Some(Dong(98_100_000))));
    assert_eq!(money(&Cell::Number(590_666.5), MoneyUnit::Dong), Ok(Some(Dong(590_667))));
    assert_eq!(money(&text("500.000đ"), MoneyUnit::Thousand), Ok(Some(Dong(500_000))));
    assert_eq!(money(&text("-"), MoneyUnit::Dong), Ok(None));
    for wrong in
        ["ba trăm", "1.2.3", "-5", "99999999999999999999", "1e400", "12..5", "1.20", "100 USD", "9223372036854775808"]
    {
        assert!(money(&text(wrong), MoneyUnit::Dong).is_err(), "{wrong}");
    }
    assert!(money(&Cell::Number(1e300), MoneyUnit::Dong).is_err());
}

#[test]
fn quantities_have_a_decimal_comma() {
    let thousandths = |cell: &Cell| amount(cell).ok().flatten().map(|a| a.thousandths);
    for (written, expected) in [
        ("10,5", 10_500),
        ("10.5", 10_500),
        ("1.000", 1_000_000),
        ("4.000,5", 4_000_500),
        ("0,25", 250),
        ("0.500", 500),
        ("700 kg", 700_000),
    ] {
        assert_eq!(thousandths(&text(written)), Some(expected), "{written}");
    }
    assert_eq!(amount(&text("700 kg")).unwrap().unwrap().unit.as_deref(), Some("kg"));
    assert_eq!(thousandths(&Cell::Number(0.1)), Some(100));
    assert_eq!(thousandths(&Cell::Number(2500.0)), Some(2_500_000));
    for wrong in [Cell::Number(0.0), Cell::Number(-3.0), Cell::Number(1.00001), text("vài"), Cell::Number(1e18)] {
        assert!(amount(&wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn counts_are_whole() {
    for (written, expected) in [("4", 4), ("04", 4), ("4 người", 4), ("-2", -2), ("1.200", 1200), ("4.0", 4)] {
        assert_eq!(count(&text(written)), Ok(Some(expected)), "{written}");
    }
    for wrong in [
        text("ba"),
        text("2.5"),
        text("3+1"),
        Cell::Number(2.5),
        Cell::Bool(true),
        text("9223372036854775808"),
        Cell::Number(1e19),
        text("2-3"),
    ] {
        assert!(count(&wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_title_tells_the_unit() {
    assert_eq!(unit_of_title("Trị giá (nghìn đồng)"), Some(MoneyUnit::Thousand));
    assert_eq!(unit_of_title("Thành tiền (1.000đ)"), Some(MoneyUnit::Thousand));
    assert_eq!(unit_of_title("Số tiền (ngàn đồng)"), Some(MoneyUnit::Thousand));
    assert_eq!(unit_of_title("ĐVT: 1000 đồng"), Some(MoneyUnit::Thousand));
    assert_eq!(unit_of_title("Trị giá quy đổi (đồng)"), Some(MoneyUnit::Dong));
    assert_eq!(unit_of_title("Giá thuê (đ/phòng/tháng)"), Some(MoneyUnit::Dong));
    assert_eq!(unit_of_title("Số tiền (triệu đồng)"), Some(MoneyUnit::Million));
    assert_eq!(unit_of_title("Trị giá"), None);
}

fn any_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        "\\PC*".prop_map(Cell::text),
        "[-0-9., %/đk]{0,30}".prop_map(Cell::text),
        any::<f64>().prop_map(Cell::Number),
        (0_i32..60_000).prop_map(|days| Cell::Date(Day::parse("1900-01-01").unwrap().plus_days(days))),
        any::<bool>().prop_map(Cell::Bool),
        Just(Cell::Error("#DIV/0!".into())),
        Just(Cell::Empty),
    ]
}

proptest! {
    #[test]
    fn any_cell_is_read_or_refused(cell in any_cell()) {
        let _ = (day(&cell, today()), birth_year(&cell, today()), month(&cell, Some(2021)), month_span(&cell, None));
        let _ = (money(&cell, MoneyUnit::Thousand), amount(&cell), count(&cell), cell.shown());
    }

    #[test]
    fn printed_money_is_read_back(dong in 0_i64..9_000_000_000_000) {
        prop_assert_eq!(money(&text(&Dong(dong).to_string()), MoneyUnit::Dong), Ok(Some(Dong(dong))));
        prop_assert_eq!(money(&text(&dong.to_string()), MoneyUnit::Dong), Ok(Some(Dong(dong))));
    }

    #[test]
    fn printed_days_are_read_back(days in 0_i32..73_000) {
        let written = Day::parse("1900-01-01").unwrap().plus_days(days);
        prop_assert_eq!(day(&text(&written.for_people()), today()), Ok(Some(written)));
        prop_assert_eq!(day(&text(&written.to_string()), today()), Ok(Some(written)));
    }
}
