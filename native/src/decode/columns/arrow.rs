//! The Arrow arrays that columns become.

use std::sync::Arc;

use arrow_array::builder::BooleanBufferBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int16Array, Int32Array,
    Int64Array, ListArray, TimestampMicrosecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field};

use crate::decode::columns::column::Column;
use crate::decode::columns::fixed::Fixed;
use crate::decode::columns::lists::{Elements, Lists};
use crate::decode::columns::text::Text;

/// Add the arrays of a column that hold any value, by name; a missing array is all NULL.
pub fn finish(
    column: Column,
    name: &str,
    rows: usize,
    found: &mut Vec<(String, ArrayRef)>,
) -> Result<(), ArrowError> {
    if column.is_empty() {
        return Ok(());
    }
    let array: ArrayRef = match column {
        Column::Text(column) => texts(column, rows)?,
        Column::Whole(column) => {
            let (values, nulls) = parts(column, rows);
            Arc::new(Int64Array::try_new(values.into(), nulls)?)
        }
        Column::Double(column) => {
            let (values, nulls) = parts(column, rows);
            Arc::new(Float64Array::try_new(values.into(), nulls)?)
        }
        Column::Truth(column) => {
            let (values, nulls) = parts(column, rows);
            let mut bits = BooleanBufferBuilder::new(rows);
            bits.append_slice(&values);
            Arc::new(BooleanArray::new(bits.finish(), nulls))
        }
        Column::Times(column) => {
            if !column.nanoseconds.is_empty() {
                let (values, nulls) = parts(column.nanoseconds, rows);
                let array = Int16Array::try_new(values.into(), nulls)?;
                found.push((format!("{name}_ns"), Arc::new(array)));
            }
            times(column.microseconds, rows)?
        }
        Column::TextLists(column) => {
            let (offsets, values, nulls) = lists(column, rows);
            list(
                DataType::Utf8,
                offsets,
                Arc::new(values.finish(None)?),
                nulls,
            )?
        }
        Column::NumberLists(column) => {
            let (offsets, values, nulls) = lists(column, rows);
            let values = Arc::new(Int64Array::from(values));
            list(DataType::Int64, offsets, values, nulls)?
        }
    };
    found.push((name.to_owned(), array));
    Ok(())
}

pub fn texts(mut column: Text, rows: usize) -> Result<ArrayRef, ArrowError> {
    column.complete(rows);
    let (held, values, indices) = column.into_parts();
    let nulls = held.finish(rows);
    let Some(indices) = indices else {
        return Ok(Arc::new(values.finish(nulls)?));
    };
    let values = Arc::new(values.finish(None)?);
    let indices = Int32Array::try_new(indices.into(), nulls)?;
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(
        indices, values,
    )?))
}

pub fn times(column: Fixed<i64>, rows: usize) -> Result<ArrayRef, ArrowError> {
    let (values, nulls) = parts(column, rows);
    Ok(Arc::new(TimestampMicrosecondArray::try_new(
        values.into(),
        nulls,
    )?))
}

fn parts<T: Default + Copy>(mut column: Fixed<T>, rows: usize) -> (Vec<T>, Option<NullBuffer>) {
    column.complete(rows);
    (column.values, column.rows.finish(rows))
}

fn lists<V: Elements>(
    mut column: Lists<V>,
    rows: usize,
) -> (OffsetBuffer<i32>, V, Option<NullBuffer>) {
    column.complete(rows);
    let offsets = OffsetBuffer::new(ScalarBuffer::from(column.ends));
    (offsets, column.values, column.rows.finish(rows))
}

fn list(
    kind: DataType,
    offsets: OffsetBuffer<i32>,
    values: ArrayRef,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let element = Arc::new(Field::new("item", kind, true));
    Ok(Arc::new(ListArray::try_new(element, offsets, values, nulls)?) as Arc<dyn Array>)
}
