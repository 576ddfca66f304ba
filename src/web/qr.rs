//! A QR code of an address, as an SVG to stand in a page.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use super::error::{Error, Result};

/// Light modules that must surround a code (ISO/IEC 18004 §6.3.8).
const QUIET_ZONE: usize = 4;

/// The code of a text, black on white in any theme; `label` is what is read out in its stead.
pub fn svg(text: &str, label: &str) -> Result<String> {
    let code =
        QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| Error::Internal(Box::new(error)))?;
    let (side, colors) = (code.width(), code.to_colors());
    let whole = side + 2 * QUIET_ZONE;
    let mut path = String::with_capacity(colors.len() * 6);
    for (y, row) in colors.chunks(side).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET_ZONE, y + QUIET_ZONE, run.len(), run.len());
            }
            x += run.len();
        }
    }
    let label = askama::filters::escape(label, askama::filters::Html).map(|safe| safe.to_string()).unwrap_or_default();
    Ok(format!(
        "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" role=\"img\" \
         aria-label=\"{label}\" shape-rendering=\"crispEdges\"><rect width=\"{whole}\" height=\"{whole}\" \
         fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_a_name_and_a_white_ground() {
        let svg = svg("https://lalanh.example/giam-tien-tro/x", "Mã \"QR\"").unwrap();
        assert!(svg.contains("aria-label=\"Mã &#34;QR&#34;\"") && svg.contains("fill=\"#fff\""), "{svg}");
    }
}
