//! What passes between the two processes: frames of a length (four bytes, little end first) and so many bytes of
//! postcard. Both ends are the same program, so the form needs no version.

use std::io::{self, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

use crate::spreadsheet::bounds::Piece;
use crate::spreadsheet::cell::Cell;
use crate::spreadsheet::refusal::Refusal;
use crate::spreadsheet::workbook::{Workbook, WorkbookBuilder};

/// Pieces that go in one frame.
const PIECES_AT_ONCE: usize = 500;
/// Bytes of texts after which a frame goes, however few pieces it has.
const TEXT_AT_ONCE: usize = 256 << 10;
/// Bytes that a frame may have: a row of the longest texts in every column is below it.
const FRAME_MAX: usize = 32 << 20;
/// Bytes of all frames; what a file may hold has two thirds of it.
const FRAMES_MAX: usize = 256 << 20;

#[derive(Serialize, Deserialize)]
enum Frame {
    /// What the file holds, further.
    Pieces(Vec<Piece>),
    /// That was all, or why there is no more.
    End(Result<(), Refusal>),
}

/// Sends the pieces of a file.
pub(super) struct Sender<W> {
    out: W,
    pieces: Vec<Piece>,
    text: usize,
}

impl<W: Write> Sender<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, pieces: Vec::with_capacity(PIECES_AT_ONCE), text: 0 }
    }

    pub(super) fn send(&mut self, piece: Piece) -> io::Result<()> {
        self.text += match &piece {
            Piece::Row(row) => row.cells.iter().map(text_in).sum(),
            Piece::Sheet { .. } | Piece::Merges(_) => 0,
        };
        self.pieces.push(piece);
        if self.pieces.len() >= PIECES_AT_ONCE || self.text >= TEXT_AT_ONCE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.text = 0;
        let pieces = std::mem::replace(&mut self.pieces, Vec::with_capacity(PIECES_AT_ONCE));
        self.frame(&Frame::Pieces(pieces))
    }

    pub(super) fn end(mut self, end: Result<(), Refusal>) -> io::Result<()> {
        self.flush()?;
        self.frame(&Frame::End(end))?;
        self.out.flush()
    }

    fn frame(&mut self, frame: &Frame) -> io::Result<()> {
        let bytes = postcard::to_allocvec(frame).map_err(io::Error::other)?;
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(&bytes)
    }
}

fn text_in(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) | Cell::Error(text) => text.len(),
        Cell::Empty | Cell::Number(_) | Cell::Date(_) | Cell::Bool(_) => 0,
    }
}

/// What came.
pub(super) enum Received {
    /// Everything, to its end.
    Whole(Result<Workbook, Refusal>),
    /// Not everything: the other end is dead, or sends what it never should.
    Cut,
}

/// Takes in the pieces of a file until their end.
pub(super) fn receive(from: impl Read) -> Received {
    let mut from = BufReader::with_capacity(1 << 16, from);
    let (mut builder, mut left, mut frame) = (WorkbookBuilder::default(), FRAMES_MAX, Vec::new());
    loop {
        let mut length = [0; 4];
        if from.read_exact(&mut length).is_err() {
            return Received::Cut;
        }
        let length = u32::from_le_bytes(length) as usize;
        let Some(rest) = left.checked_sub(length).filter(|_| length <= FRAME_MAX) else { return Received::Cut };
        left = rest;
        frame.resize(length, 0);
        if from.read_exact(&mut frame).is_err() {
            return Received::Cut;
        }
        match postcard::from_bytes(&frame) {
            Ok(Frame::Pieces(pieces)) => pieces.into_iter().for_each(|piece| builder.push(piece)),
            Ok(Frame::End(end)) => return Received::Whole(end.and_then(|()| builder.build())),
            Err(_) => return Received::Cut,
        }
    }
}
