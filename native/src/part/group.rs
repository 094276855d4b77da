//! The rows of a group of batches, from their lines to the order of a part.

use crate::decode::block::Block;
use crate::decode::lines::LineCutter;
use crate::part::order;

/// What the rows of a batch have in common; they end where those of the next batch begin.
pub struct Batch {
    pub batch_id: String,
    /// Microseconds since 1970.
    pub received_at: i64,
    pub sent_as: Option<String>,
    first_row: usize,
}

pub struct Group {
    pub block: Block,
    pub cutter: LineCutter,
    pub batches: Vec<Batch>,
    /// Once the rows are sorted.
    pub sorted: Option<Sorted>,
}

pub struct Sorted {
    /// All rows in the order of a part.
    pub order: Vec<u32>,
    /// The batch of each row.
    pub batch_of: Vec<u32>,
}

impl Group {
    pub fn new(block: Block) -> Self {
        Self {
            block,
            cutter: LineCutter::default(),
            batches: Vec::new(),
            sorted: None,
        }
    }

    pub fn begin_batch(&mut self, batch_id: String, received_at: i64, sent_as: Option<String>) {
        self.batches.push(Batch {
            batch_id,
            received_at,
            sent_as,
            first_row: self.block.row_count(),
        });
    }

    /// Read the next bytes of the batch.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.cutter.feed(chunk, &mut self.block);
    }

    /// The bytes of the batch have ended.
    pub fn end_lines(&mut self) {
        self.cutter.finish(&mut self.block);
    }

    /// Complete the columns and put the rows in order; no more rows may come before `clear`.
    pub fn sort(&mut self) {
        let rows = self.block.row_count();
        let found = &mut self.block.rows;
        for column in &mut found.columns {
            column.complete(rows);
        }
        found.event_time.complete(rows);
        for texts in [&mut found.user_id, &mut found.user_source, &mut found.extra] {
            texts.complete(rows);
        }
        self.sorted = Some(Sorted {
            order: order::of_rows(found),
            batch_of: self.batch_of(rows),
        });
    }

    fn batch_of(&self, rows: usize) -> Vec<u32> {
        let mut found = Vec::with_capacity(rows);
        for (number, batch) in self.batches.iter().enumerate() {
            found.resize(batch.first_row, (number as u32).saturating_sub(1));
        }
        found.resize(rows, (self.batches.len() as u32).saturating_sub(1));
        found
    }

    /// Begin without rows; the last batch may go on.
    pub fn clear(&mut self) {
        self.block.clear();
        self.sorted = None;
        let last = self.batches.pop();
        self.batches.clear();
        self.batches.extend(last.map(|batch| Batch {
            first_row: 0,
            ..batch
        }));
    }

    /// The users of all rows, each once.
    pub fn users(&self) -> Vec<&[u8]> {
        let users = &self.block.rows.user_id;
        let held = (0..users.values.len()).map(|index| users.values.get(index));
        let mut found: Vec<&[u8]> = held.collect();
        if !users.has_dictionary() {
            found.sort_unstable();
            found.dedup();
        }
        found
    }
}
