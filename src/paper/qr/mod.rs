//! The QR code (ISO/IEC 18004) of a signed code, as modules, as a 1-bit PNG and as an SVG with one path.
//!
//! Every voucher's code has the same length, so everything but the values of its bits is the same: which module
//! each bit falls on, and the modules that carry no data. Both are learned once by drawing probe patterns, and a
//! code is then made by flipping the modules of its set bits.
//!
//! The mask is chosen by the penalties of ISO/IEC 18004 §7.8.3, a whole row of modules at a time. A fixed mask
//! would be quicker still, but of 150 codes blurred by 1.2 dots at 3 dots a module zbar read 47 with a fixed mask
//! and 119 with the best one.

use std::fmt::Write as _;
use std::sync::LazyLock;

use qrcode::bits::Bits;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::{Color, EcLevel, Version, ec};

use penalty::penalty;

mod penalty;

/// Light modules that must surround a code (ISO/IEC 18004 §6.3.8).
pub const QUIET_ZONE: usize = 4;

/// Dots of a module when nothing else is asked: at 300 dpi a voucher's code is then 33 mm with its quiet zone.
pub const DEFAULT_SCALE: usize = 8;

/// The largest scale that is drawn: 50 dots a module fill a sheet of A4 at 300 dpi.
pub const MAX_SCALE: usize = 50;

const MAX_SIDE: usize = 49;

/// How much of a code may be damaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// About 15 %: 41 modules a side (version 6), for papers.
    #[default]
    M,
    /// About 25 %: 49 modules a side (version 8), for cards that are kept long.
    Q,
}

/// A text that is not 139 or so characters of QR's alphanumeric mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this text is not a signed code")]
pub struct NotEncodable;

/// The modules of a code, without the quiet zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    side: usize,
    /// One row each; column 0 is the highest bit; 1 = dark.
    rows: Lines,
}

impl Matrix {
    /// The code of a text such as [`super::code::VoucherCode::sign`] gives.
    pub fn encode(text: &str, level: Level) -> Result<Self, NotEncodable> {
        let form = match level {
            Level::M => &*FORM_M,
            Level::Q => &*FORM_Q,
        };
        form.fill(text)
    }

    /// Modules a side.
    pub const fn side(&self) -> usize {
        self.side
    }

    /// Whether the module in that column and row is dark. Outside of the code everything is light.
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        column < self.side && row < self.side && self.rows[row] >> (63 - column) & 1 == 1
    }

    /// One row as packed bits, highest bit first, 1 = dark; a row fills ⌈side / 8⌉ bytes.
    pub fn packed_rows(&self) -> impl Iterator<Item = [u8; 8]> {
        self.rows[..self.side].iter().map(|row| row.to_be_bytes())
    }

    /// A 1-bit PNG with its quiet zone and `scale` whole dots a module (1 to [`MAX_SCALE`], moved to the nearer
    /// end). Its resolution is given as 300 dpi, so that it prints at the size of the sheets.
    pub fn png(&self, scale: usize) -> Vec<u8> {
        let scale = scale.clamp(1, MAX_SCALE);
        let dots = (self.side + 2 * QUIET_ZONE) * scale;
        let width_bytes = dots.div_ceil(8);
        let mut pixels = vec![0xff; width_bytes * dots];
        for (y, row) in self.rows[..self.side].iter().enumerate() {
            let start = (y + QUIET_ZONE) * scale * width_bytes;
            let line = &mut pixels[start..start + width_bytes];
            let mut rest = *row;
            while rest != 0 {
                let column = rest.leading_zeros() as usize;
                let run = (rest << column).leading_ones() as usize;
                darken(line, (column + QUIET_ZONE) * scale, run * scale);
                rest &= u64::MAX.checked_shr((column + run) as u32).unwrap_or(0);
            }
            for copy in 1..scale {
                pixels.copy_within(start..start + width_bytes, start + copy * width_bytes);
            }
        }
        encode_png(dots, &pixels).expect("a picture of this size is written to memory")
    }

    /// An SVG with its quiet zone: a white ground and one path, a unit a module, as large as on the sheets.
    pub fn svg(&self) -> String {
        let side = self.side + 2 * QUIET_ZONE;
        let tenths_mm = (side * DEFAULT_SCALE * 254 + 150) / 300;
        let (mm, tenth) = (tenths_mm / 10, tenths_mm % 10);
        let mut out = String::with_capacity(8 * 1024);
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{mm}.{tenth}mm\" height=\"{mm}.{tenth}mm\" \
             viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
             <path d=\""
        );
        for (y, row) in self.rows[..self.side].iter().enumerate() {
            let mut rest = *row;
            while rest != 0 {
                let column = rest.leading_zeros() as usize;
                let run = (rest << column).leading_ones() as usize;
                let _ = write!(out, "M{} {}h{run}v1h-{run}z", column + QUIET_ZONE, y + QUIET_ZONE);
                rest &= u64::MAX.checked_shr((column + run) as u32).unwrap_or(0);
            }
        }
        out.push_str("\"/></svg>");
        out
    }
}

