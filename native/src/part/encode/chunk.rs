//! A finished column chunk, as the crate's file writer takes it.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::bloom_filter::Sbbf;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::Result;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use crate::part::schema::Kind;

/// The smallest and largest value of a chunk, where it has any.
#[derive(Clone)]
pub enum Bounds {
    Texts(Vec<u8>, Vec<u8>),
    Numbers(i64, i64),
}

pub struct Chunk {
    pub bytes: Vec<u8>,
    pub full_bytes: usize,
    pub is_packed: bool,
    pub has_dictionary: bool,
    pub first_data_page: usize,
    pub encoding: Encoding,
    pub rows: usize,
    /// Of a list column, with the NULL that an empty list is.
    pub values: usize,
    pub nulls: usize,
    pub bounds: Option<Bounds>,
    /// Also without bounds: that the column has no value, its statistics can tell.
    pub has_statistics: bool,
    pub bloom: Option<Sbbf>,
}

impl Chunk {
    pub fn close(self, column: ColumnDescPtr, kind: Kind) -> Result<(Bytes, ColumnCloseResult)> {
        let codec = if self.is_packed {
            Compression::ZSTD(ZstdLevel::default())
        } else {
            Compression::UNCOMPRESSED
        };
        let mut encodings = vec![Encoding::RLE, self.encoding];
        if self.has_dictionary {
            encodings.push(Encoding::PLAIN);
        }
        let mut metadata = ColumnChunkMetaData::builder(column)
            .set_compression(codec)
            .set_encodings(encodings)
            .set_num_values(self.values as i64)
            .set_total_uncompressed_size(self.full_bytes as i64)
            .set_total_compressed_size(self.bytes.len() as i64)
            .set_data_page_offset(self.first_data_page as i64)
            .set_dictionary_page_offset(self.has_dictionary.then_some(0));
        if self.has_statistics {
            metadata = metadata.set_statistics(statistics(kind, self.bounds, self.nulls as u64));
        }
        let closed = ColumnCloseResult {
            bytes_written: self.bytes.len() as u64,
            rows_written: self.rows as u64,
            metadata: metadata.build()?,
            bloom_filter: self.bloom,
            column_index: None,
            offset_index: None,
        };
        Ok((self.bytes.into(), closed))
    }
}

fn statistics(kind: Kind, bounds: Option<Bounds>, nulls: u64) -> Statistics {
    let nulls = Some(nulls);
    match (kind, bounds) {
        (Kind::Text, Some(Bounds::Texts(low, high))) => {
            Statistics::byte_array(Some(low.into()), Some(high.into()), None, nulls, false)
        }
        (Kind::Whole | Kind::Time, Some(Bounds::Numbers(low, high))) => {
            Statistics::int64(Some(low), Some(high), None, nulls, false)
        }
        (Kind::Text, _) => Statistics::byte_array(None, None, None, nulls, false),
        (Kind::Whole | Kind::Time, _) => Statistics::int64(None, None, None, nulls, false),
        (Kind::Nanoseconds, _) => Statistics::int32(None, None, None, nulls, false),
        (Kind::Double, _) => Statistics::double(None, None, None, nulls, false),
        (Kind::Truth | Kind::Texts | Kind::Wholes, _) => {
            Statistics::boolean(None, None, None, nulls, false)
        }
    }
}
