//! Builds one piece: takes lines, and gives one record batch and counts.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Field, Schema};

use crate::column;
use crate::plan::{FieldType, Name, Plan};
use crate::row::Rows;
use crate::scan;

/// Text offsets have 32 bits; lines past half of that range go to the reference decoder.
const PIECE_BYTES_MAX: usize = 1 << 30;

pub struct Block {
    rows: Rows,
    line_bytes_max: usize,
    bytes: usize,
    lines: u64,
    blank: u64,
    referred: Vec<(i64, Vec<u8>)>,
}

/// Counts and referred lines of a piece.
pub struct Counts {
    pub lines: u64,
    pub blank: u64,
    pub referred: Vec<(i64, Vec<u8>)>,
    pub misfits: Vec<(String, u64)>,
    pub approximations: Vec<(String, u64)>,
    pub unknown: Vec<(String, u64)>,
    pub foreign: u64,
    pub foreign_sample: Vec<u8>,
    pub foreign_line: i64,
}

impl Counts {
    fn of(rows: &Rows, lines: u64, blank: u64, referred: Vec<(i64, Vec<u8>)>) -> Self {
        let counted = |count: fn(&Name) -> u64| -> Vec<(String, u64)> {
            let names = rows.plan.names.iter();
            names
                .map(|name| (name.shown(), count(name)))
                .filter(|(_, times)| *times > 0)
                .collect()
        };
        Self {
            lines,
            blank,
            referred,
            misfits: counted(|name| name.misfits),
            approximations: counted(|name| name.approximations),
            unknown: counted(|name| name.unknown),
            foreign: rows.foreign,
            foreign_sample: rows.foreign_sample.clone(),
            foreign_line: rows.foreign_line,
        }
    }
}

impl Block {
    pub fn new(plan: Plan, kinds: &[FieldType], line_bytes_max: usize) -> Self {
        Self {
            rows: Rows::new(plan, kinds),
            line_bytes_max,
            bytes: 0,
            lines: 0,
            blank: 0,
            referred: Vec::new(),
        }
    }

    /// Read whole lines. Only the last may lack its newline.
    pub fn take_lines(&mut self, first_number: i64, content: &[u8]) {
        self.bytes += content.len();
        let is_text = simdutf8::basic::from_utf8(content).is_ok();
        let content = content.strip_suffix(b"\n").unwrap_or(content);
        let ends = memchr::memchr_iter(b'\n', content).chain([content.len()]);
        let mut start = 0;
        for (number, end) in (first_number..).zip(ends) {
            self.take(number, &content[start..end], is_text);
            start = end + 1;
        }
    }

    /// Read a single record, which may contain newlines.
    pub fn take_record(&mut self, number: i64, content: &[u8]) {
        self.bytes += content.len();
        self.take(number, content, simdutf8::basic::from_utf8(content).is_ok());
    }

    fn take(&mut self, number: i64, line: &[u8], is_text: bool) {
        self.lines += 1;
        if scan::is_blank(line) {
            self.blank += 1;
            return;
        }
        let is_readable = self.bytes <= PIECE_BYTES_MAX
            && line.len() <= self.line_bytes_max
            && (is_text || simdutf8::basic::from_utf8(line).is_ok());
        if !is_readable || self.rows.read(number, line).is_err() {
            self.referred.push((number, line.to_vec()));
        }
    }

    /// One batch of the columns that hold any value, and the counts.
    pub fn finish(self) -> Result<(RecordBatch, Counts), ArrowError> {
        let counts = Counts::of(&self.rows, self.lines, self.blank, self.referred);
        let Rows {
            plan,
            columns,
            event_time,
            user_id,
            user_source,
            extra,
            line_numbers,
            ..
        } = self.rows;
        let rows = line_numbers.len();
        let mut found: Vec<(String, ArrayRef)> = Vec::with_capacity(columns.len());
        if !event_time.is_empty() {
            found.push(("event_time".to_owned(), column::times(event_time, rows)?));
        }
        for (name, texts) in [
            ("user_id", user_id),
            ("user_source", user_source),
            ("extra", extra),
        ] {
            if !texts.is_empty() {
                found.push((name.to_owned(), texts.finish(rows)?));
            }
        }
        found.push((
            "line_number".to_owned(),
            Arc::new(Int64Array::from(line_numbers)),
        ));
        for (name, column) in plan.fields.iter().zip(columns) {
            column.finish(name, rows, &mut found)?;
        }
        let fields: Vec<Field> = found
            .iter()
            .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
            .collect();
        let arrays = found.into_iter().map(|(_, array)| array).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch =
            RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)?;
        Ok((batch, counts))
    }
}
