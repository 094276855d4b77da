//! Decodes one line to one row, by the rules of row.py, coercion.py and identity.py in schema/.
//!
//! Every member of the record is stored in its column exactly, or in `extra` as it was sent, or
//! both. A line for which this is not certain goes to the reference decoder; nothing of it is kept.

use crate::column::{Column, Fixed};
use crate::number;
use crate::plan::{FieldType, Plan};
use crate::scan::{self, Kind, Sure, Unsure, Value};
use crate::text::{Text, is_same};
use crate::time::{Instant, Time};
use crate::value::{is_kept_as_text, numbers_of, text, texts_of, time, user, whole};

/// Unknown names that one piece may have before its lines go to the reference decoder.
const NAMES_MAX: usize = 4_096;

/// 2010, when Cloudflare started. An earlier value is a duration or a counter, not a time.
const GUESSED_MICROSECONDS_MIN: i64 = 1_262_304_000_000_000;

/// With fewer unknown members a record still counts as one of the dataset.
const FOREIGN_MEMBERS_MIN: usize = 3;

/// How well a value fits into its column.
enum Fit {
    Exact,
    Approximate,
    Misfit,
}

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
    stamp: u64,
    record: Record,
}

/// The state of the record that is being read.
#[derive(Default)]
struct Record {
    line_number: i64,
    members: usize,
    unknown: usize,
    /// The time found under each of the dataset's time names.
    times: Vec<Option<i64>>,
    guessed_time: Option<i64>,
    /// The unescaped text that each identity rule found.
    users: Vec<Option<Vec<u8>>>,
    extra: Vec<u8>,
    scratch: Vec<u8>,
    /// The names to count when the line has become a row.
    misfits: Vec<usize>,
    approximations: Vec<usize>,
    unknown_names: Vec<usize>,
}

impl Record {
    fn begin(&mut self, line_number: i64) {
        self.line_number = line_number;
        self.members = 0;
        self.unknown = 0;
        self.times.fill(None);
        self.guessed_time = None;
        self.users.fill(None);
        self.extra.clear();
        self.misfits.clear();
        self.approximations.clear();
        self.unknown_names.clear();
    }

    fn keep(&mut self, key: &[u8], sent: &[u8]) {
        self.extra.extend_from_slice(if self.extra.is_empty() {
            b"{\""
        } else {
            b",\""
        });
        self.extra.extend_from_slice(key);
        self.extra.extend_from_slice(b"\":");
        self.extra.extend_from_slice(sent);
    }
}

impl Rows {
    pub fn new(plan: Plan, kinds: &[FieldType]) -> Self {
        let record = Record {
            times: vec![None; plan.time_ranks],
            users: vec![None; plan.identity.len()],
            ..Record::default()
        };
        Self {
            columns: kinds.iter().map(|kind| kind.column()).collect(),
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
            record,
        }
    }