/// Clears `len` bits of a line, from bit `start` on.
fn darken(line: &mut [u8], start: usize, len: usize) {
    let end = start + len;
    let (first, last) = (start / 8, end / 8);
    let head = 0xff_u8 >> (start % 8);
    let tail = !(0xff_u8.checked_shr((end % 8) as u32).unwrap_or(0));
    if first == last {
        line[first] &= !(head & tail);
        return;
    }
    line[first] &= !head;
    line[first + 1..last].fill(0);
    if tail != 0 {
        line[last] &= !tail;
    }
}

fn encode_png(dots: usize, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let side = u32::try_from(dots).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(4 * 1024);
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Up);
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: 11_811, yppu: 11_811, unit: png::Unit::Meter }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(out)
}

const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// Modules as lines: either its rows, or its columns. The first module of a line is its highest bit.
type Lines = [u64; MAX_SIDE];

/// Everything about a code that its text does not change.
struct Form {
    version: Version,
    ec_level: EcLevel,
    side: usize,
    /// Under each mask, the rows and the columns of the code whose data bits are all 0.
    blank: Vec<(Lines, Lines)>,
    /// Row and column of each bit of the codewords, in their order.
    places: Vec<(u8, u8)>,
}

static FORM_M: LazyLock<Form> = LazyLock::new(|| Form::learn(Version::Normal(6), EcLevel::M));
static FORM_Q: LazyLock<Form> = LazyLock::new(|| Form::learn(Version::Normal(8), EcLevel::Q));

