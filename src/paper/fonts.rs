//! The faces of our papers, and which of their glyphs were used: only those are put into a file.
//!
//! DejaVu has every Vietnamese letter in its sans and serif cuts; the condensed ones carry more of an address in
//! a line at the same height of letters. Its Mono lacks the stacked marks, and sets nothing but typed codes.

use std::collections::HashMap;
use std::io::Read as _;
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Chunk, Filter, Finish, Name, Rect, Ref, Str};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::{BoundingBox, GlyphMetrics, Metrics};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use subsetter::GlyphRemapper;

/// The faces in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    Sans,
    SansBold,
    Mono,
    Serif,
    SerifBold,
    SerifItalic,
}

impl Face {
    pub const ALL: [Self; 6] =
        [Self::Sans, Self::SansBold, Self::Mono, Self::Serif, Self::SerifBold, Self::SerifItalic];

    fn data(self) -> &'static [u8] {
        static OPENED: [OnceLock<Vec<u8>>; Face::ALL.len()] = [const { OnceLock::new() }; Face::ALL.len()];
        OPENED[self as usize].get_or_init(|| {
            let mut data = Vec::new();
            GzDecoder::new(self.packed()).read_to_end(&mut data).expect("the build packed the faces whole");
            data
        })
    }

    /// As the build script packed it.
    const fn packed(self) -> &'static [u8] {
        match self {
            Self::Sans => include_bytes!(concat!(env!("OUT_DIR"), "/sans.ttf.gz")),
            Self::SansBold => include_bytes!(concat!(env!("OUT_DIR"), "/sans-bold.ttf.gz")),
            Self::Mono => include_bytes!(concat!(env!("OUT_DIR"), "/mono.ttf.gz")),
            Self::Serif => include_bytes!(concat!(env!("OUT_DIR"), "/serif.ttf.gz")),
            Self::SerifBold => include_bytes!(concat!(env!("OUT_DIR"), "/serif-bold.ttf.gz")),
            Self::SerifItalic => include_bytes!(concat!(env!("OUT_DIR"), "/serif-italic.ttf.gz")),
        }
    }

    /// PostScript name after a subset's tag of six letters (ISO 32000-1 §9.6.4).
    const fn postscript_name(self) -> &'static [u8] {
        match self {
            Self::Sans => b"LALANH+DejaVuSansCondensed",
            Self::SansBold => b"LALANH+DejaVuSansCondensed-Bold",
            Self::Mono => b"LALANH+DejaVuSansMono-Bold",
            Self::Serif => b"LALANH+DejaVuSerifCondensed",
            Self::SerifBold => b"LALANH+DejaVuSerifCondensed-Bold",
            Self::SerifItalic => b"LALANH+DejaVuSerifCondensed-Italic",
        }
    }

    /// Name in the resources of a page.
    pub const fn resource_name(self) -> Name<'static> {
        Name(match self {
            Self::Sans => b"S",
            Self::SansBold => b"B",
            Self::Mono => b"M",
            Self::Serif => b"R",
            Self::SerifBold => b"T",
            Self::SerifItalic => b"I",
        })
    }

    fn flags(self) -> FontFlags {
        match self {
            Self::Sans | Self::SansBold => FontFlags::SYMBOLIC,
            Self::Mono => FontFlags::SYMBOLIC | FontFlags::FIXED_PITCH,
            Self::Serif | Self::SerifBold => FontFlags::SYMBOLIC | FontFlags::SERIF,
            Self::SerifItalic => FontFlags::SYMBOLIC | FontFlags::SERIF | FontFlags::ITALIC,
        }
    }
}

fn font(face: Face) -> FontRef<'static> {
    FontRef::new(face.data()).expect("the faces in the binary are fonts")
}

/// Stands for a sign that a face does not have.
const UNKNOWN: char = '□';

/// A glyph as it is numbered in the file's subset, and how far it advances, in thousandths of the size.
#[derive(Clone, Copy)]
struct Glyph {
    id: u16,
    advance: f32,
}

struct Loaded {
    charmap: Charmap<'static>,
    advances: GlyphMetrics<'static>,
    /// In the font's own units, as the advances.
    metrics: Metrics,
    /// Signs below U+2000, where all of Vietnamese lies.
    near: Vec<Option<Glyph>>,
    far: HashMap<char, Glyph>,
    remapper: GlyphRemapper,
    /// What each glyph of the subset stands for, and its advance. Glyph 0 is "no such glyph" and never used.
    used: Vec<(char, f32)>,
}

const NEAR: usize = 0x2000;

impl Loaded {
    fn new(face: Face) -> Self {
        let font = font(face);
        Self {
            charmap: font.charmap(),
            advances: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            metrics: font.metrics(Size::unscaled(), LocationRef::default()),
            near: vec![None; NEAR],
            far: HashMap::new(),
            remapper: GlyphRemapper::new(),
            used: Vec::new(),
        }
    }

    /// A length of the font in thousandths of the size.
    fn thousandths(&self, units: f32) -> f32 {
        units * 1000.0 / f32::from(self.metrics.units_per_em)
    }

    fn glyph(&mut self, c: char) -> Glyph {
        let known = match self.near.get(c as usize) {
            Some(glyph) => *glyph,
            None => self.far.get(&c).copied(),
        };
        known.unwrap_or_else(|| self.take_in(c))
    }

