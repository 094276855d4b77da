//! Columns of values of a fixed size.

use crate::decode::columns::validity::Validity;
use crate::decode::json::minute::Minute;
use crate::decode::json::time::Instant;

#[derive(Default)]
pub struct Fixed<T> {
    pub rows: Validity,
    pub values: Vec<T>,
}

impl<T: Default + Copy> Fixed<T> {
    #[inline(always)]
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

    pub fn held_bytes(&self) -> usize {
        self.values.len() * (size_of::<T>() + size_of::<bool>())
    }

    pub fn complete(&mut self, rows: usize) {
        self.values.resize(rows, T::default());
    }
}

/// Times in microseconds, and the remaining nanoseconds where there are any.
#[derive(Default)]
pub struct Times {
    pub microseconds: Fixed<i64>,
    pub nanoseconds: Fixed<i16>,
    pub minute: Minute,
}

impl Times {
    #[inline]
    pub fn push(&mut self, row: usize, instant: Instant) {
        self.microseconds.push(row, instant.microseconds);
        if instant.nanoseconds != 0 {
            self.nanoseconds.push(row, instant.nanoseconds);
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        self.microseconds.truncate(rows);
        self.nanoseconds.truncate(rows);
    }

    pub fn complete(&mut self, rows: usize) {
        self.microseconds.complete(rows);
        self.nanoseconds.complete(rows);
    }
}
