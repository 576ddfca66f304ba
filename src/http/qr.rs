//! The QR code of an address, as a picture within a page.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use super::error::{Error, Result};

/// Light modules around a code (ISO/IEC 18004 §6.3.8).
const QUIET_ZONE: usize = 4;

/// The code of a text as SVG with one path, dark on light whatever the page's colours are. It carries no words: the
/// page says in its own what the code leads to.
pub fn svg(text: &str) -> Result<String> {
    let code =
        QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| Error::Internal(Box::new(error)))?;
    let side = code.width();
    let full = side + 2 * QUIET_ZONE;
    let mut path = String::new();
    for (index, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let (x, y) = (index % side + QUIET_ZONE, index / side + QUIET_ZONE);
        // Writing to a String does not fail.
        let _ = write!(path, "M{x} {y}h1v1h-1z");
    }
    Ok(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {full} {full}\" shape-rendering=\"crispEdges\" aria-hidden=\"true\">\
         <rect width=\"{full}\" height=\"{full}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}
