//! Pages: a header with a checksum, and content that may be packed.
//!
//! The header is written here because the crate writes none with a checksum.

use parquet::basic::Encoding;
use zstd::bulk::Compressor;

use crate::part::encode::bits::{varint, zigzag};

/// Smaller dictionaries have codes of few bits, of which zstd saves nothing worth its time.
const SMALL_DICTIONARY_BYTES: usize = 1_024;

/// Less than this is not packed either: the column has hardly any value.
const SMALL_CHUNK_BYTES: usize = 128;

pub enum PageKind {
    Data,
    Dictionary,
}

/// The pages of one column chunk, one after the other.
pub struct Pages {
    pub bytes: Vec<u8>,
    /// How long they would be if nothing were packed.
    pub full_bytes: usize,
    pub is_packed: bool,
    pub first_data_page: usize,
    zstd: Compressor<'static>,
    packed: Vec<u8>,
}

impl Pages {
    pub fn new(level: i32) -> std::io::Result<Self> {
        Ok(Self {
            bytes: Vec::new(),
            full_bytes: 0,
            is_packed: false,
            first_data_page: 0,
            zstd: Compressor::new(level)?,
            packed: Vec::new(),
        })
    }

    /// Begin a chunk. Its dictionary may be empty: then it has none.
    pub fn begin(
        &mut self,
        dictionary: &[u8],
        values: usize,
        first_page: usize,
    ) -> std::io::Result<()> {
        self.bytes = Vec::with_capacity(first_page / 2 + SMALL_CHUNK_BYTES);
        self.full_bytes = 0;
        let is_small = dictionary.len() + first_page <= SMALL_CHUNK_BYTES
            || (!dictionary.is_empty() && dictionary.len() <= SMALL_DICTIONARY_BYTES);
        self.is_packed = !is_small;
        if !dictionary.is_empty() {
            self.put(PageKind::Dictionary, dictionary, values, Encoding::PLAIN)?;
        }
        self.first_data_page = self.bytes.len();
        Ok(())
    }

    pub fn put(
        &mut self,
        kind: PageKind,
        content: &[u8],
        values: usize,
        encoding: Encoding,
    ) -> std::io::Result<()> {
        let stored = if self.is_packed {
            let room = zstd::zstd_safe::compress_bound(content.len());
            self.packed.resize(room.max(self.packed.len()), 0);
            let length = self
                .zstd
                .compress_to_buffer(content, &mut self.packed[..])?;
            &self.packed[..length]
        } else {
            content
        };
        let before = self.bytes.len();
        header(
            &mut self.bytes,
            kind,
            content.len(),
            stored,
            values,
            encoding,
        );
        self.full_bytes += self.bytes.len() - before + content.len();
        self.bytes.extend_from_slice(stored);
        Ok(())
    }
}

/// Types of fields, and of the pages, in Thrift's compact protocol.
const I32_NEXT: u8 = 0x15;
const DATA_HEADER: u8 = 0x1c;
const DICTIONARY_HEADER: u8 = 0x3c;
const STOP: u8 = 0;
const DATA_PAGE: i64 = 0;
const DICTIONARY_PAGE: i64 = 2;

/// The PageHeader of parquet.thrift: type, both sizes, checksum, and the header of that type, whose
/// values are the number of values and the encodings of values, definition and repetition levels.
fn header(
    out: &mut Vec<u8>,
    kind: PageKind,
    full: usize,
    stored: &[u8],
    values: usize,
    encoding: Encoding,
) {
    let checksum = crc32fast::hash(stored) as i32;
    let (page_type, struct_type, levels): (_, _, &[Encoding]) = match kind {
        PageKind::Data => (DATA_PAGE, DATA_HEADER, &[Encoding::RLE, Encoding::RLE]),
        PageKind::Dictionary => (DICTIONARY_PAGE, DICTIONARY_HEADER, &[]),
    };
    let facts = [page_type, full as i64, stored.len() as i64, checksum.into()];
    facts.into_iter().for_each(|fact| number(out, fact));
    out.push(struct_type);
    number(out, values as i64);
    number(out, encoding as i64);
    levels.iter().for_each(|each| number(out, *each as i64));
    out.extend_from_slice(&[STOP, STOP]);
}

fn number(out: &mut Vec<u8>, value: i64) {
    out.push(I32_NEXT);
    varint(out, zigzag(value));
}