    fn take_in(&mut self, c: char) -> Glyph {
        let (shown, id) = [c, UNKNOWN, '?']
            .into_iter()
            .find_map(|c| self.charmap.map(c).map(|id| (c, id)))
            .unwrap_or(('?', GlyphId::NOTDEF));
        let advance = self.thousandths(self.advances.advance_width(id).unwrap_or_default());
        let id = u16::try_from(id.to_u32()).expect("a TrueType font has at most 65,535 glyphs");
        let glyph = Glyph { id: self.remapper.remap(id), advance };
        if usize::from(glyph.id) > self.used.len() {
            self.used.push((shown, advance));
        }
        match self.near.get_mut(c as usize) {
            Some(slot) => *slot = Some(glyph),
            None => {
                self.far.insert(c, glyph);
            }
        }
        glyph
    }
}

/// Every face that was touched, with what was used of it.
#[derive(Default)]
pub struct FontSet {
    loaded: [Option<Loaded>; Face::ALL.len()],
}

impl FontSet {
    fn loaded(&mut self, face: Face) -> &mut Loaded {
        self.loaded[face as usize].get_or_insert_with(|| Loaded::new(face))
    }

    /// How far a text advances, in points.
    pub fn width(&mut self, face: Face, size: f32, text: &str) -> f32 {
        let loaded = self.loaded(face);
        text.chars().map(|c| loaded.glyph(c).advance).sum::<f32>() * size / 1000.0
    }

    /// The bytes that show a text in this face.
    pub fn encode(&mut self, face: Face, text: &str, out: &mut Vec<u8>) {
        let loaded = self.loaded(face);
        for c in text.chars() {
            out.extend_from_slice(&loaded.glyph(c).id.to_be_bytes());
        }
    }

    /// Faces of which a glyph was used.
    pub fn used(&self) -> impl Iterator<Item = Face> + use<> {
        let used: Vec<Face> = Face::ALL.into_iter().filter(|f| self.loaded[*f as usize].is_some()).collect();
        used.into_iter()
    }

    /// The five objects of a font; the first is the font itself.
    pub fn objects(&self, face: Face, ids: [Ref; 5]) -> [Chunk; 5] {
        let loaded = self.loaded[face as usize].as_ref().expect("only faces that were used are written");
        let [font, descendant, descriptor, to_unicode, file] = ids;
        let system = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
        let name = Name(face.postscript_name());
        let mut chunks = [(); 5].map(|()| super::objects::new_chunk());

        let mut type0 = chunks[0].type0_font(font);
        type0.base_font(name).encoding_predefined(Name(b"Identity-H"));
        type0.descendant_font(descendant).to_unicode(to_unicode);
        type0.finish();

        let mut cid = chunks[1].cid_font(descendant);
        cid.subtype(CidFontType::Type2).base_font(name).system_info(system).font_descriptor(descriptor);
        cid.default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        cid.widths().consecutive(1, loaded.used.iter().map(|(_, advance)| *advance));
        cid.finish();

        let scale = |units| loaded.thousandths(units);
        let BoundingBox { x_min, y_min, x_max, y_max } = loaded.metrics.bounds.unwrap_or_default();
        let mut about = chunks[2].font_descriptor(descriptor);
        about.name(name).flags(face.flags()).font_file2(file).stem_v(if face == Face::Mono { 120.0 } else { 90.0 });
        about.bbox(Rect::new(scale(x_min), scale(y_min), scale(x_max), scale(y_max)));
        about.ascent(scale(loaded.metrics.ascent)).descent(scale(loaded.metrics.descent));
        about.cap_height(scale(loaded.metrics.cap_height.unwrap_or(1493.0)));
        about.italic_angle(if face == Face::SerifItalic { -11.0 } else { 0.0 });
        about.finish();

        let mut cmap = UnicodeCmap::new(Name(b"LaLanh-UTF16"), system);
        for (id, (c, _)) in (1_u16..).zip(&loaded.used) {
            cmap.pair(id, *c);
        }
        let cmap = super::objects::deflate(cmap.finish().as_slice());
        chunks[3].stream(to_unicode, &cmap).filter(Filter::FlateDecode);

        let subset = subsetter::subset(face.data(), 0, &loaded.remapper).expect("the faces in the binary can be cut");
        let (len, subset) = (subset.len(), super::objects::deflate(&subset));
        let mut stream = chunks[4].stream(file, &subset);
        stream.filter(Filter::FlateDecode).pair(Name(b"Length1"), i32::try_from(len).unwrap_or(i32::MAX));
        stream.finish();
        chunks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letters of Vietnamese with their marks, both cases.
    fn vietnamese() -> String {
        let lower = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệfghiìíỉĩịjklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvwxyỳýỷỹỵz";
        format!("{lower}{}0123456789 .,;:-–—…()/&+×·\"'“”?!%№", lower.to_uppercase())
    }

    #[test]
    fn every_face_for_text_has_every_vietnamese_letter() {
        for face in Face::ALL.into_iter().filter(|face| *face != Face::Mono) {
            let charmap = font(face).charmap();
            let missing: String = vietnamese().chars().filter(|c| charmap.map(*c).is_none()).collect();
            assert_eq!(missing, "", "{face:?}");
        }
    }

    #[test]
    fn a_sign_without_a_glyph_becomes_a_box() {
        let mut fonts = FontSet::default();
        for face in Face::ALL {
            let mut bytes = Vec::new();
            fonts.encode(face, "\u{1f9a7}□", &mut bytes);
            assert_eq!(bytes[..2], bytes[2..], "{face:?}");
            assert_ne!(bytes[..2], [0, 0]);
        }
    }

    #[test]
    fn a_subset_is_small() {
        let mut fonts = FontSet::default();
        fonts.encode(Face::Sans, &vietnamese(), &mut Vec::new());
        let chunks = fonts.objects(Face::Sans, [1, 2, 3, 4, 5].map(Ref::new));
        let bytes: usize = chunks.iter().map(Chunk::len).sum();
        assert!(bytes < 60_000, "{bytes}");
    }
}
