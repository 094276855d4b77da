//! The rows of a block as one Arrow record batch.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Field, Schema};

use crate::decode::columns::arrow;
use crate::decode::row::Rows;

/// The columns that hold any value.
pub fn of_rows(rows: Rows) -> Result<RecordBatch, ArrowError> {
    let Rows {
        plan,
        columns,
        event_time,
        user_id,
        user_source,
        extra,
        line_numbers,
        ..
    } = rows;
    let count = line_numbers.len();
    let mut found: Vec<(String, ArrayRef)> = Vec::with_capacity(columns.len());
    if !event_time.is_empty() {
        found.push(("event_time".to_owned(), arrow::times(event_time, count)?));
    }
    for (name, texts) in [
        ("user_id", user_id),
        ("user_source", user_source),
        ("extra", extra),
    ] {
        if !texts.is_empty() {
            found.push((name.to_owned(), arrow::texts(texts, count)?));
        }
    }
    let numbers = Arc::new(Int64Array::from(line_numbers));
    found.push(("line_number".to_owned(), numbers));
    for (name, column) in plan.fields.iter().zip(columns) {
        arrow::finish(column, name, count, &mut found)?;
    }
    let fields: Vec<Field> = found
        .iter()
        .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
        .collect();
    let arrays = found.into_iter().map(|(_, array)| array).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
}
