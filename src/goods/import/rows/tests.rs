use super::*;
use crate::lists::Limits;

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
    let reading = read(&sample("ung-ho.xlsx"), &[], ImportOptions::default(), today()).unwrap();
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