impl Form {
    /// Draws a blank code and, for each binary digit of a bit's number, a code in which just the bits are set
    /// whose number has that digit: where a module differs from the blank one spells the number of its bit.
    fn learn(version: Version, ec_level: EcLevel) -> Self {
        let bits = Bits::new(version).max_len(ec_level).expect("both versions have both levels");
        let zeros = vec![0; bits / 8];
        let (data, ec) = ec::construct_codewords(&zeros, version, ec_level).expect("zeros fill the version");
        let (data_len, total_len) = (data.len(), data.len() + ec.len());
        let side = usize::try_from(version.width()).expect("a width is positive");
        let draw = |codewords: &[u8], mask| {
            let mut canvas = Canvas::new(version, ec_level);
            canvas.draw_all_functional_patterns();
            canvas.draw_data(&codewords[..data_len], &codewords[data_len..]);
            canvas.apply_mask(mask);
            let mut lines = ([0; MAX_SIDE], [0; MAX_SIDE]);
            let colors = canvas.into_colors();
            for (i, _) in colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
                flip(&mut lines, i / side, i % side, 1);
            }
            lines
        };
        let nothing = vec![0; total_len];
        let blank: Vec<_> = MASKS.into_iter().map(|mask| draw(&nothing, mask)).collect();
        let mut numbers = vec![0_usize; side * side];
        for digit in 0..=(total_len * 8).ilog2() {
            let mut codewords = nothing.clone();
            for bit in (0..total_len * 8).filter(|bit| (bit + 1) >> digit & 1 == 1) {
                codewords[bit / 8] |= 0x80 >> (bit % 8);
            }
            let (probe, _) = draw(&codewords, MASKS[0]);
            for (i, number) in numbers.iter_mut().enumerate() {
                let differs = (probe[i / side] ^ blank[0].0[i / side]) >> (63 - i % side) & 1;
                *number |= (differs as usize) << digit;
            }
        }
        let mut places = vec![(0, 0); total_len * 8];
        for (i, number) in numbers.into_iter().enumerate().filter(|(_, number)| *number > 0) {
            places[number - 1] = ((i / side) as u8, (i % side) as u8);
        }
        Self { version, ec_level, side, blank, places }
    }

    fn fill(&self, text: &str) -> Result<Matrix, NotEncodable> {
        let fits = |c: u8| c.is_ascii_digit() || c.is_ascii_uppercase() || b" $%*+-./:".contains(&c);
        if !text.bytes().all(fits) {
            return Err(NotEncodable);
        }
        let mut bits = Bits::new(self.version);
        bits.push_alphanumeric_data(text.as_bytes()).map_err(|_| NotEncodable)?;
        bits.push_terminator(self.ec_level).map_err(|_| NotEncodable)?;
        let codewords = ec::construct_codewords(&bits.into_bytes(), self.version, self.ec_level);
        let (data, ec) = codewords.map_err(|_| NotEncodable)?;
        let mut set = ([0; MAX_SIDE], [0; MAX_SIDE]);
        for (codeword, places) in data.iter().chain(&ec).zip(self.places.chunks_exact(8)) {
            for (i, (row, column)) in places.iter().enumerate() {
                flip(&mut set, usize::from(*row), usize::from(*column), u64::from(codeword >> (7 - i) & 1));
            }
        }
        let under = |blank: &(Lines, Lines)| (both(&blank.0, &set.0), both(&blank.1, &set.1));
        let masked = self.blank.iter().map(under);
        let best = masked.min_by_key(|(rows, columns)| penalty(&rows[..self.side], &columns[..self.side]));
        let (rows, _) = best.expect("there are eight masks");
        Ok(Matrix { side: self.side, rows })
    }
}

/// Flips a module when `bit` is 1.
fn flip((rows, columns): &mut (Lines, Lines), row: usize, column: usize, bit: u64) {
    rows[row] ^= bit << (63 - column);
    columns[column] ^= bit << (63 - row);
}

