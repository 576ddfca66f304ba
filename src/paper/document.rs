//! A PDF file (ISO 32000-1) that is written from front to back: each object leaves as soon as it is whole, only
//! its offset is kept. Fonts, the page tree and the cross-reference table come at the end.

use std::io::{self, Write};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Chunk, Date, Filter, Finish, Name, Rect, Ref, TextStr};

use super::canvas::{Canvas, PAGE_COUNT_NAME, Stamp};
use super::fonts::Face;
use super::objects::new_chunk;
use crate::kernel::Moment;

/// Pages under one node of the page tree.
const FAN: usize = 64;

const CATALOG: Ref = Ref::new(1);
const ROOT: Ref = Ref::new(2);
const INFO: Ref = Ref::new(3);
const RESOURCES: Ref = Ref::new(4);
const PAGE_COUNT: Ref = Ref::new(5);
const FIXED_OBJECTS: usize = 5;

/// How a text at the end is drawn on pages that have already left.
pub struct PageCountText {
    pub face: Face,
    pub size: f32,
}

/// A file in the making. Pages are put on [`Document::canvas`] and closed by [`Document::end_page`].
pub struct Document<W> {
    out: W,
    position: u64,
    digest: Context,
    /// Offset of object n at n − 1.
    offsets: Vec<u64>,
    /// The page in the making.
    pub canvas: Canvas,
    size: (f32, f32),
    node: Ref,
    node_kids: Vec<Ref>,
    nodes: Vec<Ref>,
    stamps: Vec<Ref>,
    pages: u64,
    title: String,
    written_at: Moment,
}

impl<W: Write> Document<W> {
    /// Begins a file of pages of one size (in points). `written_at` is all that it says about time.
    pub fn new(out: W, title: &str, size: (f32, f32), written_at: Moment) -> io::Result<Self> {
        let mut document = Self {
            out,
            position: 0,
            digest: Context::new(&SHA256),
            offsets: vec![0; FIXED_OBJECTS],
            canvas: Canvas::new(size.1),
            size,
            node: ROOT,
            node_kids: Vec::new(),
            nodes: Vec::new(),
            stamps: Vec::new(),
            pages: 0,
            title: title.to_owned(),
            written_at,
        };
        document.put_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")?;
        Ok(document)
    }

    /// Pages closed so far.
    pub const fn pages(&self) -> u64 {
        self.pages
    }

    /// Where the file goes.
    pub const fn writer_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn put_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.position += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn new_id(&mut self) -> Ref {
        self.offsets.push(0);
        let number = i32::try_from(self.offsets.len()).expect("a file of ours has far fewer than 2³¹ objects");
        Ref::new(number)
    }

    /// Writes a chunk that holds just the object of that id.
    fn put(&mut self, id: Ref, chunk: &Chunk) -> io::Result<()> {
        let slot = usize::try_from(id.get() - 1).expect("ids begin at 1");
        self.offsets[slot] = self.position;
        self.put_bytes(chunk.as_bytes())
    }

    /// Draws a stamp in the coordinates of a page, before anything is put on the first one. At most four in a file.
    pub fn new_stamp(&mut self, draw: impl FnOnce(&mut Canvas)) -> io::Result<Stamp> {
        let (id, stamp) = (self.new_id(), Stamp(self.stamps.len()));
        draw(&mut self.canvas);
        self.put_form(id, Rect::new(0.0, 0.0, self.size.0, self.size.1))?;
        self.stamps.push(id);
        Ok(stamp)
    }

    /// Writes what is on the canvas as a form (ISO 32000-1 §8.10).
    fn put_form(&mut self, id: Ref, bounds: Rect) -> io::Result<()> {
        let content = self.take_content();
        let mut chunk = new_chunk();
        let mut form = chunk.form_xobject(id, &content);
        form.filter(Filter::FlateDecode);
        form.bbox(bounds).pair(Name(b"Resources"), RESOURCES);
        form.finish();
        self.put(id, &chunk)
    }

    /// Closes the page: what was put on the canvas leaves.
    pub fn end_page(&mut self) -> io::Result<()> {
        if self.node_kids.is_empty() {
            self.node = self.new_id();
            self.nodes.push(self.node);
        }
        let (page_id, content_id) = (self.new_id(), self.new_id());
        let content = self.take_content();
        let mut chunk = new_chunk();
        chunk.stream(content_id, &content).filter(Filter::FlateDecode);
        self.put(content_id, &chunk)?;
        let mut chunk = new_chunk();
        let mut page = chunk.page(page_id);
        page.parent(self.node).contents(content_id);
        page.finish();
        self.put(page_id, &chunk)?;
        self.node_kids.push(page_id);
        self.pages += 1;
        if self.node_kids.len() == FAN { self.end_node() } else { Ok(()) }
    }

