//! Builds Arrow's validity bitmap: which rows of a column hold a value.

use arrow_array::builder::NullBufferBuilder;
use arrow_buffer::NullBuffer;

/// Which of the rows so far hold a value.
#[derive(Default)]
pub struct Validity(Vec<bool>);

impl Validity {
    /// Mark `row` as valid; returns the number of skipped rows before it, which are NULL.
    #[inline]
    pub fn advance(&mut self, row: usize) -> usize {
        let skipped = row - self.0.len();
        if skipped > 0 {
            self.0.resize(row, false);
        }
        self.0.push(true);
        skipped
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn truncate(&mut self, rows: usize) {
        self.0.truncate(rows);
    }

    /// Whether `row`, one of those so far, holds a value.
    pub fn holds(&self, row: usize) -> bool {
        self.0[row]
    }

    pub fn finish(mut self, rows: usize) -> Option<NullBuffer> {
        self.0.resize(rows, false);
        let mut builder = NullBufferBuilder::new(rows);
        builder.append_slice(&self.0);
        builder.finish()
    }
}
