//! Numbers, times and truths: a dictionary where values repeat, differences otherwise.

use std::hash::BuildHasher;
use std::io::Result;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::decode::columns::fixed::Fixed;
use crate::part::encode::chunk::{Bounds, Chunk};
use crate::part::encode::encoder::{Encoder, Form};
use crate::part::schema::ColumnSpec;

/// Up to this range a table of all possible values finds a code without hashing.
const TABLE_RANGE_MAX: u64 = 16_384;

/// A dictionary of doubles saves something once each is there so often.
const DOUBLES_REPEAT: usize = 4;

/// A value of a dictionary takes a reader as much as this many bytes of differences.
const VALUE_BYTES: usize = 16;

const UNUSED: u32 = u32::MAX;

impl Encoder {
    pub fn whole(
        &mut self,
        column: &Fixed<i64>,
        order: &[u32],
        rows: usize,
        spec: &ColumnSpec,
    ) -> Result<Chunk> {
        let values = self.gather(column, order, rows, |number| number);
        if values == rows && is_same(&column.values) {
            let number = column.values[0];
            self.dictionary.extend_from_slice(&number.to_le_bytes());
            let bounds = spec
                .has_statistics
                .then_some(Bounds::Numbers(number, number));
            return self.chunk(order.len(), values, Form::Same, bounds);
        }
        self.wholes(order.len(), values, size_of::<i64>(), spec)
    }

    /// A column that has a number in each row.
    pub fn whole_of(
        &mut self,
        numbers: impl Iterator<Item = i64>,
        spec: &ColumnSpec,
    ) -> Result<Chunk> {
        self.begin();
        self.numbers.extend(numbers);
        let rows = self.numbers.len();
        self.wholes(rows, rows, size_of::<i64>(), spec)
    }

    pub fn nanoseconds(
        &mut self,
        column: &Fixed<i16>,
        order: &[u32],
        rows: usize,
        spec: &ColumnSpec,
    ) -> Result<Chunk> {
        let values = self.gather(column, order, rows, i64::from);
        self.wholes(order.len(), values, size_of::<i32>(), spec)
    }

    pub fn double(&mut self, column: &Fixed<f64>, order: &[u32], rows: usize) -> Result<Chunk> {
        let values = self.gather(column, order, rows, |number| number.to_bits() as i64);
        let form = if values == 0 {
            Form::Nothing
        } else {
            let used = self.coded_by_hash(size_of::<f64>(), values / DOUBLES_REPEAT);
            used.map_or(Form::Doubles, Form::Codes)
        };
        self.chunk(order.len(), values, form, None)
    }

    pub fn truth(&mut self, column: &Fixed<bool>, order: &[u32], rows: usize) -> Result<Chunk> {
        let values = self.gather(column, order, rows, i64::from);
        self.codes
            .extend(self.numbers.iter().map(|truth| *truth as u32));
        let form = if values == 0 {
            Form::Nothing
        } else {
            Form::Bits
        };
        self.chunk(order.len(), values, form, None)
    }

    /// Fill `numbers` and `present`; returns how many rows have a value.
    fn gather<T: Copy + Default>(
        &mut self,
        column: &Fixed<T>,
        order: &[u32],
        rows: usize,
        number: impl Fn(T) -> i64,
    ) -> usize {
        self.begin();
        let held = order.iter().map(|row| *row as usize);
        if column.rows.is_full(rows) {
            self.numbers
                .extend(held.map(|row| number(column.values[row])));
            return order.len();
        }
        self.note_present(held.clone().map(|row| column.rows.holds(row)));
        let held = held.filter(|row| column.rows.holds(*row));
        self.numbers
            .extend(held.map(|row| number(column.values[row])));
        self.numbers.len()
    }

    fn wholes(
        &mut self,
        rows: usize,
        values: usize,
        size: usize,
        spec: &ColumnSpec,
    ) -> Result<Chunk> {
        let (Some(least), Some(most)) = (
            self.numbers.iter().copied().min(),
            self.numbers.iter().copied().max(),
        ) else {
            return self.chunk(rows, 0, Form::Nothing, None);
        };
        let range = most.wrapping_sub(least) as u64;
        let width = (u64::BITS - range.leading_zeros() + 1) as usize;
        let used_max = (values * width / 8 / VALUE_BYTES).max(1);
        let used = if range < TABLE_RANGE_MAX {
            self.coded_by_table(least, range as usize, size, used_max)
        } else {
            self.coded_by_hash(size, used_max)
        };
        let bounds = spec.has_statistics.then_some(Bounds::Numbers(least, most));
        let form = match used {
            Some(1) => Form::Same,
            Some(used) => Form::Codes(used),
            None => Form::Deltas,
        };
        self.chunk(rows, values, form, bounds)
    }

    /// Fill `codes` and `dictionary`; None if there are more than `used_max` values.
    fn coded_by_table(
        &mut self,
        least: i64,
        range: usize,
        size: usize,
        used_max: usize,
    ) -> Option<usize> {
        let mut code_of = vec![UNUSED; range + 1];
        let mut used = 0;
        for number in &self.numbers {
            let code = &mut code_of[number.wrapping_sub(least) as usize];
            if *code == UNUSED {
                if used == used_max {
                    return self.without_codes();
                }
                *code = used as u32;
                used += 1;
                self.dictionary
                    .extend_from_slice(&number.to_le_bytes()[..size]);
            }
            self.codes.push(*code);
        }
        Some(used)
    }

    fn coded_by_hash(&mut self, size: usize, used_max: usize) -> Option<usize> {
        let mut table: HashTable<(i64, u32)> = HashTable::new();
        let hasher = RandomState::default();
        let mut last: Option<(i64, u32)> = None;
        for number in &self.numbers {
            if let Some((same, code)) = last
                && same == *number
            {
                self.codes.push(code);
                continue;
            }
            let hash = hasher.hash_one(number);
            let found = table.find(hash, |held| held.0 == *number).copied();
            let held = match found {
                Some(held) => held,
                None if table.len() >= used_max => return self.without_codes(),
                None => {
                    let held = (*number, table.len() as u32);
                    table.insert_unique(hash, held, |held| hasher.hash_one(held.0));
                    self.dictionary
                        .extend_from_slice(&number.to_le_bytes()[..size]);
                    held
                }
            };
            last = Some(held);
            self.codes.push(held.1);
        }
        Some(table.len())
    }

    fn without_codes(&mut self) -> Option<usize> {
        self.codes.clear();
        self.dictionary.clear();
        None
    }
}

fn is_same(values: &[i64]) -> bool {
    values
        .first()
        .is_some_and(|first| values.iter().all(|value| value == first))
}
