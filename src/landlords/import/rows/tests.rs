use super::*;
use crate::lists::Limits;

fn sample(name: &str) -> Workbook {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    Workbook::open(&std::fs::read(path).unwrap(), &Limits::default()).unwrap()
}

#[test]
fn the_sample_list_adds_up_to_the_committees_totals() {
    let reading = read(&sample("giam-tien-tro.xlsx"), &[]).unwrap();
    let counted = reading.totals();
    assert_eq!((counted.new, counted.duplicate, counted.error), (141, 0, 0));
    let totals = totals(&reading);
    assert_eq!((totals.rooms, totals.amount), (916, Dong(1_286_010_000)));
    // Two lines are of one landlady.
    assert_eq!(totals.landlords, 140);
}
