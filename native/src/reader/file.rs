//! A file that is read by place: nothing is opened or moved for a page.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// A page header has some 40 bytes, or 100 with statistics.
const HEADER_BYTES: usize = 128;

/// Rows of a megabyte each make larger pages; they are left to another reader.
pub const PAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

#[derive(Clone)]
pub struct Place {
    file: Arc<File>,
    bytes: u64,
    is_unchecked: Arc<AtomicBool>,
}

impl Place {
    pub fn open(path: &str) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self {
            file: Arc::new(file),
            bytes,
            is_unchecked: Arc::default(),
        })
    }

    pub fn read(&self, from: u64, bytes: usize) -> io::Result<Vec<u8>> {
        if from
            .checked_add(bytes as u64)
            .is_none_or(|end| end > self.bytes)
        {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut held = vec![0; bytes];
        self.file.read_exact_at(&mut held, from)?;
        Ok(held)
    }

    /// Whether a page header was read that has no checksum of its page.
    pub fn is_unchecked(&self) -> bool {
        self.is_unchecked.load(Relaxed)
    }
}

impl Length for Place {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for Place {
    type T = Headers;

    fn get_read(&self, start: u64) -> Result<Headers> {
        Ok(Headers {
            of: self.clone(),
            at: start,
            held: [0; HEADER_BYTES],
            left: 0..0,
            is_first: true,
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        if length > PAGE_BYTES_MAX {
            return Err(ParquetError::NYI(format!("a page of {length} bytes")));
        }
        Ok(self.read(start, length)?.into())
    }
}

/// The bytes of a page header. The crate asks for them also where it needs none.
pub struct Headers {
    of: Place,
    at: u64,
    held: [u8; HEADER_BYTES],
    left: std::ops::Range<usize>,
    is_first: bool,
}

impl io::Read for Headers {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            let read = self.of.file.read_at(&mut self.held, self.at)?;
            self.at += read as u64;
            self.left = 0..read;
            if std::mem::take(&mut self.is_first) {
                match start_of(&self.held[..read]) {
                    Start::Checked => {}
                    Start::Unchecked => self.of.is_unchecked.store(true, Relaxed),
                    // The crate would take it for granted that a page has the header of its kind.
                    Start::Odd => return Err(io::ErrorKind::InvalidData.into()),
                }
            }
        }
        let read = self.left.len().min(out.len());
        let from = self.left.start;
        out[..read].copy_from_slice(&self.held[from..from + read]);
        self.left.start += read;
        Ok(read)
    }
}

/// How the header of a page begins.
#[derive(Debug, PartialEq)]
enum Start {
    Checked,
    Unchecked,
    Odd,
}

/// By Thrift's compact protocol: the kind of page, its two sizes, a checksum, then the header of its
/// kind. The crate checks the checksum where there is one, and does not tell where there is none.
fn start_of(header: &[u8]) -> Start {
    const NEXT_I32: u8 = 0x15;
    // The kind, and which field behind the fourth has its header: of data, of a dictionary, and of
    // the newer form of data.
    const KINDS: [(u8, u8); 3] = [(0, 1), (4, 3), (6, 4)];
    const STRUCT: u8 = 0x0c;
    let mut at = 0;
    for _ in 0..3 {
        if header.get(at) != Some(&NEXT_I32) {
            return Start::Odd;
        }
        at = number_end(header, at + 1);
    }
    let is_checked = header.get(at) == Some(&NEXT_I32);
    if is_checked {
        at = number_end(header, at + 1);
    }
    let kind = KINDS.iter().find(|(kind, _)| header.get(1) == Some(kind));
    let next = kind.map(|(_, fields)| (fields + u8::from(!is_checked)) << 4 | STRUCT);
    match (
        next.is_some() && header.get(at) == next.as_ref(),
        is_checked,
    ) {
        (false, _) => Start::Odd,
        (true, true) => Start::Checked,
        (true, false) => Start::Unchecked,
    }
}

fn number_end(header: &[u8], at: usize) -> usize {
    let more = header.iter().skip(at).take_while(|&&byte| byte >= 128);
    at + more.count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_whether_its_page_has_a_checksum() {
        use Start::{Checked, Odd, Unchecked};
        for (header, start) in [
            (
                &[0x15, 0, 0x15, 0x80, 1, 0x15, 4, 0x15, 9, 0x1c, 0x15][..],
                Checked,
            ),
            (&[0x15, 0, 0x15, 0x80, 1, 0x15, 4, 0x2c, 0x15], Unchecked),
            (&[0x15, 4, 0x15, 2, 0x15, 4, 0x15, 0x80, 1, 0x3c], Checked),
            (&[0x15, 4, 0x15, 2, 0x15, 4, 0x4c], Unchecked),
            (&[0x15, 6, 0x15, 2, 0x15, 4, 0x15, 9, 0x4c], Checked),
            (&[0x15, 4, 0x15, 2, 0x15, 4, 0x15, 9, 0x1c], Odd),
            (&[0x15, 2, 0x15, 2, 0x15, 4, 0x15, 9, 0x2c], Odd),
            (&[0x15, 0, 0x25, 2, 0x15, 4, 0x15, 9, 0x1c], Odd),
            (&[0x15, 0, 0x15, 0xff], Odd),
            (&[], Odd),
        ] {
            assert_eq!(start_of(header), start, "{header:?}");
        }
    }

    #[test]
    fn nothing_is_read_past_the_end() {
        let path = std::env::temp_dir().join(format!("raytrail-place-{}", std::process::id()));
        std::fs::write(&path, b"0123456789").unwrap();
        let place = Place::open(path.to_str().unwrap()).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(place.read(6, 4).unwrap(), b"6789");
        assert!(place.read(7, 4).is_err());
        assert!(place.read(u64::MAX, 4).is_err());
        assert!(
            place
                .get_bytes(0, PAGE_BYTES_MAX)
                .is_err_and(|e| !matches!(e, ParquetError::NYI(_)))
        );
        assert!(
            place
                .get_bytes(0, PAGE_BYTES_MAX + 1)
                .is_err_and(|e| matches!(e, ParquetError::NYI(_)))
        );
    }
}
