//! Writes one Parquet file into memory, a row group at a time.
//!
//! Pages are ours; footer, schema, statistics and bloom filters are the crate's.

use std::sync::Arc;

use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnDescPtr;

use crate::part::encode::encoder::Encoder;
use crate::part::schema::{ColumnSpec, message};
use crate::part::sources::Sources;

const CREATED_BY: &str = concat!("raytrail version ", env!("CARGO_PKG_VERSION"));

pub struct PartWriter {
    columns: Vec<(ColumnSpec, ColumnDescPtr)>,
    file: SerializedFileWriter<Vec<u8>>,
    encoder: Encoder,
}

impl PartWriter {
    /// Rows will be in the order of `sorted_by`, columns that are no lists; NULL comes last.
    pub fn new(columns: Vec<ColumnSpec>, sorted_by: &[String], level: i32) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_created_by(CREATED_BY.to_owned())
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_offset_index_disabled(true)
            .set_sorting_columns(Some(sorting(&columns, sorted_by)?))
            .build();
        let schema = message(&columns)?;
        let file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
        let described = file.schema_descr().columns().to_vec();
        Ok(Self {
            columns: columns.into_iter().zip(described).collect(),
            file,
            encoder: Encoder::new(level)?,
        })
    }

    /// Add the rows in `order` as one row group; returns the bytes that follow those before.
    pub fn write(&mut self, sources: &Sources, order: &[u32]) -> Result<Vec<u8>> {
        let mut group = self.file.next_row_group()?;
        for (spec, described) in &self.columns {
            let chunk = sources.chunk(&mut self.encoder, spec, order)?;
            let (bytes, closed) = chunk.close(described.clone(), spec.kind)?;
            group.append_column(&bytes, closed)?;
        }
        group.close()?;
        self.taken()
    }

    /// The footer, which ends the file.
    pub fn finish(&mut self, metadata: Vec<(String, String)>) -> Result<Vec<u8>> {
        for (key, value) in metadata {
            self.file
                .append_key_value_metadata(KeyValue::new(key, value));
        }
        self.file.finish()?;
        self.taken()
    }

    fn taken(&mut self) -> Result<Vec<u8>> {
        self.file.flush()?;
        Ok(std::mem::take(self.file.inner_mut()))
    }
}

fn sorting(columns: &[ColumnSpec], sorted_by: &[String]) -> Result<Vec<SortingColumn>> {
    let place = |name: &String| {
        let found = columns.iter().position(|column| column.name == *name);
        found.ok_or_else(|| ParquetError::General(format!("no column {name}")))
    };
    sorted_by
        .iter()
        .map(|name| {
            Ok(SortingColumn {
                column_idx: place(name)? as i32,
                descending: false,
                nulls_first: false,
            })
        })
        .collect()
}