/// A masked blank code with the modules of set bits flipped.
fn both(blank: &Lines, set: &Lines) -> Lines {
    std::array::from_fn(|i| blank[i] ^ set[i])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> String {
        "LL1:".chars().chain((0..135_u32).map(|i| char::from(b'A' + (i * 7 % 26) as u8))).collect()
    }

    /// The same code by the library's own way, under each mask.
    fn drawn_by_the_library(text: &str, version: Version, ec_level: EcLevel) -> Vec<Vec<bool>> {
        let mut bits = Bits::new(version);
        bits.push_alphanumeric_data(text.as_bytes()).unwrap();
        bits.push_terminator(ec_level).unwrap();
        let (data, ec) = ec::construct_codewords(&bits.into_bytes(), version, ec_level).unwrap();
        let mut canvas = Canvas::new(version, ec_level);
        canvas.draw_all_functional_patterns();
        canvas.draw_data(&data, &ec);
        let dark = |mut canvas: Canvas, mask| {
            canvas.apply_mask(mask);
            canvas.into_colors().into_iter().map(|color| color == Color::Dark).collect()
        };
        MASKS.into_iter().map(|mask| dark(canvas.clone(), mask)).collect()
    }

    /// The mask with the least penalty, counted module by module.
    fn best(drawn: Vec<Vec<bool>>, side: usize) -> Vec<bool> {
        drawn.into_iter().min_by_key(|dark| penalty::count_by_module(dark, side)).unwrap()
    }

    fn modules(matrix: &Matrix) -> Vec<bool> {
        let side = matrix.side();
        (0..side * side).map(|i| matrix.is_dark(i % side, i / side)).collect()
    }

    #[test]
    fn a_code_of_139_characters_has_41_modules_a_side_at_level_m() {
        assert_eq!(text().len(), 139);
        assert_eq!(Matrix::encode(&text(), Level::M).unwrap().side(), 41);
        assert_eq!(Matrix::encode(&text(), Level::Q).unwrap().side(), 49);
        // No smaller version would do.
        let mut smaller = Bits::new(Version::Normal(5));
        smaller.push_alphanumeric_data(text().as_bytes()).unwrap();
        assert!(smaller.push_terminator(EcLevel::M).is_err());
    }

    #[test]
    fn texts_that_no_voucher_has_are_refused() {
        assert_eq!(Matrix::encode("lower case", Level::M), Err(NotEncodable));
        assert_eq!(Matrix::encode(&"A".repeat(155), Level::M), Err(NotEncodable));
        assert_eq!(Matrix::encode("Nguyễn", Level::M), Err(NotEncodable));
    }

    #[test]
    fn the_png_shows_the_modules_with_whole_dots_and_a_quiet_zone() {
        let matrix = Matrix::encode(&text(), Level::M).unwrap();
        for scale in [1, 3, 8, 13] {
            let picture = image::load_from_memory(&matrix.png(scale)).unwrap().into_luma8();
            assert_eq!(picture.dimensions(), ((49 * scale) as u32, (49 * scale) as u32));
            for (x, y, pixel) in picture.enumerate_pixels() {
                let module = |dots: u32| (dots as usize / scale).wrapping_sub(QUIET_ZONE);
                assert_eq!(pixel.0[0] == 0, matrix.is_dark(module(x), module(y)), "{x} {y} at {scale}");
            }
        }
        assert_eq!(matrix.png(0), matrix.png(1));
        let large = image::load_from_memory(&matrix.png(usize::MAX)).unwrap();
        assert_eq!(large.width() as usize, 49 * MAX_SCALE);
    }

    #[test]
    fn the_svgs_path_covers_exactly_the_dark_modules() {
        let matrix = Matrix::encode(&text(), Level::M).unwrap();
        let svg = matrix.svg();
        assert!(svg.contains("width=\"33.2mm\"") && svg.contains("viewBox=\"0 0 49 49\""), "{}", &svg[..200]);
        let path = svg.rsplit("d=\"").next().unwrap().split('"').next().unwrap();
        let mut dark = vec![false; 41 * 41];
        for run in path.split('M').skip(1) {
            let numbers: Vec<usize> = run.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
            for x in 0..numbers[2] {
                dark[(numbers[1] - 4) * 41 + numbers[0] - 4 + x] = true;
            }
        }
        assert_eq!(dark, modules(&matrix));
    }

    proptest! {
        #[test]
        fn the_quick_way_draws_what_the_library_draws_under_the_best_mask(text in "[0-9A-Z:/.%-]{1,150}") {
            let quick = Matrix::encode(&text, Level::M).unwrap();
            prop_assert_eq!(modules(&quick), best(drawn_by_the_library(&text, Version::Normal(6), EcLevel::M), 41));
            let quick = Matrix::encode(&text, Level::Q).unwrap();
            prop_assert_eq!(modules(&quick), best(drawn_by_the_library(&text, Version::Normal(8), EcLevel::Q), 49));
        }
    }
}
