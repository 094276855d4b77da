//! The pages of a column chunk: each is checked against its checksum, and unpacked if rows of it are
//! asked for. Their headers are all read, because together they must have the rows that the footer
//! tells: no checksum is about a header.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::file::serialized_reader::SerializedPageReader;
use zstd::zstd_safe::get_frame_content_size;

use super::file::{PAGE_BYTES_MAX, Place};
use super::footer::Chunk;
use super::trouble::{Read, damaged, refused};
use super::values::{DataPage, Dictionary, Out};

/// One context for all pages: the crate would make two for each chunk.
pub struct Unpacking {
    zstd: zstd::bulk::Decompressor<'static>,
}

impl Unpacking {
    pub fn new() -> Read<Self> {
        Ok(Self {
            zstd: zstd::bulk::Decompressor::new()?,
        })
    }

    fn unpacked(&mut self, page: Bytes) -> Read<Bytes> {
        if page.is_empty() {
            return Ok(page);
        }
        let bytes = match get_frame_content_size(&page) {
            Ok(Some(bytes)) if bytes <= PAGE_BYTES_MAX as u64 => bytes as usize,
            Ok(Some(bytes)) => return refused(format!("a page of {bytes} bytes")),
            _ => return refused("a page that does not tell its size"),
        };
        Ok(self.zstd.decompress(&page, bytes)?.into())
    }

    /// The values of the rows `from` to `to` of a row group of `rows`.
    pub fn give<O: Out>(
        &mut self,
        place: &Place,
        chunk: &Chunk,
        rows: usize,
        (from, to): (usize, usize),
        out: &mut O,
    ) -> Read<()> {
        let mut pages =
            SerializedPageReader::new(Arc::new(place.clone()), &chunk.stored, rows, None)?;
        let (mut at, mut dictionary) = (0usize, None);
        while let Some(next) = pages.peek_next_page()? {
            if place.is_unchecked() {
                return refused("a page without a checksum");
            }
            let held = if next.is_dict {
                0
            } else {
                next.num_levels.unwrap_or(usize::MAX)
            };
            let Some(end) = at.checked_add(held).filter(|&end| end <= rows) else {
                return damaged("its pages have more rows than its footer tells");
            };
            let is_wanted = at < to && from < end;
            if !next.is_dict && !is_wanted {
                pages.skip_next_page()?;
                at = end;
                continue;
            }
            let Some(page) = pages.get_next_page()? else {
                return damaged("a page is missing");
            };
            match self.opened(page, chunk)? {
                Opened::Dictionary(read) if at == 0 && dictionary.is_none() => {
                    dictionary = Some(read)
                }
                Opened::Data {
                    encoding,
                    count,
                    body,
                } if count == held && !next.is_dict => {
                    let page = DataPage {
                        kind: chunk.stored.column_type(),
                        is_optional: chunk.is_optional,
                        encoding,
                        count,
                        body: &body,
                        dictionary: dictionary.as_ref(),
                    };
                    page.give((from.max(at) - at, to.min(end) - at), out)?;
                    at = end;
                }
                _ => return refused("a page where none of its kind is known"),
            }
        }
        if at == rows {
            Ok(())
        } else {
            damaged("its pages have fewer rows than its footer tells")
        }
    }

    fn opened(&mut self, page: Page, chunk: &Chunk) -> Read<Opened> {
        let count = page.num_values() as usize;
        match page {
            Page::DictionaryPage {
                buf,
                encoding: Encoding::PLAIN | Encoding::PLAIN_DICTIONARY,
                ..
            } => {
                let body = self.body(buf, chunk)?;
                let dictionary = Dictionary::read(chunk.stored.column_type(), body, count)?;
                Ok(Opened::Dictionary(dictionary))
            }
            Page::DataPage {
                buf,
                encoding,
                def_level_encoding,
                ..
            } => {
                if chunk.is_optional && def_level_encoding != Encoding::RLE {
                    return refused(format!("NULLs as {def_level_encoding}"));
                }
                if !chunk.encodings.contains(&encoding) {
                    return damaged("a page is encoded as its footer does not tell");
                }
                let body = self.body(buf, chunk)?;
                Ok(Opened::Data {
                    encoding,
                    count,
                    body,
                })
            }
            other => refused(format!("a page of kind {}", other.page_type())),
        }
    }

    fn body(&mut self, stored: Bytes, chunk: &Chunk) -> Read<Bytes> {
        if chunk.is_packed {
            self.unpacked(stored)
        } else {
            Ok(stored)
        }
    }
}

enum Opened {
    Dictionary(Dictionary),
    Data {
        encoding: Encoding,
        count: usize,
        body: Bytes,
    },
}
