//! Decodes one line to one row, by the rules of row.py, coercion.py and identity.py in schema/.
//!
//! Every member of the record is stored in its column exactly, or in `extra` as it was sent, or
//! both. A line for which this is not certain goes to the reference decoder; nothing of it is kept.

use crate::decode::columns::column::Column;
use crate::decode::columns::fixed::Fixed;
use crate::decode::columns::guesses::{EarlierRows, Guess};
use crate::decode::columns::text::Text;
use crate::decode::columns::texts::is_same;
use crate::decode::json::nested::colon_end;
use crate::decode::json::scan::{self, Sure, Unsure};
use crate::decode::plan::{FieldType, Plan};
use crate::decode::record::Record;

/// Unknown names that one block may have before its lines go to the reference decoder.
const NAMES_MAX: usize = 4_096;

/// With fewer unknown members a record still counts as one of the dataset.
pub(super) const FOREIGN_MEMBERS_MIN: usize = 3;

pub struct Rows {
    pub plan: Plan,
    pub columns: Vec<Column>,
    pub event_time: Fixed<i64>,
    pub user_id: Text,
    pub user_source: Text,
    pub extra: Text,
    pub line_numbers: Vec<i64>,
    pub foreign: u64,
    pub foreign_sample: Vec<u8>,
    pub foreign_line: i64,
    pub(super) stamp: u64,
    pub(super) record: Record,
    pub(super) earlier: EarlierRows,
    /// The value of each column in the last row that had one.
    pub(super) guesses: Vec<Guess>,
    /// What each identity rule found in a value of its column's dictionary.
    pub(super) people: Vec<Vec<Option<Option<Vec<u8>>>>>,
    kinds: Vec<FieldType>,
}

impl Rows {
    pub fn new(plan: Plan, kinds: &[FieldType]) -> Self {
        Self {
            record: Record::new(plan.time_ranks, plan.identity.len()),
            columns: kinds.iter().map(|kind| kind.column()).collect(),
            earlier: EarlierRows::new(kinds.len(), plan.lookups),
            guesses: vec![Guess::NONE; kinds.len()],
            people: vec![Vec::new(); plan.identity.len()],
            kinds: kinds.to_vec(),
            plan,
            event_time: Fixed::default(),
            user_id: Text::new(),
            user_source: Text::new(),
            extra: Text::plain(),
            line_numbers: Vec::new(),
            foreign: 0,
            foreign_sample: Vec::new(),
            foreign_line: 0,
            stamp: 0,
        }
    }

    /// Begin without rows; what was learnt about names and their order stays.
    pub fn clear(&mut self) {
        self.columns = self.kinds.iter().map(|kind| kind.column()).collect();
        self.event_time = Fixed::default();
        self.user_id = Text::new();
        self.user_source = Text::new();
        self.extra = Text::plain();
        self.line_numbers.clear();
        self.earlier.clear();
        self.guesses.fill(Guess::NONE);
        self.people.iter_mut().for_each(Vec::clear);
    }

    /// About how much memory the rows take.
    pub fn held_bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(Column::held_bytes).sum();
        let texts = [&self.user_id, &self.user_source, &self.extra];
        let own: usize = texts.iter().map(|column| column.held_bytes()).sum();
        let numbers = self.event_time.held_bytes() + size_of_val(self.line_numbers.as_slice());
        columns + own + numbers
    }

    /// Read one line that is not blank. After Unsure nothing of it is kept.
    pub fn read(&mut self, line_number: i64, line: &[u8]) -> Sure<()> {
        let row = self.line_numbers.len();
        self.record.begin(line_number);
        self.earlier.begin_row();
        self.stamp += 1;
        if self.members(row, line).is_err() {
            for column in &mut self.columns {
                column.truncate(row);
            }
            self.forget_last_row();
            return Err(Unsure);
        }
        self.line_numbers.push(line_number);
        self.end_row(row, line);
        Ok(())
    }

    /// The last value of a column is not the one that would be guessed.
    pub fn forget_last_row(&mut self) {
        for guess in &mut self.guesses {
            guess.index = Guess::NONE.index;
        }
    }

    fn members(&mut self, row: usize, line: &[u8]) -> Sure<()> {
        let mut at = scan::skip_space(line, 0);
        if line.get(at) != Some(&b'{') {
            return Err(Unsure);
        }
        at = scan::skip_space(line, at + 1);
        let mut previous = 0;
        if line.get(at) != Some(&b'}') {
            loop {
                at = self.member(row, line, at, &mut previous)?;
                // Nearly all commas follow right after the value.
                if line.get(at) != Some(&b',') {
                    at = scan::skip_space(line, at);
                    match line.get(at) {
                        Some(b',') => {}
                        Some(b'}') => break,
                        _ => return Err(Unsure),
                    }
                }
                at = scan::skip_space(line, at + 1);
            }
        }
        if scan::skip_space(line, at + 1) == line.len() {
            Ok(())
        } else {
            Err(Unsure)
        }
    }

    /// Read the member at `at`; returns the position after its value.
    #[inline(always)]
    fn member(&mut self, row: usize, line: &[u8], at: usize, previous: &mut usize) -> Sure<usize> {
        let (name, key_end, start) = self.name(line, at, *previous)?;
        *previous = name;
        match self.guessed(row, name, line, start) {
            Some(after) => Ok(after),
            None => self.scanned(row, name, line, &line[at + 1..key_end], start),
        }
    }

    /// The name at `at`, the position of its closing quote, and the start of its value. Records of
    /// one job have the same order of names, so the name that followed last time is tried first.
    #[inline(always)]
    fn name(&mut self, line: &[u8], at: usize, previous: usize) -> Sure<(usize, usize, usize)> {
        if line.get(at) != Some(&b'"') {
            return Err(Unsure);
        }
        if let Some(before) = self.plan.uses.get(previous) {
            let next = before.next as usize;
            let spelled = self.plan.spelled(next);
            let end = at + 1 + spelled.len();
            if let Some(found) = line.get(at + 1..end)
                && is_same(found, spelled)
            {
                return Ok((next, end - 2, scan::skip_space(line, end)));
            }
        }
        self.look_up(line, at, previous)
    }

    #[cold]
    fn look_up(&mut self, line: &[u8], at: usize, previous: usize) -> Sure<(usize, usize, usize)> {
        let (end, has_escape) = scan::text_end(line, at + 1)?;
        let text = &line[at + 1..end];
        let found = self.plan.find(text);
        if has_escape || (found.is_none() && self.plan.names.len() >= NAMES_MAX) {
            return Err(Unsure);
        }
        let name = found.unwrap_or_else(|| self.plan.named(text));
        if let Some(before) = self.plan.uses.get_mut(previous) {
            before.next = name as u32;
        }
        Ok((name, end, colon_end(line, end + 1)?))
    }
}
