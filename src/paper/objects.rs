//! What every object of a PDF file is made with.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Chunk, Settings};

/// An empty chunk, to be written without space for human eyes.
pub fn new_chunk() -> Chunk {
    Chunk::with_settings(Settings { pretty: false })
}

/// Compressed as `FlateDecode` understands it.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes whatever is written")
}
