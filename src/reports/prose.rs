//! The paragraph of the committee's report. What is zero is left out.

use super::figures::{GoodsFigure, Summary};
use crate::kernel::money::group_thousands;
use crate::kernel::vietnamese::fold;
use crate::kernel::{Day, Dong, Message};

/// Items that the paragraph names; the rest is counted.
const NAMED_ITEMS: usize = 12;

/// The paragraph in both languages.
pub fn paragraph(summary: &Summary) -> Message {
    Message::new(vietnamese(summary), english(summary))
}

fn vietnamese(summary: &Summary) -> String {
    let mut mobilised = Vec::new();
    let packages = &summary.packages.mobilised;
    if packages.count > 0 {
        mobilised.push(format!("{} suất quà trị giá {}", group_thousands(packages.count), dong_vi(packages.value)));
    }
    if summary.rent.rooms > 0 {
        let (rooms, amount) = (group_thousands(summary.rent.rooms), dong_vi(summary.rent.amount));
        mobilised.push(format!("{rooms} phòng trọ với tổng số tiền được giảm {amount}"));
    }
    let goods: Vec<&GoodsFigure> = summary.goods.iter().filter(|item| item.received_loose.0 > 0).collect();
    mobilised.extend(goods.iter().take(NAMED_ITEMS).map(|item| goods_vi(item)));
    if goods.len() > NAMED_ITEMS {
        mobilised.push(format!("{} mặt hàng khác", goods.len() - NAMED_ITEMS));
    }
    if summary.cash.received.0 > 0 {
        mobilised.push(format!("{} tiền mặt", dong_vi(summary.cash.received)));
    }
    let mut parts = Vec::new();
    if !mobilised.is_empty() {
        parts.push(format!("vận động được {}", mobilised.join("; ")));
    }
    if summary.markets > 0 {
        let packages: i64 = summary.rounds.iter().map(|round| round.packages).sum();
        let (markets, packages) = (summary.markets, group_thousands(packages));
        parts.push(format!("tổ chức {markets:02} phiên chợ 0 đồng với {packages} suất quà"));
    }
    let period = match (summary.from, summary.to) {
        (Some(from), Some(to)) if from == to => format!("Trong ngày {}", from.for_people()),
        (Some(from), Some(to)) => format!("Từ ngày {} đến ngày {}", from.for_people(), to.for_people()),
        (Some(from), None) => format!("Từ ngày {} đến nay", from.for_people()),
        (None, Some(to)) => format!("Tính đến ngày {}", to.for_people()),
        (None, None) => "Từ trước đến nay".to_owned(),
    };
    if parts.is_empty() {
        return format!("{period}, chưa ghi nhận kết quả nào.");
    }
    format!("{period}, phường đã {}.", parts.join("; "))
}

fn dong_vi(amount: Dong) -> String {
    format!("{} đồng", amount.grouped())
}

/// `4 tấn rau xanh`, `350 kg gạo`.
fn goods_vi(item: &GoodsFigure) -> String {
    let name = lower_first(&item.name);
    match tonnes(item) {
        Some(tenths) => format!("{} tấn {name}", tenths_text(tenths, ',')),
        None => format!("{} {} {name}", item.received_loose.in_unit(decimals(item)), item.unit),
    }
}

fn decimals(item: &GoodsFigure) -> u8 {
    u8::try_from(item.decimals).unwrap_or(0)
}

/// Tenths of a tonne, when it is at least a tonne of kilograms and comes out even.
fn tonnes(item: &GoodsFigure) -> Option<i64> {
    let tenth = 100 * 10_i64.pow(u32::from(decimals(item)));
    let quantity = item.received_loose.0;
    let in_kilograms = matches!(fold(&item.unit).as_str(), "kg" | "ki lo gam" | "kilogam" | "ky" | "ki" | "can");
    (in_kilograms && quantity >= 10 * tenth && quantity % tenth == 0).then(|| quantity / tenth)
}

fn tenths_text(tenths: i64, comma: char) -> String {
    match tenths % 10 {
        0 => group_thousands(tenths / 10),
        rest => format!("{}{comma}{rest}", group_thousands(tenths / 10)),
    }
}

/// A name inside a sentence: its first letter small, unless it is an abbreviation.
fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    let (Some(first), second) = (letters.next(), name.chars().nth(1)) else { return String::new() };
    if second.is_some_and(char::is_uppercase) {
        return name.to_owned();
    }
    first.to_lowercase().chain(letters).collect()
}

