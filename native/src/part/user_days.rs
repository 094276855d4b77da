//! How many rows of which user are among rows in order, by day, with the first and last time.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema};

use crate::decode::row::Rows;
use crate::part::order::day_of;

/// The day of rows without a time, as store/parquet/statistics/user_day.py has it.
const NO_DAY: i32 = i32::MIN;

struct UserDay {
    /// A row of this user.
    row: usize,
    day: Option<i64>,
    first_row: i64,
    rows: i64,
    first: Option<i64>,
    last: Option<i64>,
}

/// In order of user and day: in the order of a part the rows of each lie together. The file has
/// `rows_before` before them.
pub fn of_rows(rows: &Rows, order: &[u32], rows_before: usize) -> Result<RecordBatch, ArrowError> {
    let mut found: Vec<UserDay> = Vec::new();
    let users = &rows.user_id;
    for (place, row) in order.iter().map(|row| *row as usize).enumerate() {
        if !users.rows.holds(row) {
            continue;
        }
        let day = day_of(rows, row);
        let time = day.map(|_| rows.event_time.values[row]);
        match found.last_mut() {
            Some(last) if last.day == day && users.text(last.row) == users.text(row) => {
                last.rows += 1;
                last.last = time;
            }
            _ => found.push(UserDay {
                row,
                day,
                first_row: (rows_before + place) as i64,
                rows: 1,
                first: time,
                last: time,
            }),
        }
    }
    table(rows, &found)
}

fn table(rows: &Rows, found: &[UserDay]) -> Result<RecordBatch, ArrowError> {
    let text = |each: &UserDay| String::from_utf8_lossy(rows.user_id.text(each.row)).into_owned();
    let days = found
        .iter()
        .map(|each| each.day.map_or(NO_DAY, |day| day as i32));
    let users = StringArray::from_iter_values(found.iter().map(text));
    let columns: Vec<(&str, DataType, ArrayRef)> = vec![
        ("user", DataType::Utf8, Arc::new(users)),
        (
            "day",
            DataType::Int32,
            Arc::new(Int32Array::from_iter_values(days)),
        ),
        (
            "rows",
            DataType::Int64,
            numbers(found, |each| Some(each.rows)),
        ),
        ("first", DataType::Int64, numbers(found, |each| each.first)),
        ("last", DataType::Int64, numbers(found, |each| each.last)),
        (
            "first_row",
            DataType::Int64,
            numbers(found, |each| Some(each.first_row)),
        ),
        (
            "last_row",
            DataType::Int64,
            numbers(found, |each| Some(each.first_row + each.rows - 1)),
        ),
    ];
    let fields = columns
        .iter()
        .map(|(name, kind, _)| Field::new(*name, kind.clone(), true));
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    RecordBatch::try_new(Arc::new(schema), arrays)
}

fn numbers(found: &[UserDay], number: impl Fn(&UserDay) -> Option<i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter(found.iter().map(number)))
}
