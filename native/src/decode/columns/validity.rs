//! Which rows of a column hold a value.

use arrow_array::builder::NullBufferBuilder;
use arrow_buffer::NullBuffer;

/// While every row so far holds a value, they are only counted.
#[derive(Default)]
pub struct Validity {
    flags: Vec<bool>,
    all: usize,
}

impl Validity {
    /// Mark `row` as valid; returns the number of skipped rows before it, which are NULL.
    #[inline(always)]
    pub fn advance(&mut self, row: usize) -> usize {
        if self.flags.is_empty() {
            if row == self.all {
                self.all += 1;
                return 0;
            }
            self.flags.resize(self.all, true);
        }
        let skipped = row - self.flags.len();
        if skipped > 0 {
            self.flags.resize(row, false);
        }
        self.flags.push(true);
        skipped
    }

    pub fn len(&self) -> usize {
        if self.flags.is_empty() {
            self.all
        } else {
            self.flags.len()
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn truncate(&mut self, rows: usize) {
        self.flags.truncate(rows);
        self.all = self.all.min(rows);
    }

    #[inline]
    pub fn holds(&self, row: usize) -> bool {
        if self.flags.is_empty() {
            row < self.all
        } else {
            self.flags.get(row).copied().unwrap_or(false)
        }
    }

    /// Whether each of so many rows holds a value.
    pub fn is_full(&self, rows: usize) -> bool {
        if self.flags.is_empty() {
            self.all == rows
        } else {
            self.flags.len() == rows && self.flags.iter().all(|held| *held)
        }
    }

    pub fn finish(mut self, rows: usize) -> Option<NullBuffer> {
        if self.flags.is_empty() {
            self.flags.resize(self.all, true);
        }
        self.flags.resize(rows, false);
        let mut builder = NullBufferBuilder::new(rows);
        builder.append_slice(&self.flags);
        builder.finish()
    }
}
