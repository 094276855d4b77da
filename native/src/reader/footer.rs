//! Of a file's footer, what questions about a few columns need: the rest is dropped once it is read.

use std::collections::HashMap;

use parquet::basic::{Compression, Encoding};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::Length;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescriptor;
use sha2::{Digest, Sha256};

use super::file::Place;
use super::kind::Kind;
use super::trouble::{Read, damaged, refused};

/// The length of the metadata, and the magic word.
const END_BYTES: usize = 8;

/// A file of 136 columns and a hundred row groups has some ten megabytes.
const FOOTER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Our writers end a row group at 122,880 rows.
const GROUP_ROWS_MAX: i64 = 1 << 24;

pub struct Footer {
    /// Rows of each row group.
    pub rows: Vec<usize>,
    /// Of each column that was asked, its chunk of each row group; None where the file has none.
    pub columns: HashMap<String, Option<Vec<Chunk>>>,
}

impl Footer {
    pub fn chunks(&self) -> usize {
        self.columns.values().flatten().map(Vec::len).sum()
    }
}

pub struct Chunk {
    /// As if it were not packed: so the crate hands out pages as they are stored, checked.
    pub stored: ColumnChunkMetaData,
    pub is_packed: bool,
    pub is_optional: bool,
    pub encodings: Vec<Encoding>,
    /// No text is before the first or behind the last, where the footer tells them.
    pub ends: Option<(Vec<u8>, Vec<u8>)>,
    /// Where its bloom filter begins, and its length.
    pub bloom: Option<(u64, usize)>,
}

/// The footer of a file, if its last `bytes` have this SHA-256.
pub fn read(place: &Place, bytes: usize, sha256: &[u8], asked: &[(String, Kind)]) -> Read<Footer> {
    if bytes > FOOTER_BYTES_MAX {
        return refused(format!("a footer of {bytes} bytes"));
    }
    let Some(from) = place
        .len()
        .checked_sub(bytes as u64)
        .filter(|_| bytes >= END_BYTES)
    else {
        return damaged("it is shorter than its footer");
    };
    let held = place.read(from, bytes)?;
    if Sha256::digest(&held).as_slice() != sha256 {
        return damaged("its footer is not what was written");
    }
    let metadata = ParquetMetaDataReader::decode_metadata(&held[..bytes - END_BYTES])?;
    let rows = metadata
        .row_groups()
        .iter()
        .map(|group| match group.num_rows() {
            many if many > GROUP_ROWS_MAX => refused(format!("a row group of {many} rows")),
            rows => length(rows),
        });
    Ok(Footer {
        rows: rows.collect::<Read<_>>()?,
        columns: asked
            .iter()
            .map(|(name, kind)| Ok((name.clone(), column(&metadata, name, *kind)?)))
            .collect::<Read<_>>()?,
    })
}

fn column(metadata: &ParquetMetaData, name: &str, kind: Kind) -> Read<Option<Vec<Chunk>>> {
    let columns = metadata.file_metadata().schema_descr().columns();
    let mut found = columns.iter().enumerate().filter(|(_, each)| {
        each.path()
            .parts()
            .first()
            .is_some_and(|first| first == name)
    });
    let Some((place, column)) = found.next() else {
        return Ok(None);
    };
    if found.next().is_some() || column.path().parts().len() != 1 || column.max_rep_level() > 0 {
        return refused(format!("column {name} is nested, or there twice"));
    }
    if !kind.is_of(column) {
        return refused(format!("column {name} has another type"));
    }
    let groups = metadata.row_groups().iter();
    let chunks = groups.map(|group| chunk(group.column(place), column, group.num_rows()));
    chunks.collect::<Read<_>>().map(Some)
}

fn chunk(found: &ColumnChunkMetaData, column: &ColumnDescriptor, rows: i64) -> Read<Chunk> {
    let packed = match found.compression() {
        Compression::UNCOMPRESSED => false,
        Compression::ZSTD(_) => true,
        other => return refused(format!("it is packed with {other}")),
    };
    let start = found
        .dictionary_page_offset()
        .unwrap_or(found.data_page_offset());
    if start < 0 || found.compressed_size() < 0 || found.num_values() != rows {
        return damaged("a column begins before the file, or has other rows than its row group");
    }
    if found.file_path().is_some() {
        return refused("a column is in another file");
    }
    let bloom = match (found.bloom_filter_offset(), found.bloom_filter_length()) {
        (Some(from), Some(bytes)) => Some((length(from)? as u64, length(bytes.into())?)),
        _ => None,
    };
    let stored = found.clone().into_builder().clear_statistics();
    Ok(Chunk {
        stored: stored.set_compression(Compression::UNCOMPRESSED).build()?,
        is_packed: packed,
        is_optional: column.max_def_level() == 1,
        encodings: found.encodings().collect(),
        ends: found.statistics().and_then(ends),
        bloom,
    })
}

fn ends(statistics: &Statistics) -> Option<(Vec<u8>, Vec<u8>)> {
    let Statistics::ByteArray(texts) = statistics else {
        return None;
    };
    Some((
        texts.min_bytes_opt()?.to_vec(),
        texts.max_bytes_opt()?.to_vec(),
    ))
}

fn length(number: i64) -> Read<usize> {
    usize::try_from(number).or_else(|_| damaged("a length is negative"))
}
