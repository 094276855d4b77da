//! Where the rows of a user are in a file, and those of a Ray ID.

use std::hash::Hasher;
use std::ops::Range;

use parquet::bloom_filter::Sbbf;
use parquet::file::reader::Length;
use twox_hash::XxHash64;

use super::file::Place;
use super::footer::{Chunk, Footer};
use super::pages::Unpacking;
use super::trouble::{Read, damaged, refused};
use super::values::Out;

pub const USER: &str = "user_id";
pub const TIME: &str = "event_time";
pub const RAY: &str = "RayID";

const OTHER_ROWS: &str = "the catalog tells of other rows of the user than it has";

/// A filter consists of blocks of so many bytes, of which a value sets bits in one.
const BLOCK_BYTES: usize = 32;

/// Rows of one row group, counted from its first.
pub type Found = (usize, Range<usize>);

pub struct Opened<'a> {
    pub place: &'a Place,
    pub footer: &'a Footer,
    pub unpacking: &'a mut Unpacking,
}

/// Which rows have a text.
struct Equal<'a> {
    text: &'a [u8],
    are: Vec<bool>,
}

impl<'a> Equal<'a> {
    fn to(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            are: vec![],
        }
    }
}

impl Out for Equal<'_> {
    fn null(&mut self) -> Read<()> {
        self.are.push(false);
        Ok(())
    }

    fn number(&mut self, _: i64) -> Read<()> {
        damaged("a number among texts")
    }

    fn text(&mut self, value: &[u8]) -> Read<()> {
        self.are.push(value == self.text);
        Ok(())
    }
}

/// The first and last row with a time in a period.
struct Within {
    since: i64,
    until: i64,
    row: usize,
    found: Option<Range<usize>>,
}

impl Out for Within {
    fn null(&mut self) -> Read<()> {
        self.row += 1;
        Ok(())
    }

    fn number(&mut self, value: i64) -> Read<()> {
        if (self.since..self.until).contains(&value) {
            let start = self.found.as_ref().map_or(self.row, |found| found.start);
            self.found = Some(start..self.row + 1);
        }
        self.row += 1;
        Ok(())
    }

    fn text(&mut self, _: &[u8]) -> Read<()> {
        damaged("a text among times")
    }
}

impl Opened<'_> {
    pub fn chunk(&self, name: &str, group: usize) -> Option<&Chunk> {
        self.footer.columns.get(name)?.as_ref()?.get(group)
    }

    pub fn give<O: Out>(&mut self, name: &str, (group, rows): &Found, out: &mut O) -> Read<()> {
        match self.footer.columns.get(name).and_then(Option::as_ref) {
            Some(chunks) => self.unpacking.give(
                self.place,
                &chunks[*group],
                self.footer.rows[*group],
                (rows.start, rows.end),
                out,
            ),
            None => rows.clone().try_for_each(|_| out.null()),
        }
    }

    /// The rows of a user: those of the stretch that the catalog tells, if it is right; without one,
    /// by the names of all rows of the row groups that may have it.
    pub fn of_user(&mut self, user: &str, told: Option<&Range<usize>>) -> Read<Vec<Found>> {
        let (mut found, mut first) = (vec![], 0);
        for group in 0..self.footer.rows.len() {
            let rows = self.footer.rows[group];
            // With the rows before and behind, which must be somebody else's.
            let looked_at = match (told, self.chunk(USER, group)) {
                (_, None) => 0..0,
                (Some(told), _) => within(told.start.saturating_sub(1)..told.end + 1, first, rows),
                (None, Some(chunk)) if may_be_in(chunk, user) => 0..rows,
                (None, _) => 0..0,
            };
            if !looked_at.is_empty() {
                let mut equal = Equal::to(user);
                self.give(USER, &(group, looked_at.clone()), &mut equal)?;
                let stretches = runs(&equal.are, looked_at.start);
                let here = told.map(|told| within(told.clone(), first, rows));
                if here.is_some_and(|here| {
                    !stretches
                        .iter()
                        .eq(Some(&here).filter(|here| !here.is_empty()))
                }) {
                    return refused(OTHER_ROWS);
                }
                found.extend(stretches.into_iter().map(|rows| (group, rows)));
            }
            first += rows;
        }
        let rows: usize = found.iter().map(|(_, rows)| rows.len()).sum();
        match told {
            Some(told) if told.len() != rows => refused(OTHER_ROWS),
            _ => Ok(found),
        }
    }

    /// The rows among these from the first to the last with a time in the period.
    pub fn within(&mut self, (group, rows): Found, since: i64, until: i64) -> Read<Option<Found>> {
        let mut within = Within {
            since,
            until,
            row: rows.start,
            found: None,
        };
        self.give(TIME, &(group, rows), &mut within)?;
        Ok(within.found.map(|rows| (group, rows)))
    }

    pub fn of_ray(&mut self, ray: &str) -> Read<Vec<Found>> {
        let mut found = vec![];
        for group in 0..self.footer.rows.len() {
            let Some(chunk) = self.chunk(RAY, group) else {
                continue;
            };
            if may_have(self.place, chunk, ray)? {
                let mut equal = Equal::to(ray);
                self.give(RAY, &(group, 0..self.footer.rows[group]), &mut equal)?;
                found.extend(runs(&equal.are, 0).into_iter().map(|rows| (group, rows)));
            }
        }
        Ok(found)
    }
}

/// Rows of the file as those of a row group, which begins at `first`.
fn within(of_file: Range<usize>, first: usize, rows: usize) -> Range<usize> {
    let place = |row: usize| row.clamp(first, first + rows) - first;
    place(of_file.start)..place(of_file.end)
}

fn may_be_in(chunk: &Chunk, user: &str) -> bool {
    let user = user.as_bytes();
    chunk
        .ends
        .as_ref()
        .is_none_or(|(low, high)| low.as_slice() <= user && user <= high.as_slice())
}

fn runs(are: &[bool], first: usize) -> Vec<Range<usize>> {
    let mut found = vec![];
    let mut at = 0;
    for run in are.chunk_by(|before, after| before == after) {
        if run[0] {
            found.push(first + at..first + at + run.len());
        }
        at += run.len();
    }
    found
}

/// One block of a filter decides, so no more of it is read.
fn may_have(place: &Place, chunk: &Chunk, text: &str) -> Read<bool> {
    let Some((from, bytes)) = chunk.bloom.filter(|&(from, bytes)| {
        bytes >= BLOCK_BYTES
            && from
                .checked_add(bytes as u64)
                .is_some_and(|end| end <= place.len())
    }) else {
        return Ok(true);
    };
    // The blocks are a power of two, and a header shorter than they are stands before them.
    let blocks = 1usize << (bytes / BLOCK_BYTES).ilog2();
    let mut hash = XxHash64::with_seed(0);
    hash.write(text.as_bytes());
    let block = ((hash.finish() >> 32) * blocks as u64) >> 32;
    let start = from + (bytes - blocks * BLOCK_BYTES) as u64;
    let held = place.read(start + block * BLOCK_BYTES as u64, BLOCK_BYTES)?;
    Ok(Sbbf::new(&held).check(text))
}
