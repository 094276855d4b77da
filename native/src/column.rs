//! Columns being filled, a row at a time, and what they become in Arrow.
//!
//! A row without a value costs nothing until the next value comes: the NULLs before it are put in
//! then. A row that turns out to be unsure is taken back by `truncate`.

use std::sync::Arc;

use arrow_array::builder::{BooleanBufferBuilder, NullBufferBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int16Array, Int32Array,
    Int64Array, ListArray, StringArray, TimestampMicrosecondArray,
};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use crate::time::Instant;

/// How often a text column asks itself whether its dictionary is worth having: after so many
/// values, and then at each doubling.
const FIRST_LOOK: usize = 512;

/// Up to this length texts are compared eight bytes at a time; beyond, the library is faster.
const SHORT: usize = 48;

/// Which of the rows so far hold a value.
#[derive(Default)]
struct Rows(Vec<bool>);

impl Rows {
    /// Make `row` the next one; returns how many rows without a value come before it.
    #[inline]
    fn advance(&mut self, row: usize) -> usize {
        let skipped = row - self.0.len();
        if skipped > 0 {
            self.0.resize(row, false);
        }
        self.0.push(true);
        skipped
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn truncate(&mut self, rows: usize) {
        self.0.truncate(rows);
    }

    fn finish(mut self, rows: usize) -> Option<NullBuffer> {
        self.0.resize(rows, false);
        let mut builder = NullBufferBuilder::new(rows);
        builder.append_slice(&self.0);
        builder.finish()
    }
}

/// A column of values that are all of one size.
#[derive(Default)]
pub struct Fixed<T> {
    rows: Rows,
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

/// Texts one after the other, as Arrow keeps them.
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<i32>,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            ends: vec![0],
        }
    }
}

impl Texts {
    fn len(&self) -> usize {
        self.ends.len() - 1
    }

    fn get(&self, index: usize) -> &[u8] {
        &self.bytes[self.ends[index] as usize..self.ends[index + 1] as usize]
    }

    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        // A piece is far below 2 GiB: `Block::take_lines` sees to that.
        self.ends.push(self.bytes.len() as i32);
    }

    fn resize(&mut self, len: usize) {
        self.ends.resize(len + 1, self.bytes.len() as i32);
    }

    fn truncate(&mut self, len: usize) {
        if len < self.len() {
            self.ends.truncate(len + 1);
            self.bytes.truncate(self.ends[len] as usize);
        }
    }

    /// Checks that all of it is UTF-8, which costs little and needs no trust.
    fn finish(self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        StringArray::try_new(offsets, Buffer::from_vec(self.bytes), nulls)
    }
}

/// Finds a value that the dictionary has already. Seeded anew for each column, so that no sender
/// can prepare values that collide.
#[derive(Default)]
struct Known {
    table: HashTable<u32>,
    hasher: RandomState,
}

impl Known {
    fn index_of(&mut self, values: &mut Texts, last: Option<&i32>, text: &[u8]) -> i32 {
        if let Some(last) = last
            && values.len() > *last as usize
            && is_same(values.get(*last as usize), text)
        {
            return *last;
        }
        let hash = self.hasher.hash_one(text);
        let found = self
            .table
            .find(hash, |index| is_same(values.get(*index as usize), text));
        if let Some(found) = found {
            return *found as i32;
        }
        let index = values.len() as u32;
        values.push(text);
        let rehash = |index: &u32| self.hasher.hash_one(values.get(*index as usize));
        self.table.insert_unique(hash, index, rehash);
        index as i32
    }
}

/// Equality without a call for the short texts that most are.
#[inline]
pub fn is_same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let (lefts, left_rest) = left.as_chunks::<8>();
    let (rights, right_rest) = right.as_chunks::<8>();
    if left.len() > SHORT {
        return left == right;
    }
    lefts
        .iter()
        .zip(rights)
        .all(|(one, other)| u64::from_ne_bytes(*one) == u64::from_ne_bytes(*other))
        && left_rest
            .iter()
            .zip(right_rest)
            .all(|(one, other)| one == other)
}

/// A text column: a dictionary while values repeat, plain texts once they mostly do not.
pub struct Text {
    rows: Rows,
    indices: Vec<i32>,
    values: Texts,
    known: Option<Known>,
    next_look: usize,
    pushed: usize,
}

impl Text {
    pub fn new() -> Self {
        Self {
            rows: Rows::default(),
            indices: Vec::new(),
            values: Texts::default(),
            known: Some(Known::default()),
            next_look: FIRST_LOOK,
            pushed: 0,
        }
    }

    /// For values that are hardly ever the same.
    pub fn plain() -> Self {
        Self {
            known: None,
            ..Self::new()
        }
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn push(&mut self, row: usize, text: &[u8]) {
        let skipped = self.rows.advance(row);
        let Some(known) = &mut self.known else {
            if skipped > 0 {
                self.values.resize(row);
            }
            self.values.push(text);
            return;
        };
        if skipped > 0 {
            self.indices.resize(row, 0);
        }
        let index = known.index_of(&mut self.values, self.indices.last(), text);
        self.indices.push(index);
        self.pushed += 1;
        if self.pushed == self.next_look {
            self.look();
        }
    }

    /// Give the dictionary up when most values are new.
    fn look(&mut self) {
        self.next_look *= 2;
        if self.values.len() * 2 > self.pushed {
            self.known = None;
            let mut plain = Texts::default();
            for (row, index) in self.indices.drain(..).enumerate() {
                if self.rows.0[row] {
                    plain.push(self.values.get(index as usize));
                } else {
                    plain.resize(row + 1);
                }
            }
            self.values = plain;
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        self.rows.truncate(rows);
        if self.known.is_some() {
            // A value that only the row taken back had stays in the dictionary, which is harmless.
            self.indices.truncate(rows);
        } else {
            self.values.truncate(rows);
        }
    }

    pub fn finish(mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        let nulls = self.rows.finish(rows);
        if self.known.is_none() {
            self.values.resize(rows);
            return Ok(Arc::new(self.values.finish(nulls)?));
        }
        self.indices.resize(rows, 0);
        let values = Arc::new(self.values.finish(None)?);
        let indices = Int32Array::try_new(self.indices.into(), nulls)?;
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(
            indices, values,
        )?))
    }
}

/// Times: microseconds, and beside them the nanoseconds below, where there are any.
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

/// Lists of texts or of whole numbers.
pub struct Lists<V> {
    rows: Rows,
    ends: Vec<i32>,
    pub values: V,
}

impl<V: Default> Default for Lists<V> {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            ends: vec![0],
            values: V::default(),
        }
    }
}

impl<V> Lists<V> {
    /// The row's list is whole: `len` values have been pushed in all.
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

    /// Also takes back what was added to a list that never ended.
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

    /// The arrays of `rows` rows that hold anything, by name; an absent one is all NULL.
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
