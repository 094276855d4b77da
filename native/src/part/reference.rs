//! Rows that the reference decoder read join those of the block.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int16Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};

use crate::decode::columns::column::Column;
use crate::decode::json::time::Instant;
use crate::decode::row::Rows;

/// Append the rows of a batch with the columns of decoding; an error names a column of another type.
pub fn take_rows(rows: &mut Rows, batch: &RecordBatch) -> Result<(), String> {
    let first = rows.line_numbers.len();
    let lines = named(batch, "line_number")?;
    let lines = lines.as_primitive_opt::<Int64Type>().ok_or("line_number")?;
    rows.line_numbers.extend_from_slice(lines.values());
    let times = named(batch, "event_time")?;
    let values = times.as_primitive_opt::<TimestampMicrosecondType>();
    let values = values.ok_or("event_time")?;
    held(times).for_each(|row| rows.event_time.push(first + row, values.value(row)));
    for (name, column) in [
        ("user_id", &mut rows.user_id),
        ("user_source", &mut rows.user_source),
        ("extra", &mut rows.extra),
    ] {
        let array = named(batch, name)?;
        let texts = array.as_string_opt::<i32>().ok_or(name)?;
        held(array).for_each(|row| column.push(first + row, texts.value(row).as_bytes(), false));
    }
    for (name, column) in rows.plan.fields.iter().zip(&mut rows.columns) {
        let array = named(batch, name)?;
        if take_column(column, array, first).is_none() {
            return Err(name.clone());
        }
        if let Column::Times(column) = column {
            let below = named(batch, &format!("{name}_ns"))?;
            let values = below.as_primitive_opt::<Int16Type>().ok_or(name.as_str())?;
            held(below).for_each(|row| column.nanoseconds.push(first + row, values.value(row)));
        }
    }
    rows.forget_last_row();
    Ok(())
}

fn named<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, String> {
    batch.column_by_name(name).ok_or_else(|| name.to_owned())
}

fn held(array: &ArrayRef) -> impl Iterator<Item = usize> {
    (0..array.len()).filter(|row| array.is_valid(*row))
}

/// None if the array has another type than the column.
fn take_column(column: &mut Column, array: &ArrayRef, first: usize) -> Option<()> {
    let held = held(array);
    match column {
        Column::Text(column) => {
            let texts = array.as_string_opt::<i32>()?;
            held.for_each(|row| column.push(first + row, texts.value(row).as_bytes(), false));
        }
        Column::Whole(column) => {
            let numbers = array.as_primitive_opt::<Int64Type>()?;
            held.for_each(|row| column.push(first + row, numbers.value(row)));
        }
        Column::Double(column) => {
            let numbers = array.as_primitive_opt::<Float64Type>()?;
            held.for_each(|row| column.push(first + row, numbers.value(row)));
        }
        Column::Truth(column) => {
            let truths = array.as_boolean_opt()?;
            held.for_each(|row| column.push(first + row, truths.value(row)));
        }
        Column::Times(column) => {
            let times = array.as_primitive_opt::<TimestampMicrosecondType>()?;
            // The nanoseconds have a column of their own.
            let instant = |row: usize| Instant {
                microseconds: times.value(row),
                nanoseconds: 0,
            };
            held.for_each(|row| column.push(first + row, instant(row)));
        }
        Column::TextLists(column) => {
            let lists = array.as_list_opt::<i32>()?;
            for row in held {
                let elements = lists.value(row);
                for text in elements.as_string_opt::<i32>()?.iter() {
                    column.values.push(text.unwrap_or_default().as_bytes());
                }
                column.end_row(first + row);
            }
        }
        Column::NumberLists(column) => {
            let lists = array.as_list_opt::<i32>()?;
            for row in held {
                let elements = lists.value(row);
                let numbers = elements.as_primitive_opt::<Int64Type>()?;
                column.values.extend_from_slice(numbers.values());
                column.end_row(first + row);
            }
        }
    }
    Some(())
}
