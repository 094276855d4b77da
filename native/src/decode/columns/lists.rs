//! Columns of lists of texts or of integers.

use std::ops::Range;

use crate::decode::columns::texts::Texts;
use crate::decode::columns::validity::Validity;

/// The elements of all lists, one after the other.
pub trait Elements: Default {
    fn len(&self) -> usize;
    fn truncate(&mut self, len: usize);
    fn held_bytes(&self) -> usize;
}

impl Elements for Texts {
    fn len(&self) -> usize {
        Texts::len(self)
    }

    fn truncate(&mut self, len: usize) {
        Texts::truncate(self, len);
    }

    fn held_bytes(&self) -> usize {
        Texts::held_bytes(self)
    }
}

impl Elements for Vec<i64> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn truncate(&mut self, len: usize) {
        Vec::truncate(self, len);
    }

    fn held_bytes(&self) -> usize {
        Vec::len(self) * size_of::<i64>()
    }
}

pub struct Lists<V> {
    pub rows: Validity,
    pub ends: Vec<i32>,
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

impl<V: Elements> Lists<V> {
    /// End the row's list, whose elements have been pushed to `values`.
    pub fn end_row(&mut self, row: usize) {
        let skipped = self.rows.advance(row);
        if skipped > 0 {
            let before = self.last_end();
            self.ends.resize(row + 1, before);
        }
        self.ends.push(self.values.len() as i32);
    }

    /// Also removes elements of a list that was not ended.
    pub fn truncate(&mut self, rows: usize) {
        self.rows.truncate(rows);
        self.ends.truncate(rows + 1);
        self.values.truncate(self.last_end() as usize);
    }

    pub fn held_bytes(&self) -> usize {
        let per_row = size_of::<i32>() + size_of::<bool>();
        self.values.held_bytes() + self.ends.len() * per_row
    }

    pub fn complete(&mut self, rows: usize) {
        let last = self.last_end();
        self.ends.resize(rows + 1, last);
    }

    /// The elements of a row of a complete column.
    #[inline]
    pub fn span(&self, row: usize) -> Range<usize> {
        self.ends[row] as usize..self.ends[row + 1] as usize
    }

    fn last_end(&self) -> i32 {
        *self.ends.last().expect("never empty")
    }
}
