//! Builders of columns, filled a row at a time, and the Arrow arrays they become.
//!
//! A row without a value costs nothing: its NULL is added with the next value. `truncate` removes a
//! row that turns out to be unsure.

use std::sync::Arc;

use arrow_array::builder::BooleanBufferBuilder;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int16Array, Int64Array, ListArray,
    TimestampMicrosecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field};

use crate::text::{Text, Texts};
use crate::time::Instant;
use crate::validity::Validity;

/// A column of values of a fixed size.
#[derive(Default)]
pub struct Fixed<T> {
    rows: Validity,
    values: Vec<T>,
}

impl<T: Default + Copy> Fixed<T> {
    #[inline]
    pub fn push(&mut self, row: usize, value: T) {
        let skipped = self.rows.advance(row);
        if skipped > 0 {
            self.values.resize(row, T::default());
        }
        self.values.push(value);
    }

    pub fn truncate(&mut self, rows: usize) {
        self.rows.truncate(rows);
        self.values.truncate(rows);
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn finish(mut self, rows: usize) -> (Vec<T>, Option<NullBuffer>) {
        self.values.resize(rows, T::default());
        (self.values, self.rows.finish(rows))
    }
}

/// Times in microseconds, and the remaining nanoseconds where there are any.
#[derive(Default)]
pub struct Times {
    pub microseconds: Fixed<i64>,
    pub nanoseconds: Fixed<i16>,
}

impl Times {
    pub fn push(&mut self, row: usize, instant: Instant) {
        self.microseconds.push(row, instant.microseconds);
        if instant.nanoseconds != 0 {
            self.nanoseconds.push(row, instant.nanoseconds);
        }
    }
}

/// Lists of texts or of integers.
pub struct Lists<V> {
    rows: Validity,
    ends: Vec<i32>,
    pub values: V,
}

impl<V: Default> Default for Lists<V> {
    fn default() -> Self {
        Self {
            rows: Validity::default(),
            ends: vec![0],
            values: V::default(),
        }
    }
}

impl<V> Lists<V> {
    /// End the row's list; `len` values have been pushed in all rows.
    fn end_row(&mut self, row: usize, len: usize) {
        let skipped = self.rows.advance(row);
        let before = *self.ends.last().expect("never empty");
        if skipped > 0 {
            self.ends.resize(row + 1, before);
        }
        self.ends.push(len as i32);
    }

    fn truncated(&mut self, rows: usize) -> usize {
        self.rows.truncate(rows);
        self.ends.truncate(rows + 1);
        *self.ends.last().expect("never empty") as usize
    }

    fn offsets(&mut self, rows: usize) -> OffsetBuffer<i32> {
        let last = *self.ends.last().expect("never empty");
        self.ends.resize(rows + 1, last);
        OffsetBuffer::new(ScalarBuffer::from(std::mem::take(&mut self.ends)))
    }
}

#[derive(Default)]
pub struct TextLists(Lists<Texts>);

impl TextLists {
    pub fn add(&mut self, text: &[u8]) {
        self.0.values.push(text);
    }

    pub fn end_row(&mut self, row: usize) {
        let len = self.0.values.len();
        self.0.end_row(row, len);
    }

    /// Also removes values of a list that was not ended.
    pub fn truncate(&mut self, rows: usize) {
        let len = self.0.truncated(rows);
        self.0.values.truncate(len);
    }
}

#[derive(Default)]
pub struct NumberLists(Lists<Vec<i64>>);

impl NumberLists {
    pub fn add(&mut self, number: i64) {
        self.0.values.push(number);
    }

    pub fn end_row(&mut self, row: usize) {
        let len = self.0.values.len();
        self.0.end_row(row, len);
    }

    pub fn truncate(&mut self, rows: usize) {
        let len = self.0.truncated(rows);
        self.0.values.truncate(len);
    }
}

/// One field's column.
pub enum Column {
    Text(Text),
    Whole(Fixed<i64>),
    Double(Fixed<f64>),
    Truth(Fixed<bool>),
    Times(Times),
    TextLists(TextLists),
    NumberLists(NumberLists),
}

impl Column {
    pub fn truncate(&mut self, rows: usize) {
        match self {
            Column::Text(column) => column.truncate(rows),
            Column::Whole(column) => column.truncate(rows),
            Column::Double(column) => column.truncate(rows),
            Column::Truth(column) => column.truncate(rows),
            Column::Times(column) => {
                column.microseconds.truncate(rows);
                column.nanoseconds.truncate(rows);
            }
            Column::TextLists(column) => column.truncate(rows),
            Column::NumberLists(column) => column.truncate(rows),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Column::Text(column) => column.is_empty(),
            Column::Whole(column) => column.is_empty(),
            Column::Double(column) => column.is_empty(),
            Column::Truth(column) => column.is_empty(),
            Column::Times(column) => column.microseconds.is_empty(),
            Column::TextLists(column) => column.0.rows.is_empty(),
            Column::NumberLists(column) => column.0.rows.is_empty(),
        }
    }

    /// Add the arrays that hold any value, by name; a missing array is all NULL.
    pub fn finish(
        self,
        name: &str,
        rows: usize,
        found: &mut Vec<(String, ArrayRef)>,
    ) -> Result<(), ArrowError> {
        if self.is_empty() {
            return Ok(());
        }
        let array: ArrayRef = match self {
            Column::Text(column) => column.finish(rows)?,
            Column::Whole(column) => {
                let (values, nulls) = column.finish(rows);
                Arc::new(Int64Array::try_new(values.into(), nulls)?)
            }
            Column::Double(column) => {
                let (values, nulls) = column.finish(rows);
                Arc::new(Float64Array::try_new(values.into(), nulls)?)
            }
            Column::Truth(column) => {
                let (values, nulls) = column.finish(rows);
                let mut bits = BooleanBufferBuilder::new(rows);
                bits.append_slice(&values);
                Arc::new(BooleanArray::new(bits.finish(), nulls))
            }
            Column::Times(column) => {
                if !column.nanoseconds.is_empty() {
                    let (values, nulls) = column.nanoseconds.finish(rows);
                    let array = Int16Array::try_new(values.into(), nulls)?;
                    found.push((format!("{name}_ns"), Arc::new(array)));
                }
                times(column.microseconds, rows)?
            }
            Column::TextLists(mut column) => {
                let offsets = column.0.offsets(rows);
                let values: ArrayRef = Arc::new(column.0.values.finish(None)?);
                list(DataType::Utf8, offsets, values, column.0.rows.finish(rows))?
            }
            Column::NumberLists(mut column) => {
                let offsets = column.0.offsets(rows);
                let values: ArrayRef = Arc::new(Int64Array::from(column.0.values));
                list(DataType::Int64, offsets, values, column.0.rows.finish(rows))?
            }
        };
        found.push((name.to_owned(), array));
        Ok(())
    }
}

pub fn times(column: Fixed<i64>, rows: usize) -> Result<ArrayRef, ArrowError> {
    let (values, nulls) = column.finish(rows);
    Ok(Arc::new(TimestampMicrosecondArray::try_new(
        values.into(),
        nulls,
    )?))
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
