//! Sealing of a whole file under a passphrase, in chunks, with flat memory.
//!
//! Argon2id (RFC 9106) makes the key; AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár
//! 2015) seals chunks of 64 KiB: each nonce is a random prefix, the chunk's number and a flag on the last one, so
//! that chunks can't be dropped, swapped or cut off unnoticed. The file's head is additional data of each chunk.

use std::io::{self, BufRead, Read, Write};

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::kernel::Clock;

/// The first bytes of a sealed file.
pub const MAGIC: &[u8; 16] = b"LALANH-SEALED-1\n";

const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
const SALT: usize = 16;
const PREFIX: usize = 7;
const CHECK: usize = 16;
/// Magic, three cost numbers, salt, nonce prefix, and the check value that tells a wrong passphrase from damage.
const HEAD: usize = MAGIC.len() + 12 + SALT + PREFIX + CHECK;

/// Memory in KiB, passes, lanes: 64 MiB, 3, 1. A back-up may be attacked at leisure, so it costs more than a login.
const COST: (u32, u32, u32) = (64 * 1024, 3, 1);
/// The most that a file's head may ask of whoever opens it: 1 GiB, 20 passes, 8 lanes.
const COST_MAX: (u32, u32, u32) = (1024 * 1024, 20, 8);

/// Why a sealed file does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// The passphrase is another one.
    #[error("the passphrase is not the one this file was sealed with")]
    Passphrase,
    /// Changed, cut off, or not a sealed file.
    #[error("the sealed file is damaged or cut off")]
    Damaged,
}

impl From<Unopened> for io::Error {
    fn from(error: Unopened) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

struct Chunks {
    key: LessSafeKey,
    head: [u8; HEAD],
    count: u32,
}

impl Chunks {
    /// `None` when argon2 does not take the cost numbers.
    fn new(passphrase: &str, mut head: [u8; HEAD], cost: (u32, u32, u32)) -> Option<(Self, [u8; CHECK])> {
        let params = Params::new(cost.0, cost.1, cost.2, Some(32 + CHECK)).ok()?;
        let salt_at = MAGIC.len() + 12;
        let mut derived = [0; 32 + CHECK];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &head[salt_at..salt_at + SALT], &mut derived)
            .ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &derived[..32]).ok()?);
        let check: [u8; CHECK] = derived[32..].try_into().expect("the derived bytes end with the check value");
        let found: [u8; CHECK] = head[HEAD - CHECK..].try_into().expect("the head ends with the check value");
        head[HEAD - CHECK..].copy_from_slice(&check);
        Some((Self { key, head, count: 0 }, found))
    }

    /// The next nonce; an error past 2³² chunks (256 TiB).
    fn nonce(&mut self, last: bool) -> io::Result<Nonce> {
        let mut nonce = [0; NONCE_LEN];
        let prefix_at = HEAD - CHECK - PREFIX;
        nonce[..PREFIX].copy_from_slice(&self.head[prefix_at..prefix_at + PREFIX]);
        nonce[PREFIX..PREFIX + 4].copy_from_slice(&self.count.to_be_bytes());
        nonce[NONCE_LEN - 1] = u8::from(last);
        self.count = self.count.checked_add(1).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(Nonce::assume_unique_for_key(nonce))
    }
}

/// Seals what is written to it. [`SealingWriter::finish`] must be called, otherwise the file does not open.
pub struct SealingWriter<W: Write> {
    inner: W,
    chunks: Chunks,
    pending: Vec<u8>,
}

impl<W: Write> SealingWriter<W> {
    /// Writes the head. Slow on purpose (argon2id).
    pub fn new(mut inner: W, passphrase: &str, clock: &Clock) -> io::Result<Self> {
        let mut head = [0; HEAD];
        head[..MAGIC.len()].copy_from_slice(MAGIC);
        for (i, number) in [COST.0, COST.1, COST.2].into_iter().enumerate() {
            head[MAGIC.len() + i * 4..MAGIC.len() + i * 4 + 4].copy_from_slice(&number.to_be_bytes());
        }
        clock.fill(&mut head[MAGIC.len() + 12..HEAD - CHECK]);
        let (chunks, _) = Chunks::new(passphrase, head, COST).expect("argon2 takes our own cost numbers");
        inner.write_all(&chunks.head)?;
        Ok(Self { inner, chunks, pending: Vec::with_capacity(CHUNK + TAG) })
    }

    fn flush_chunk(&mut self, last: bool) -> io::Result<()> {
        let nonce = self.chunks.nonce(last)?;
        self.chunks
            .key
            .seal_in_place_append_tag(nonce, Aad::from(&self.chunks.head), &mut self.pending)
            .map_err(|_| io::Error::other("a chunk of 64 KiB did not seal"))?;
        self.inner.write_all(&self.pending)?;
        self.pending.clear();
        Ok(())
    }

