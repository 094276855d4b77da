//! Takes lines and turns them into rows; lines that it is not sure of wait for the reference decoder.

use crate::decode::json::scan;
use crate::decode::plan::{FieldType, Name, Plan};
use crate::decode::row::Rows;

/// Text offsets have 32 bits; lines past half of that range go to the reference decoder.
const BLOCK_BYTES_MAX: usize = 1 << 30;

/// How long lines may be, and how much is kept of one that is too long.
#[derive(Clone, Copy)]
pub struct LineLimits {
    pub bytes_max: usize,
    pub overlong_bytes_kept: usize,
}

/// A line for the reference decoder: its number, its bytes or their start, and its whole length.
pub struct Referred {
    pub number: i64,
    pub content: Vec<u8>,
    pub length: usize,
}

pub struct Block {
    pub rows: Rows,
    pub limits: LineLimits,
    referred: Vec<Referred>,
    referred_bytes: usize,
    bytes: usize,
    lines: u64,
    blank: u64,
    referred_lines: u64,
}

/// What was found in the lines since the last report.
pub struct Counts {
    pub lines: u64,
    pub blank: u64,
    pub referred: u64,
    pub misfits: Vec<(String, u64)>,
    pub approximations: Vec<(String, u64)>,
    pub unknown: Vec<(String, u64)>,
    pub foreign: u64,
    pub foreign_sample: Vec<u8>,
    pub foreign_line: i64,
}

impl Block {
    pub fn new(plan: Plan, kinds: &[FieldType], limits: LineLimits) -> Self {
        Self {
            rows: Rows::new(plan, kinds),
            limits,
            referred: Vec::new(),
            referred_bytes: 0,
            bytes: 0,
            lines: 0,
            blank: 0,
            referred_lines: 0,
        }
    }

    pub fn row_count(&self) -> usize {
        self.rows.line_numbers.len()
    }

    pub fn referred_bytes(&self) -> usize {
        self.referred_bytes
    }

    /// Read whole lines and return how many they are. Only the last may lack its newline.
    pub fn take_lines(&mut self, first_number: i64, content: &[u8]) -> i64 {
        self.bytes += content.len();
        let is_text = simdutf8::basic::from_utf8(content).is_ok();
        let content = content.strip_suffix(b"\n").unwrap_or(content);
        let ends = memchr::memchr_iter(b'\n', content).chain([content.len()]);
        let (mut start, mut number) = (0, first_number);
        for end in ends {
            self.take(number, &content[start..end], is_text);
            start = end + 1;
            number += 1;
        }
        number - first_number
    }

    /// Read a single record, which may contain newlines.
    pub fn take_record(&mut self, number: i64, content: &[u8]) {
        self.bytes += content.len();
        self.take(number, content, simdutf8::basic::from_utf8(content).is_ok());
    }

    /// A line of which only the start is known.
    pub fn take_overlong(&mut self, number: i64, start: &[u8], length: usize) {
        self.lines += 1;
        self.refer(number, start, length);
    }

    fn take(&mut self, number: i64, line: &[u8], is_text: bool) {
        if line.len() > self.limits.bytes_max {
            return self.take_overlong(number, line, line.len());
        }
        self.lines += 1;
        if scan::is_blank(line) {
            self.blank += 1;
            return;
        }
        let is_readable =
            self.bytes <= BLOCK_BYTES_MAX && (is_text || simdutf8::basic::from_utf8(line).is_ok());
        if !is_readable || self.rows.read(number, line).is_err() {
            self.refer(number, line, line.len());
        }
    }

    fn refer(&mut self, number: i64, line: &[u8], length: usize) {
        let is_overlong = length > self.limits.bytes_max;
        let kept = if is_overlong {
            self.limits.overlong_bytes_kept.min(line.len())
        } else {
            line.len()
        };
        self.referred_lines += 1;
        self.referred_bytes += kept + size_of::<Referred>();
        self.referred.push(Referred {
            number,
            content: line[..kept].to_vec(),
            length,
        });
    }

    /// The lines for the reference decoder, in their order; the caller decodes them.
    pub fn take_referred(&mut self) -> Vec<Referred> {
        self.referred_bytes = 0;
        std::mem::take(&mut self.referred)
    }

    /// What was found since the last report; counting begins again.
    pub fn report(&mut self) -> Counts {
        let rows = &mut self.rows;
        let counts = Counts {
            lines: std::mem::take(&mut self.lines),
            blank: std::mem::take(&mut self.blank),
            referred: std::mem::take(&mut self.referred_lines),
            misfits: counted(&mut rows.plan.names, |name| &mut name.misfits),
            approximations: counted(&mut rows.plan.names, |name| &mut name.approximations),
            unknown: counted(&mut rows.plan.names, |name| &mut name.unknown),
            foreign: std::mem::take(&mut rows.foreign),
            foreign_sample: std::mem::take(&mut rows.foreign_sample),
            foreign_line: std::mem::take(&mut rows.foreign_line),
        };
        // A sender may invent names in every batch; those of an earlier one are not remembered.
        rows.plan.forget_unknown_names();
        counts
    }

    /// Begin without rows.
    pub fn clear(&mut self) {
        self.bytes = 0;
        self.rows.clear();
    }
}

fn counted(names: &mut [Name], count: fn(&mut Name) -> &mut u64) -> Vec<(String, u64)> {
    let found = names.iter_mut().map(|name| {
        let times = std::mem::take(count(name));
        (times, name)
    });
    let found = found.filter(|(times, _)| *times > 0);
    found.map(|(times, name)| (name.shown(), times)).collect()
}
