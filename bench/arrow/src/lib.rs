//! What one writes first in Rust: arrow-json into typed columns, sorted, and the parquet crate's
//! `ArrowWriter`. bench/engines/arrow_rust.py is its only user.
//!
//! arrow-json has no column that keeps an object's text, so objects become maps of text to text.
//! Unknown fields are lost; a value of the wrong type, or a line that is no JSON, fails the batch.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_json::ReaderBuilder;
use arrow_ord::sort::{SortColumn, SortOptions, lexsort_to_indices};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, TimeUnit};
use arrow_select::concat::concat;
use arrow_select::interleave::interleave_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 1,024 to 32,768 rows measured alike, and so did views of texts in place of texts.
const ROWS_AT_ONCE: usize = 8192;
const USER: &str = "user_id";
const USER_HEADER: &str = "cf-access-user";
const HEADERS: &str = "RequestHeaders";
const TIME: &str = "EdgeStartTimestamp";

/// Write the lines of `bodies`, already inflated, as one file sorted by user and time.
/// `columns` are (name, type as the data files of Raytrail have it).
#[pyfunction]
fn write(py: Python<'_>, bodies: Vec<PyBackedBytes>, target: &str, columns: Vec<(String, String)>) -> PyResult<()> {
    py.detach(|| {
        let schema = schema(&columns)?;
        let mut batches = Vec::new();
        for body in &bodies {
            let reader = ReaderBuilder::new(schema.clone())
                .with_batch_size(ROWS_AT_ONCE)
                .with_coerce_primitive(true)
                .build(&body[..])?;
            for batch in reader {
                batches.push(with_user(&batch?)?);
            }
        }
        write_sorted(&batches, target).map_err(|error| ArrowError::ExternalError(Box::new(error)))
    })
    .map_err(|error: ArrowError| PyValueError::new_err(error.to_string()))
}

fn schema(columns: &[(String, String)]) -> Result<Arc<Schema>, ArrowError> {
    let fields: Result<Fields, ArrowError> =
        columns.iter().map(|(name, kind)| data_type(kind).map(|kind| Field::new(name, kind, true))).collect();
    Ok(Arc::new(Schema::new(fields?)))
}

fn data_type(kind: &str) -> Result<DataType, ArrowError> {
    let list = |of| DataType::List(Arc::new(Field::new_list_field(of, true)));
    Ok(match kind {
        "string" | "unknown" => DataType::Utf8,
        "int" => DataType::Int64,
        "float" => DataType::Float64,
        "bool" => DataType::Boolean,
        "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "object" => map(),
        "array[string]" => list(DataType::Utf8),
        "array[int]" => list(DataType::Int64),
        "array[object]" => list(map()),
        other => return Err(ArrowError::SchemaError(format!("no column is of type {other}"))),
    })
}

fn map() -> DataType {
    let entry = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, true),
    ]);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entry), false)), false)
}

/// The batch with the person's name, out of the headers, as its first column.
fn with_user(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let headers = batch
        .column_by_name(HEADERS)
        .ok_or_else(|| ArrowError::SchemaError(format!("no column {HEADERS}")))?
        .as_map();
    let (keys, values) = (headers.keys().as_string::<i32>(), headers.values().as_string::<i32>());
    let mut users = StringBuilder::new();
    for row in headers.offsets().windows(2) {
        let entries = row[0] as usize..row[1] as usize;
        let user = entries.into_iter().find(|entry| keys.value(*entry) == USER_HEADER);
        users.append_option(user.filter(|entry| values.is_valid(*entry)).map(|entry| values.value(entry)));
    }
    let mut fields = vec![Arc::new(Field::new(USER, DataType::Utf8, true))];
    fields.extend(batch.schema().fields().iter().cloned());
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(users.finish())];
    arrays.extend(batch.columns().iter().cloned());
    RecordBatch::try_new(Arc::new(Schema::new_with_metadata(fields, HashMap::new())), arrays)
}

fn write_sorted(batches: &[RecordBatch], target: &str) -> Result<(), ParquetError> {
    let Some(first) = batches.first() else {
        return Err(ParquetError::General("no rows".into()));
    };
    let keys: Vec<SortColumn> = [USER, TIME]
        .iter()
        .map(|name| {
            let parts: Vec<&dyn Array> =
                batches.iter().filter_map(|batch| batch.column_by_name(name)).map(AsRef::as_ref).collect();
            let options = Some(SortOptions { descending: false, nulls_first: false });
            Ok(SortColumn { values: concat(&parts)?, options })
        })
        .collect::<Result<_, ArrowError>>()?;
    let places: Vec<(usize, usize)> = batches
        .iter()
        .enumerate()
        .flat_map(|(number, batch)| (0..batch.num_rows()).map(move |row| (number, row)))
        .collect();
    let order: Vec<(usize, usize)> =
        lexsort_to_indices(&keys, None)?.values().iter().map(|row| places[*row as usize]).collect();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .build();
    let mut writer = ArrowWriter::try_new(File::create(target)?, first.schema(), Some(properties))?;
    let whole: Vec<&RecordBatch> = batches.iter().collect();
    for rows in order.chunks(ROWS_AT_ONCE) {
        writer.write(&interleave_record_batch(&whole, rows)?)?;
    }
    writer.close()?;
    Ok(())
}

#[pymodule]
fn arrow_peer(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(write, module)?)
}