    /// Writes the last chunk, which says that it is the last.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush_chunk(true)?;
        Ok(self.inner)
    }
}

impl<W: Write> Write for SealingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until more comes: only then it is known not to be the last.
        if self.pending.len() == CHUNK {
            self.flush_chunk(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.pending.len());
        self.pending.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Opens what [`SealingWriter`] sealed. Nothing of a chunk is given out before the whole chunk is known to be genuine.
pub struct OpeningReader<R: BufRead> {
    inner: R,
    chunks: Chunks,
    open: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: BufRead> OpeningReader<R> {
    /// Reads the head. Slow on purpose (argon2id).
    pub fn new(mut inner: R, passphrase: &str) -> io::Result<Self> {
        let mut head = [0; HEAD];
        inner.read_exact(&mut head).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Unopened::Damaged.into(),
            _ => error,
        })?;
        let number = |i: usize| {
            let at = MAGIC.len() + i * 4;
            u32::from_be_bytes(head[at..at + 4].try_into().expect("four bytes"))
        };
        let cost = (number(0), number(1), number(2));
        if &head[..MAGIC.len()] != MAGIC || cost.0 > COST_MAX.0 || cost.1 > COST_MAX.1 || cost.2 > COST_MAX.2 {
            return Err(Unopened::Damaged.into());
        }
        let (chunks, check) = Chunks::new(passphrase, head, cost).ok_or(Unopened::Damaged)?;
        if chunks.head[HEAD - CHECK..] != check {
            return Err(Unopened::Passphrase.into());
        }
        Ok(Self { inner, chunks, open: Vec::with_capacity(CHUNK + TAG), at: 0, ended: false })
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        self.open.clear();
        self.at = 0;
        let limit = u64::try_from(CHUNK + TAG).unwrap_or(u64::MAX);
        self.inner.by_ref().take(limit).read_to_end(&mut self.open)?;
        self.ended = self.inner.fill_buf()?.is_empty();
        let nonce = self.chunks.nonce(self.ended)?;
        let opened = self
            .chunks
            .key
            .open_in_place(nonce, Aad::from(&self.chunks.head), &mut self.open)
            .map_err(|_| Unopened::Damaged)?
            .len();
        self.open.truncate(opened);
        Ok(())
    }
}

impl<R: BufRead> Read for OpeningReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.open.len() {
            if self.ended {
                return Ok(0);
            }
            self.next_chunk()?;
        }
        let given = out.len().min(self.open.len() - self.at);
        out[..given].copy_from_slice(&self.open[self.at..self.at + given]);
        self.at += given;
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Moment;

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let clock = Clock::fixed(Moment::from_micros(0), 5);
        let mut writer = SealingWriter::new(Vec::new(), "một câu dễ nhớ", &clock).unwrap();
        writer.write_all(plain).unwrap();
        writer.finish().unwrap()
    }

    fn opened(sealed: &[u8], passphrase: &str) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        OpeningReader::new(sealed, passphrase)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    fn reason(result: io::Result<Vec<u8>>) -> Unopened {
        *result.unwrap_err().get_ref().unwrap().downcast_ref().unwrap()
    }

    #[test]
    fn what_was_sealed_opens_at_every_length_around_a_chunk() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
            let plain: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            assert!(opened(&sealed(&plain), "một câu dễ nhớ").unwrap() == plain, "{length} bytes");
        }
    }

    #[test]
    fn a_wrong_passphrase_is_told_apart_from_damage() {
        let whole = sealed(b"danh s\xc3\xa1ch");
        assert_eq!(reason(opened(&whole, "một câu khác")), Unopened::Passphrase);
        let mut changed = whole;
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(reason(opened(&changed, "một câu dễ nhớ")), Unopened::Damaged);
    }

    #[test]
    fn a_file_that_lost_its_end_or_swapped_its_chunks_does_not_open() {
        let plain = vec![7; 3 * CHUNK];
        let whole = sealed(&plain);
        for keep in [HEAD, HEAD + CHUNK + TAG, HEAD + 2 * (CHUNK + TAG), whole.len() - 1] {
            assert_eq!(reason(opened(&whole[..keep], "một câu dễ nhớ")), Unopened::Damaged, "cut at {keep}");
        }
        let mut swapped = whole;
        let (first, second) = swapped[HEAD..].split_at_mut(CHUNK + TAG);
        first.swap_with_slice(&mut second[..CHUNK + TAG]);
        assert_eq!(reason(opened(&swapped, "một câu dễ nhớ")), Unopened::Damaged);
    }
}
