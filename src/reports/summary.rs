//! The report as a whole, read at one moment.

use super::prose;
use super::rent::{RentFigures, rent};
use super::store::totals;
use crate::db::Conn;
use crate::http;
use crate::reports::figures::{Cash, Counted, Figure, Packages, Rent, RentOfStatus, Summary};
use crate::reports::period::Period;

/// Reads the whole report from one connection; give it a snapshot, so that its figures are of one moment.
pub async fn summary(conn: &mut Conn, period: Period) -> http::Result<Summary> {
    let bounds = period.bounds();
    let rows = |figure: Figure| format!("/api/v1/reports/rows/{}{}", figure.name(), period.query(&[]));
    let donated = totals::donated(conn, &bounds).await?;
    let mobilised =
        Counted { count: donated.packages, value: donated.packages_value, rows: rows(Figure::PackagesMobilised) };
    let totals::HandedOut { packages, value, rounds } = totals::handed_out(conn, &bounds).await?;
    let handed_out = Counted { count: packages, value, rows: rows(Figure::PackagesHandedOut) };
    let RentFigures { landlords, counted, by_status } = rent(conn, &bounds).await?;
    let RentOfStatus { rooms, room_months, amount, .. } = counted;
    let mut goods = totals::goods(conn, &bounds).await?;
    for item in &mut goods {
        let query = period.query(&[("item_id", item.item_id.to_string())]);
        item.rows = format!("/api/v1/reports/rows/{}{query}", Figure::Goods.name());
    }
    let mut summary = Summary {
        from: period.from,
        to: period.to,
        packages: Packages { mobilised, handed_out },
        rent: Rent { landlords, rooms, room_months, amount, by_status, rows: rows(Figure::Rent) },
        goods,
        markets: i64::try_from(rounds.iter().filter(|round| round.packages > 0).count()).unwrap_or(i64::MAX),
        rounds,
        cash: Cash { received: donated.cash, rows: rows(Figure::Cash) },
        text_vi: String::new(),
        text_en: String::new(),
    };
    let say = prose::paragraph(&summary);
    (summary.text_vi, summary.text_en) = (say.vi.into_owned(), say.en.into_owned());
    Ok(summary)
}
