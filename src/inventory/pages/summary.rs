//! Moved lines in one line.

use crate::http::Frame;
use crate::inventory::MovedLine;

/// The first few of some moved lines, in words: `12 kg Rau xanh; 5 chai Dầu ăn và 2 dòng nữa`.
pub fn summary(frame: &Frame, lines: &[MovedLine]) -> String {
    let first: Vec<String> = lines.iter().take(3).map(MovedLine::amount).collect();
    match lines.len() {
        0..=3 => first.join("; "),
        many => format!("{} {} {} {}", first.join("; "), frame.t("và", "and"), many - 3, frame.t("dòng nữa", "more")),
    }
}
