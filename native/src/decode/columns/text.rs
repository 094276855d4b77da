//! Text columns: a dictionary while values repeat, plain texts otherwise.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::decode::columns::guesses::Guess;
use crate::decode::columns::texts::{Texts, is_same};
use crate::decode::columns::validity::Validity;

/// A text column first checks after so many values whether its dictionary is worth keeping, and then
/// each time the number has doubled.
const FIRST_LOOK: usize = 512;

/// Finds a value in the dictionary. Each column has its own random seed, so that no sender can
/// prepare values that collide.
#[derive(Default)]
struct Known {
    table: HashTable<u32>,
    hasher: RandomState,
}

impl Known {
    fn index_of(&mut self, values: &mut Texts, text: &[u8]) -> i32 {
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

pub struct Text {
    pub rows: Validity,
    pub values: Texts,
    /// May be shorter than the rows: those that follow have the last index, or no value.
    indices: Vec<i32>,
    known: Option<Known>,
    /// Which values of the dictionary came without an escape.
    has_no_escape: Vec<bool>,
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
            has_no_escape: Vec::new(),
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

    pub fn has_dictionary(&self) -> bool {
        self.known.is_some()
    }

    pub fn held_bytes(&self) -> usize {
        let per_row = size_of::<bool>() + size_of::<i32>();
        self.values.held_bytes() + self.rows.len() * per_row
    }

    /// The bytes of a guess; None without a dictionary.
    #[inline(always)]
    pub fn guessed(&self, guess: Guess) -> Option<&[u8]> {
        self.known.as_ref()?;
        self.values.at(guess.span)
    }

    /// The last value as a guess for the next; None without a dictionary.
    pub fn last(&self) -> Option<Guess> {
        self.known.as_ref()?;
        let index = *self.indices.last()?;
        let at = index as usize;
        Some(Guess::of(
            index,
            self.values.span(at),
            self.has_no_escape[at],
        ))
    }

    /// The same value as in the last row; false if the column gave its dictionary up.
    #[inline(always)]
    pub fn push_same(&mut self, row: usize) -> bool {
        self.rows.advance(row);
        self.count()
    }

    /// A value of the dictionary; false if the column gave its dictionary up.
    #[inline(always)]
    pub fn push_index(&mut self, row: usize, index: i32) -> bool {
        self.rows.advance(row);
        self.settle(row);
        self.indices.push(index);
        self.count()
    }

    pub fn push(&mut self, row: usize, text: &[u8], has_no_escape: bool) {
        let skipped = self.rows.advance(row);
        if self.known.is_none() {
            if skipped > 0 {
                self.values.resize(row);
            }
            self.values.push(text);
            return;
        }
        self.settle(row);
        let Some(known) = &mut self.known else { return };
        let index = known.index_of(&mut self.values, text);
        self.has_no_escape.resize(self.values.len(), has_no_escape);
        self.indices.push(index);
        self.count();
    }

    #[inline(always)]
    fn count(&mut self) -> bool {
        self.pushed += 1;
        self.pushed != self.next_look || self.look()
    }

    /// Give every row before `rows` an index of its own.
    #[inline(always)]
    fn settle(&mut self, rows: usize) {
        if self.indices.len() < rows {
            let last = self.indices.last().copied().unwrap_or(0);
            self.indices.resize(rows, last);
        }
    }

    /// Replace the dictionary by plain texts if most values are new.
    fn look(&mut self) -> bool {
        self.next_look *= 2;
        if self.values.len() * 2 > self.pushed {
            self.settle(self.rows.len());
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
        self.known.is_some()
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

    /// End the column: the index of every row, if it has a dictionary.
    pub fn complete(&mut self, rows: usize) -> Option<&[i32]> {
        if self.known.is_some() {
            self.settle(rows);
        } else {
            self.values.resize(rows);
        }
        self.indices()
    }

    /// The index of every row of a complete column; None if it has no dictionary.
    pub fn indices(&self) -> Option<&[i32]> {
        self.known.as_ref().map(|_| self.indices.as_slice())
    }

    /// The text of a row of a complete column that holds one.
    pub fn text(&self, row: usize) -> &[u8] {
        match self.indices() {
            Some(indices) => self.values.get(indices[row] as usize),
            None => self.values.get(row),
        }
    }

    pub fn into_parts(self) -> (Validity, Texts, Option<Vec<i32>>) {
        let indices = self.known.map(|_| self.indices);
        (self.rows, self.values, indices)
    }
}
