//! Text columns: plain texts, or a dictionary while values repeat.

use std::hash::BuildHasher;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::validity::Validity;

/// A text column first checks after so many values whether its dictionary is worth keeping, and then
/// each time the number has doubled.
const FIRST_LOOK: usize = 512;

/// Texts up to this length are compared eight bytes at a time; for longer ones memcmp is faster.
const SHORT: usize = 48;

/// Texts in one buffer with offsets, as in Arrow.
pub struct Texts {
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
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    pub fn get(&self, index: usize) -> &[u8] {
        &self.bytes[self.ends[index] as usize..self.ends[index + 1] as usize]
    }

    pub fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        // A piece is far below 2 GiB: block.rs limits it.
        self.ends.push(self.bytes.len() as i32);
    }

    pub fn resize(&mut self, len: usize) {
        self.ends.resize(len + 1, self.bytes.len() as i32);
    }

    pub fn truncate(&mut self, len: usize) {
        if len < self.len() {
            self.ends.truncate(len + 1);
            self.bytes.truncate(self.ends[len] as usize);
        }
    }

    /// Checks that all of it is UTF-8, which costs little.
    pub fn finish(self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        StringArray::try_new(offsets, Buffer::from_vec(self.bytes), nulls)
    }
}

/// Finds a value in the dictionary. Each column has its own random seed, so that no sender can
/// prepare values that collide.
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

/// Equality without a function call for short texts, which most are.
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

/// A text column: a dictionary while values repeat, plain texts otherwise.
pub struct Text {
    rows: Validity,
    indices: Vec<i32>,
    values: Texts,
    known: Option<Known>,
    next_look: usize,
    pushed: usize,
}

impl Text {
    pub fn new() -> Self {
        Self {
            rows: Validity::default(),
            indices: Vec::new(),
            values: Texts::default(),
            known: Some(Known::default()),
            next_look: FIRST_LOOK,
            pushed: 0,
        }
    }

    /// For values that rarely repeat.
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

    /// Replace the dictionary by plain texts if most values are new.
    fn look(&mut self) {
        self.next_look *= 2;
        if self.values.len() * 2 > self.pushed {
            self.known = None;
            let mut plain = Texts::default();
            for (row, index) in self.indices.drain(..).enumerate() {
                if self.rows.holds(row) {
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
            // A value of the removed row may stay in the dictionary, which is harmless.
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
