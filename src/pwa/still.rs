//! Reads the codes out of one still picture, for phones that can't read codes themselves.

use image::{DynamicImage, ImageReader, Limits};
use rxing::common::HybridBinarizer;
use rxing::multi::MultipleBarcodeReader as _;
use rxing::multi::qrcode::QRCodeMultiReader;
use rxing::qrcode::QRCodeReader;
use rxing::{BinaryBitmap, DecodeHints, Luma8LuminanceSource, RXingResult, Reader as _};

/// Bytes that a picture has at most: a phone's frame as JPEG has a tenth.
pub const BYTES_MAX: usize = 1024 * 1024;
/// Pixels that a side has at most.
const SIDE_MAX: u32 = 2048;

/// Why there is nothing to read in.
#[derive(Debug, PartialEq, Eq)]
pub enum NoPicture {
    /// Neither JPEG nor PNG, or damaged, or larger than the limits.
    Unreadable,
}

/// A code in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What it says.
    pub text: String,
    /// Where its centre lies, in pixels from the left.
    pub x: f32,
    /// And from the top.
    pub y: f32,
}

/// The picture's QR codes; none when there is none to be seen. Takes some 10 ms: not for an async task.
///
/// All of them, with their places: of two papers before a camera only the phone knows which one is meant.
pub fn read(bytes: &[u8]) -> Result<Vec<Seen>, NoPicture> {
    let picture = decode(bytes)?.into_luma8();
    let (width, height) = picture.dimensions();
    let Ok(source) = Luma8LuminanceSource::new(picture.into_raw(), width, height) else {
        return Err(NoPicture::Unreadable);
    };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    let hints = DecodeHints { TryHarder: Some(true), ..DecodeHints::default() };
    let several = QRCodeMultiReader::new().decode_multiple_with_hints(&mut bitmap, &hints);
    let mut found = several.unwrap_or_default();
    if found.is_empty() {
        // The reader of one code reads some damaged ones that the other gives up.
        found.extend(QRCodeReader::new().decode_with_hints(&mut bitmap, &hints).ok());
    }
    Ok(found.iter().filter_map(seen).collect())
}

/// A code that can be placed: halfway between the marks of its lower left and its upper right corner.
fn seen(found: &RXingResult) -> Option<Seen> {
    let [lower_left, _, upper_right, ..] = found.getPoints() else { return None };
    let (x, y) = (f32::midpoint(lower_left.x, upper_right.x), f32::midpoint(lower_left.y, upper_right.y));
    Some(Seen { text: found.getText().to_owned(), x, y })
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, NoPicture> {
    let mut reader =
        ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format().map_err(|_| NoPicture::Unreadable)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(u64::from(SIDE_MAX) * u64::from(SIDE_MAX) * 8);
    reader.limits(limits);
    reader.decode().map_err(|_| NoPicture::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_told_apart_from_a_picture_without_a_code() {
        assert_eq!(read(b"not a picture"), Err(NoPicture::Unreadable));
        let mut png = Vec::new();
        let blank = DynamicImage::new_luma8(64, 64);
        blank.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
        assert_eq!(read(&png), Ok(Vec::new()));
        let mut wide = Vec::new();
        let line = DynamicImage::new_luma8(SIDE_MAX + 1, 1);
        line.write_to(&mut std::io::Cursor::new(&mut wide), image::ImageFormat::Png).unwrap();
        assert_eq!(read(&wide), Err(NoPicture::Unreadable));
    }
}
