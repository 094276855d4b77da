//! What the bench and the line cutter in Python call.

use pyo3::prelude::*;

use crate::decode::json::nested::colon_end;
use crate::decode::json::scan;
use crate::decode::module::outside;

/// Counting in Python takes a tenth of the decoding time.
#[pyfunction]
pub fn count_newlines(content: &[u8], start: usize, end: usize) -> PyResult<usize> {
    let content = content.get(start..end).ok_or_else(outside)?;
    Ok(memchr::memchr_iter(b'\n', content).count())
}

/// Scans the members of every record in `content` and returns their number: the least that reading
/// JSON costs, for the bench.
#[pyfunction]
pub fn walk(py: Python<'_>, content: &[u8]) -> usize {
    py.detach(|| {
        let ends = memchr::memchr_iter(b'\n', content).chain([content.len()]);
        let lines = ends.scan(0, |start, end| {
            Some(&content[std::mem::replace(start, end + 1)..end])
        });
        lines.map(|line| members(line).unwrap_or(0)).sum()
    })
}

fn members(line: &[u8]) -> scan::Sure<usize> {
    let mut count = 0;
    let mut at = scan::skip_space(line, 0) + 1;
    loop {
        let (key_end, _) = scan::text_end(line, scan::skip_space(line, at) + 1)?;
        let (value, after) = scan::value(line, colon_end(line, key_end + 1)?)?;
        std::hint::black_box(value.sent(line));
        count += 1;
        if line.get(after) != Some(&b',') {
            return Ok(count);
        }
        at = after + 1;
    }
}
