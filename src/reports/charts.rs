//! Small charts of the report, drawn here as SVG bars: nothing but what the page's numbers say.

use std::fmt::Write as _;

use super::period::Period;
use super::store::charts;
use crate::db::Conn;
use crate::http::{Frame, Result};
use crate::kernel::money::group_thousands;
use crate::kernel::{Dong, Month};
use crate::landlords::store::totals;

/// Bars that a chart has at most; what comes before is left out.
const BARS_MAX: usize = 36;
/// Bars that fill a chart's width; fewer leave room on the right instead of growing wide.
const BARS_WIDE: i64 = 8;
/// The height of a chart's bars, in its own units.
const HEIGHT: i64 = 100;

/// One bar: what stands below it, its parts from the bottom up, and how it is read out.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bar {
    label: String,
    parts: Vec<i64>,
    said: String,
}

/// A chart of upright bars.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bars {
    bars: Vec<Bar>,
}

impl Bars {
    /// Whether there is nothing to see.
    pub fn is_empty(&self) -> bool {
        self.bars.iter().all(|bar| bar.parts.iter().all(|part| *part <= 0))
    }

    /// Every bar in words, for those who don't see the picture.
    pub fn said(&self) -> Vec<&str> {
        self.bars.iter().map(|bar| bar.said.as_str()).collect()
    }

    /// The first and last labels, to stand below the picture.
    pub fn ends(&self) -> (&str, &str) {
        (self.bars.first().map_or("", |bar| &bar.label), self.bars.last().map_or("", |bar| &bar.label))
    }

    /// The picture. Its colours come from the stylesheet: `part-0` is the lowest part.
    pub fn svg(&self) -> String {
        let tallest = self.bars.iter().map(|bar| bar.parts.iter().sum::<i64>()).max().unwrap_or(0).max(1);
        let count = i64::try_from(self.bars.len()).unwrap_or(1).max(BARS_WIDE);
        let mut svg = format!(
            "<svg class=\"bars\" viewBox=\"0 0 {} {HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
            count * 10
        );
        for (at, bar) in (0_i64..).zip(&self.bars) {
            let mut top = HEIGHT;
            for (part, value) in bar.parts.iter().enumerate().filter(|(_, value)| **value > 0) {
                // Whatever is there is seen: at least one unit high.
                let tall = i64::try_from(i128::from(*value) * i128::from(HEIGHT) / i128::from(tallest)).unwrap_or(0);
                let tall = tall.max(1).min(top);
                top -= tall;
                // Writing to a String does not fail.
                let _ = write!(
                    svg,
                    "<rect class=\"part-{part}\" x=\"{}\" y=\"{top}\" width=\"8\" height=\"{tall}\"/>",
                    at * 10 + 1
                );
            }
        }
        svg.push_str("</svg>");
        svg
    }
}

fn newest(mut bars: Vec<Bar>) -> Bars {
    let spare = bars.len().saturating_sub(BARS_MAX);
    bars.drain(..spare);
    Bars { bars }
}

/// Packages handed out, day by day.
pub async fn handed_out(conn: &mut Conn, period: Period, frame: &Frame) -> Result<Bars> {
    let days = charts::handed_out_by_day(conn, &period.bounds()).await?;
    let bar = |(at, packages): (crate::kernel::Moment, i64)| {
        let label = at.day().for_people();
        let said = format!("{label}: {} {}", group_thousands(packages), frame.t("suất", "packages"));
        Bar { label, parts: vec![packages], said }
    };
    Ok(newest(days.into_iter().map(bar).collect()))
}

/// Rent by month: confirmed, verified and pledged stand on each other and stay apart.
pub async fn rent(conn: &mut Conn, period: Period, frame: &Frame) -> Result<Bars> {
    let rows = totals::by_month(conn, &period.bounds().rent()).await?;
    let bar = |(month, confirmed, verified, pledged): (Month, Dong, Dong, Dong)| {
        let label = month.for_people();
        let said = format!(
            "{label}: {} {confirmed}, {} {verified}, {} {pledged}",
            frame.t("đã xác nhận", "confirmed"),
            frame.t("đã xác minh", "verified"),
            frame.t("chờ xác minh", "pledged"),
        );
        Bar { label, parts: vec![confirmed.0, verified.0, pledged.0], said }
    };
    Ok(newest(rows.into_iter().map(bar).collect()))
}

/// Packages handed out by neighbourhood.
pub async fn neighbourhoods(conn: &mut Conn, period: Period, frame: &Frame) -> Result<Bars> {
    let rows = charts::packages_by_neighbourhood(conn, &period.bounds()).await?;
    let bar = |(name, packages): (Option<String>, i64)| {
        let label = name.unwrap_or_else(|| frame.t("Khác", "Elsewhere").to_owned());
        let said = format!("{label}: {} {}", group_thousands(packages), frame.t("suất", "packages"));
        Bar { label, parts: vec![packages], said }
    };
    Ok(Bars { bars: rows.into_iter().map(bar).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tallest_bar_fills_the_picture_and_the_smallest_is_still_seen() {
        let bar = |parts: Vec<i64>| Bar { label: "1".to_owned(), parts, said: "1".to_owned() };
        let bars = Bars { bars: vec![bar(vec![1_000_000, 0, 1_000_000]), bar(vec![1])] };
        let svg = bars.svg();
        assert!(svg.contains("class=\"part-2\" x=\"1\" y=\"0\" width=\"8\" height=\"50\""), "{svg}");
        assert!(svg.contains("x=\"11\" y=\"99\" width=\"8\" height=\"1\""), "{svg}");
        assert!(Bars::default().is_empty());
    }
}