    /// What was put on the canvas, compressed: first the drawing, then the codes, whose bytes are of another kind.
    fn take_content(&mut self) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::with_capacity(4096), Compression::best());
        let mut written = Ok(());
        self.canvas.drain(|drawing, codes| {
            written = encoder.write_all(drawing);
            if written.is_ok() && !codes.is_empty() {
                written = encoder.flush().and_then(|()| encoder.write_all(codes));
            }
        });
        written.and_then(|()| encoder.finish()).expect("memory takes whatever is written")
    }

    fn end_node(&mut self) -> io::Result<()> {
        let kids = std::mem::take(&mut self.node_kids);
        let mut chunk = new_chunk();
        let count = i32::try_from(kids.len()).unwrap_or(i32::MAX);
        chunk.pages(self.node).parent(ROOT).count(count).kids(kids);
        self.put(self.node, &chunk)
    }

    /// Writes what is shared by all pages and the end of the file. Gives the writer back, and the bytes written.
    pub fn finish(mut self, page_count: Option<PageCountText>) -> io::Result<(W, u64)> {
        if !self.node_kids.is_empty() {
            self.end_node()?;
        }
        let has_page_count = page_count.is_some();
        if let Some(text) = page_count {
            self.put_page_count(&text)?;
        }
        let fonts = self.put_fonts()?;
        let mut chunk = new_chunk();
        let mut resources = chunk.indirect(RESOURCES).start::<pdf_writer::writers::Resources<'_>>();
        resources.fonts().pairs(fonts.iter().map(|(face, id)| (face.resource_name(), *id)));
        let stamps = self.stamps.iter().enumerate().map(|(i, id)| (Stamp(i).name(), *id));
        resources.x_objects().pairs(stamps.chain(has_page_count.then_some((PAGE_COUNT_NAME, PAGE_COUNT))));
        resources.finish();
        self.put(RESOURCES, &chunk)?;
        self.put_about()?;
        self.put_trailer()?;
        self.out.flush()?;
        Ok((self.out, self.position))
    }

    fn put_page_count(&mut self, text: &PageCountText) -> io::Result<()> {
        let digits = self.pages.to_string();
        self.canvas.text_from_bottom(text.face, text.size, &digits);
        self.put_form(PAGE_COUNT, Rect::new(0.0, -text.size, text.size * 10.0, text.size * 2.0))
    }

    fn put_fonts(&mut self) -> io::Result<Vec<(Face, Ref)>> {
        let mut fonts = Vec::new();
        for face in self.canvas.fonts.used() {
            let ids = [(); 5].map(|()| self.new_id());
            let chunks = self.canvas.fonts.objects(face, ids);
            for (id, chunk) in ids.into_iter().zip(&chunks) {
                self.put(id, chunk)?;
            }
            fonts.push((face, ids[0]));
        }
        Ok(fonts)
    }

    fn put_about(&mut self) -> io::Result<()> {
        let mut chunk = new_chunk();
        let count = i32::try_from(self.pages).unwrap_or(i32::MAX);
        let mut root = chunk.pages(ROOT);
        root.count(count).kids(self.nodes.iter().copied());
        // Every page inherits these.
        root.media_box(Rect::new(0.0, 0.0, self.size.0, self.size.1)).pair(Name(b"Resources"), RESOURCES);
        root.finish();
        self.put(ROOT, &chunk)?;

        let mut chunk = new_chunk();
        let mut info = chunk.indirect(INFO).start::<pdf_writer::writers::DocumentInfo<'_>>();
        let date = pdf_date(self.written_at);
        info.title(TextStr(&self.title)).creator(TextStr("Lá Lành")).creation_date(date).modified_date(date);
        info.finish();
        self.put(INFO, &chunk)?;

        let mut chunk = new_chunk();
        let mut catalog = chunk.indirect(CATALOG).start::<pdf_writer::writers::Catalog<'_>>();
        catalog.pages(ROOT).lang(TextStr("vi-VN"));
        catalog.viewer_preferences().display_doc_title(true);
        catalog.finish();
        self.put(CATALOG, &chunk)
    }

    /// The cross-reference table and the trailer (ISO 32000-1 §7.5.4 and §7.5.5).
    fn put_trailer(&mut self) -> io::Result<()> {
        let start = self.position;
        let size = self.offsets.len() + 1;
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f\r\n").into_bytes();
        // An object that no page needed (offset 0) is marked free.
        for offset in &self.offsets {
            let kind = if *offset == 0 { "00000 f" } else { "00000 n" };
            write!(table, "{offset:010} {kind}\r\n")?;
        }
        let digest = self.digest.clone().finish();
        let id = data_encoding::HEXLOWER.encode(&digest.as_ref()[..16]);
        let (root, info) = (CATALOG.get(), INFO.get());
        write!(
            table,
            "trailer\n<</Size {size}/Root {root} 0 R/Info {info} 0 R/ID[<{id}><{id}>]>>\nstartxref\n{start}\n%%EOF\n"
        )?;
        self.put_bytes(&table)
    }
}

fn pdf_date(moment: Moment) -> Date {
    let date = moment.day().date();
    let time = moment.clock_time();
    let part = |range| time.get(range).and_then(|part: &str| part.parse::<u8>().ok()).unwrap_or(0);
    Date::new(u16::try_from(date.year()).unwrap_or(0))
        .month(date.month().unsigned_abs())
        .day(date.day().unsigned_abs())
        .hour(part(0..2))
        .minute(part(3..5))
        .second(0)
        .utc_offset_hour(7)
        .utc_offset_minute(0)
}