fn english(summary: &Summary) -> String {
    let commas = |n: i64| group_thousands(n).replace('.', ",");
    let mut parts = Vec::new();
    let packages = &summary.packages.mobilised;
    if packages.count > 0 {
        parts.push(format!("{} gift packages worth {} đồng", commas(packages.count), commas(packages.value.0)));
    }
    if summary.rent.rooms > 0 {
        let (rooms, amount) = (commas(summary.rent.rooms), commas(summary.rent.amount.0));
        parts.push(format!("rent cut by {amount} đồng in {rooms} rental rooms"));
    }
    let goods: Vec<&GoodsFigure> = summary.goods.iter().filter(|item| item.received_loose.0 > 0).collect();
    parts.extend(goods.iter().take(NAMED_ITEMS).map(|item| match tonnes(item) {
        Some(tenths) => format!("{} tonnes of {}", tenths_text(tenths, '.'), item.name),
        None => {
            let quantity = item.received_loose.in_unit(decimals(item));
            let swapped = quantity.chars().map(|c| match c {
                '.' => ',',
                ',' => '.',
                other => other,
            });
            format!("{} {} of {}", swapped.collect::<String>(), item.unit, item.name)
        }
    }));
    if goods.len() > NAMED_ITEMS {
        parts.push(format!("{} other items", goods.len() - NAMED_ITEMS));
    }
    if summary.cash.received.0 > 0 {
        parts.push(format!("{} đồng in cash", commas(summary.cash.received.0)));
    }
    if summary.markets > 0 {
        let packages: i64 = summary.rounds.iter().map(|round| round.packages).sum();
        let noun = if summary.markets == 1 { "market" } else { "markets" };
        parts.push(format!("{} zero-đồng {noun} with {} packages", summary.markets, commas(packages)));
    }
    let days = |day: Day| day.to_string();
    let period = match (summary.from.map(days), summary.to.map(days)) {
        (Some(from), Some(to)) => format!("From {from} to {to}"),
        (Some(from), None) => format!("Since {from}"),
        (None, Some(to)) => format!("Until {to}"),
        (None, None) => "So far".to_owned(),
    };
    if parts.is_empty() {
        return format!("{period}, nothing was recorded.");
    }
    format!("{period}, the ward brought together: {}.", parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::super::figures::{Cash, Counted, Packages, Rent, RentByStatus, RoundFigure};
    use super::*;
    use crate::kernel::Quantity;
    use crate::kernel::ids::{ItemId, RoundId};

    fn item(name: &str, unit: &str, decimals: i64, quantity: i64) -> GoodsFigure {
        GoodsFigure {
            item_id: ItemId(uuid::Uuid::nil()),
            name: name.to_owned(),
            unit: unit.to_owned(),
            decimals,
            received: Quantity(quantity),
            received_loose: Quantity(quantity),
            handed_out: Quantity(0),
            spoiled: Quantity(0),
            adjusted: Quantity(0),
            on_hand: Quantity(0),
            rows: String::new(),
        }
    }

    fn empty() -> Summary {
        let nothing = || Counted { count: 0, value: Dong(0), rows: String::new() };
        Summary {
            from: None,
            to: None,
            packages: Packages { mobilised: nothing(), handed_out: nothing() },
            rent: Rent {
                landlords: 0,
                rooms: 0,
                room_months: 0,
                amount: Dong(0),
                by_status: RentByStatus::default(),
                rows: String::new(),
            },
            goods: Vec::new(),
            rounds: Vec::new(),
            markets: 0,
            cash: Cash { received: Dong(0), rows: String::new() },
            text_vi: String::new(),
            text_en: String::new(),
        }
    }

    #[test]
    fn the_paragraph_reads_like_the_committees() {
        let mut summary = empty();
        summary.from = Day::parse("2021-07-01").ok();
        summary.to = Day::parse("2021-09-30").ok();
        summary.packages.mobilised = Counted { count: 2540, value: Dong(580_450_000), rows: String::new() };
        summary.rent.rooms = 916;
        summary.rent.amount = Dong(1_286_010_000);
        summary.goods = vec![item("Rau xanh", "kg", 3, 4_000_000), item("Gạo", "kg", 3, 350_500)];
        summary.markets = 1;
        let id = RoundId(uuid::Uuid::nil());
        summary.rounds = vec![RoundFigure { id, number: 1, name: "Chợ".to_owned(), packages: 170, value: Dong(0) }];
        assert_eq!(
            vietnamese(&summary),
            "Từ ngày 01/07/2021 đến ngày 30/09/2021, phường đã vận động được 2.540 suất quà trị giá 580.450.000 đồng; \
             916 phòng trọ với tổng số tiền được giảm 1.286.010.000 đồng; 4 tấn rau xanh; 350,5 kg gạo; tổ chức 01 \
             phiên chợ 0 đồng với 170 suất quà."
        );
        assert!(english(&summary).contains("1,286,010,000 đồng in 916 rental rooms; 4 tonnes of Rau xanh"));
    }

    #[test]
    fn what_is_zero_is_left_out() {
        assert_eq!(vietnamese(&empty()), "Từ trước đến nay, chưa ghi nhận kết quả nào.");
        let mut summary = empty();
        summary.cash.received = Dong(5_000_000);
        assert_eq!(vietnamese(&summary), "Từ trước đến nay, phường đã vận động được 5.000.000 đồng tiền mặt.");
    }

    #[test]
    fn kilograms_become_tonnes_when_they_come_out_even() {
        for (quantity, text) in [
            (4_500_000, "4,5 tấn rau xanh"),
            (12_000_000, "12 tấn rau xanh"),
            (999_000, "999 kg rau xanh"),
            (1_020_000, "1.020 kg rau xanh"),
        ] {
            assert_eq!(goods_vi(&item("Rau xanh", "kg", 3, quantity)), text);
        }
        assert_eq!(goods_vi(&item("Rau xanh", "Kg", 0, 4_000)), "4 tấn rau xanh");
        assert_eq!(goods_vi(&item("TTB y tế", "bộ", 0, 2_000)), "2.000 bộ TTB y tế");
    }
}