    /// Read one line that is not blank. After Unsure nothing of it is kept.
    pub fn read(&mut self, line_number: i64, line: &[u8]) -> Sure<()> {
        let row = self.line_numbers.len();
        self.record.begin(line_number);
        self.stamp += 1;
        if self.members(row, line).is_err() {
            for column in &mut self.columns {
                column.truncate(row);
            }
            return Err(Unsure);
        }
        self.line_numbers.push(line_number);
        self.end_row(row, line);
        Ok(())
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
                match line.get(at) {
                    Some(b',') => at = scan::skip_space(line, at + 1),
                    Some(b'}') => break,
                    _ => return Err(Unsure),
                }
            }
        }
        if scan::skip_space(line, at + 1) == line.len() {
            Ok(())
        } else {
            Err(Unsure)
        }
    }

    /// Read the member at `at`; returns the position of the comma or bracket after it.
    fn member(&mut self, row: usize, line: &[u8], at: usize, previous: &mut usize) -> Sure<usize> {
        let (name, key_end, start) = self.name(line, at, *previous)?;
        *previous = name;
        let (value, after) = scan::value(line, start)?;
        let known = &mut self.plan.names[name];
        if known.stamp == self.stamp {
            // A repeated name: the reference decoder decides which counts.
            return Err(Unsure);
        }
        known.stamp = self.stamp;
        self.record.members += 1;
        if !known.identity.is_empty() {
            self.identify(name, line, &value)?;
        }
        let key = &line[at + 1..key_end];
        match self.plan.names[name].column {
            Some((column, kind)) => self.place(row, name, column, kind, line, &value, key)?,
            None => {
                self.record.unknown += 1;
                self.record.unknown_names.push(name);
                self.record.keep(key, value.sent(line));
                self.tell_time(name, line, &value)?;
            }
        }
        Ok(scan::skip_space(line, after))
    }

    /// The name at `at`, the position of its closing quote, and the start of its value. Records of
    /// one job have the same order of names, so the name that followed last time is tried first.
    #[inline]
    fn name(&mut self, line: &[u8], at: usize, previous: usize) -> Sure<(usize, usize, usize)> {
        if line.get(at) != Some(&b'"') {
            return Err(Unsure);
        }
        if let Some(before) = self.plan.names.get(previous) {
            let guess = &self.plan.names[before.next];
            let end = at + 1 + guess.spelled.len();
            if let Some(found) = line.get(at + 1..end)
                && is_same(found, &guess.spelled)
            {
                return Ok((before.next, end - 2, scan::skip_space(line, end)));
            }
        }
        self.look_up(line, at, previous)
    }

    fn look_up(&mut self, line: &[u8], at: usize, previous: usize) -> Sure<(usize, usize, usize)> {
        let (end, has_escape) = scan::text_end(line, at + 1)?;
        let text = &line[at + 1..end];
        let found = self.plan.find(text);
        if has_escape || (found.is_none() && self.plan.names.len() >= NAMES_MAX) {
            return Err(Unsure);
        }
        let name = found.unwrap_or_else(|| self.plan.named(text));
        if let Some(before) = self.plan.names.get_mut(previous) {
            before.next = name;
        }
        Ok((name, end, scan::colon_end(line, end + 1)?))
    }

    #[allow(clippy::too_many_arguments)] // they describe one value and its column
    fn place(
        &mut self,
        row: usize,
        name: usize,
        column: usize,
        kind: FieldType,
        line: &[u8],
        value: &Value,
        key: &[u8],
    ) -> Sure<()> {
        if value.kind == Kind::Null {
            return Ok(());
        }
        let record = &mut self.record;
        let fit = match (&mut self.columns[column], kind) {
            (Column::Text(texts), FieldType::String) => match value.kind {
                Kind::Text { has_escape } => {
                    texts.push(row, text(line, value, has_escape, &mut record.scratch)?);
                    Fit::Exact
                }
                _ => Fit::Misfit,
            },
            (Column::Text(texts), _) => {
                if is_kept_as_text(kind, value.kind) {
                    texts.push(row, value.sent(line));
                    Fit::Exact
                } else {
                    Fit::Misfit
                }
            }
            (Column::Whole(numbers), _) => match whole(line, value) {
                Some(number) => {
                    numbers.push(row, number);
                    Fit::Exact
                }
                None => Fit::Misfit,
            },
            (Column::Double(numbers), _) if value.kind == Kind::Number => {
                let (nearest, is_exact) = number::nearest(value.inside(line))?;
                numbers.push(row, nearest);
                if is_exact {
                    Fit::Exact
                } else {
                    Fit::Approximate
                }
            }
            (Column::Double(_), _) => Fit::Misfit,
            (Column::Truth(truths), _) => match value.kind {
                Kind::True | Kind::False => {
                    truths.push(row, value.kind == Kind::True);
                    Fit::Exact
                }
                _ => Fit::Misfit,
            },
            (Column::Times(times), _) => {
                let found = time(line, value, &mut record.scratch)?;
                if let Some(instant) = found.instant() {
                    times.push(row, instant);
                    if let Some(rank) = self.plan.names[name].time_rank {
                        record.times[rank] = Some(instant.microseconds);
                    }
                }
                match found {
                    Time::Exact(_) => Fit::Exact,
                    Time::Approximate(_) => Fit::Approximate,
                    Time::Misfit => Fit::Misfit,
                }
            }
            (Column::TextLists(lists), _) => {
                if value.kind == Kind::Array
                    && texts_of(line, value, &mut record.scratch, |text| lists.add(text))?
                {
                    lists.end_row(row);
                    Fit::Exact
                } else {
                    lists.truncate(row);
                    Fit::Misfit
                }
            }
            (Column::NumberLists(lists), _) => {
                if value.kind == Kind::Array && numbers_of(line, value, |number| lists.add(number))?
                {
                    lists.end_row(row);
                    Fit::Exact
                } else {
                    lists.truncate(row);
                    Fit::Misfit
                }
            }
        };
        match fit {
            Fit::Exact => return Ok(()),
            Fit::Approximate => record.approximations.push(name),
            Fit::Misfit => record.misfits.push(name),
        }
        record.keep(key, value.sent(line));
        Ok(())
    }

    /// Use a member without a column for the event time.
    fn tell_time(&mut self, name: usize, line: &[u8], value: &Value) -> Sure<()> {
        let name = &self.plan.names[name];
        if name.time_rank.is_none() && !(name.may_be_time && self.record.guessed_time.is_none()) {
            return Ok(());
        }
        let Some(Instant { microseconds, .. }) =
            time(line, value, &mut self.record.scratch)?.instant()
        else {
            return Ok(());
        };
        match name.time_rank {
            Some(rank) => self.record.times[rank] = Some(microseconds),
            None if microseconds >= GUESSED_MICROSECONDS_MIN => {
                self.record.guessed_time = Some(microseconds);
            }
            None => {}
        }
        Ok(())
    }

    fn identify(&mut self, name: usize, line: &[u8], value: &Value) -> Sure<()> {
        for rule in &self.plan.names[name].identity {
            self.record.users[*rule] = user(&self.plan.identity[*rule], line, value)?;
        }
        Ok(())
    }

    fn end_row(&mut self, row: usize, line: &[u8]) {
        let record = &mut self.record;
        if !record.extra.is_empty() {
            record.extra.push(b'}');
            self.extra.push(row, &record.extra);
        }
        let told = record
            .times
            .iter()
            .find_map(|time| *time)
            .or(record.guessed_time);
        if let Some(microseconds) = told {
            self.event_time.push(row, microseconds);
        }
        let named = record.users.iter().position(Option::is_some);
        if let Some(rule) = named {
            self.user_id
                .push(row, record.users[rule].as_deref().unwrap_or_default());
            self.user_source
                .push(row, self.plan.identity[rule].source.as_bytes());
        }
        for name in &record.misfits {
            self.plan.names[*name].misfits += 1;
        }
        for name in &record.approximations {
            self.plan.names[*name].approximations += 1;
        }
        for name in &record.unknown_names {
            self.plan.names[*name].unknown += 1;
        }
        let known = record.members - record.unknown;
        let is_foreign = record.unknown > known && record.unknown >= FOREIGN_MEMBERS_MIN;
        if is_foreign && !self.columns.is_empty() {
            if self.foreign == 0 {
                self.foreign_sample = line.to_vec();
                self.foreign_line = record.line_number;
            }
            self.foreign += 1;
        }
    }
}
