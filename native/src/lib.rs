//! The fast decoder of Logpush lines, as a Python module; schema/decoding/native_decoder.py is its only user.
//!
//! It decodes lines to an Arrow record batch with exactly the results of the Python decoder. Lines
//! that it cannot decode with certainty are returned as "referred" for the Python decoder. The GIL
//! is released while lines are read.

mod block;
mod column;
mod hashes;
mod members;
mod number;
mod plan;
mod row;
pub mod scan;
mod text;
mod time;
mod validity;
mod value;

use arrow_array::{Array, RecordBatch, UInt64Array};
use arrow_data::ArrayData;
use arrow_pyarrow::PyArrowType;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use block::Counts;
use plan::{FieldType, IdentityRule, Plan};

/// Builds one piece. `finish` ends it and can be called once.
#[pyclass]
struct Block {
    inner: Option<block::Block>,
}

#[pymethods]
impl Block {
    /// `fields` are (name, type as the data files have it), `identity` (source, field, key or None).
    #[new]
    fn new(
        fields: Vec<(String, String)>,
        event_time: Vec<String>,
        identity: Vec<(String, String, Option<String>)>,
        guesses_time: bool,
        line_bytes_max: usize,
    ) -> PyResult<Self> {
        let fields = fields
            .into_iter()
            .map(|(name, word)| match FieldType::named(&word) {
                Some(kind) => Ok((name, kind)),
                None => Err(PyValueError::new_err(format!(
                    "{name}: unknown type {word}"
                ))),
            })
            .collect::<PyResult<Vec<_>>>()?;
        let kinds: Vec<FieldType> = fields.iter().map(|(_, kind)| *kind).collect();
        let identity = identity
            .into_iter()
            .map(|(source, field, key)| IdentityRule { source, field, key })
            .collect();
        let plan = Plan::new(fields, &event_time, identity, guesses_time);
        Ok(Self {
            inner: Some(block::Block::new(plan, &kinds, line_bytes_max)),
        })
    }

    /// Read the whole lines in `buffer[start..end]`.
    fn take_lines(
        &mut self,
        py: Python<'_>,
        first_number: i64,
        buffer: &[u8],
        start: usize,
        end: usize,
    ) -> PyResult<()> {
        let content = buffer.get(start..end).ok_or_else(outside)?;
        let inner = self.open()?;
        py.detach(|| inner.take_lines(first_number, content));
        Ok(())
    }

    fn take_record(&mut self, py: Python<'_>, number: i64, content: &[u8]) -> PyResult<()> {
        let inner = self.open()?;
        py.detach(|| inner.take_record(number, content));
        Ok(())
    }

    fn finish(&mut self, py: Python<'_>) -> PyResult<(PyArrowType<RecordBatch>, Report)> {
        let inner = self.inner.take().ok_or_else(finished)?;
        let (batch, counts) = py
            .detach(|| inner.finish())
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok((PyArrowType(batch), Report { counts }))
    }
}

impl Block {
    fn open(&mut self) -> PyResult<&mut block::Block> {
        self.inner.as_mut().ok_or_else(finished)
    }
}

fn finished() -> PyErr {
    PyValueError::new_err("this block is finished")
}

fn outside() -> PyErr {
    PyValueError::new_err("start or end outside the buffer")
}

/// Counts and referred lines of a piece.
#[pyclass(frozen)]
struct Report {
    counts: Counts,
}

#[pymethods]
impl Report {
    #[getter]
    fn lines(&self) -> u64 {
        self.counts.lines
    }

    #[getter]
    fn blank(&self) -> u64 {
        self.counts.blank
    }

    /// Lines for the reference decoder: (number, bytes).
    #[getter]
    fn referred<'py>(&self, py: Python<'py>) -> Vec<(i64, Bound<'py, PyBytes>)> {
        let lines = self.counts.referred.iter();
        lines
            .map(|(number, line)| (*number, PyBytes::new(py, line)))
            .collect()
    }

    #[getter]
    fn misfits(&self) -> Vec<(String, u64)> {
        self.counts.misfits.clone()
    }

    #[getter]
    fn approximations(&self) -> Vec<(String, u64)> {
        self.counts.approximations.clone()
    }

    #[getter]
    fn unknown(&self) -> Vec<(String, u64)> {
        self.counts.unknown.clone()
    }

    #[getter]
    fn foreign(&self) -> u64 {
        self.counts.foreign
    }

    /// The first row with mostly unknown members: (number, bytes).
    #[getter]
    fn foreign_sample<'py>(&self, py: Python<'py>) -> (i64, Bound<'py, PyBytes>) {
        (
            self.counts.foreign_line,
            PyBytes::new(py, &self.counts.foreign_sample),
        )
    }
}

/// Counting in Python takes a tenth of the decoding time.
#[pyfunction]
fn count_newlines(content: &[u8], start: usize, end: usize) -> PyResult<usize> {
    let content = content.get(start..end).ok_or_else(outside)?;
    Ok(memchr::memchr_iter(b'\n', content).count())
}

/// Scans the members of every record in `content` and returns their number: the least that reading
/// JSON costs, for the bench.
#[pyfunction]
fn walk(py: Python<'_>, content: &[u8]) -> usize {
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
        let (value, after) = scan::value(line, scan::colon_end(line, key_end + 1)?)?;
        std::hint::black_box(value.sent(line));
        count += 1;
        if line.get(after) != Some(&b',') {
            return Ok(count);
        }
        at = after + 1;
    }
}

/// A hash for each row; see hashes.rs.
#[pyfunction]
fn row_hashes(py: Python<'_>, batch: PyArrowType<RecordBatch>) -> PyResult<PyArrowType<ArrayData>> {
    let hashes = py
        .detach(|| hashes::of_rows(&batch.0))
        .map_err(|kind| PyValueError::new_err(format!("no dataset has a column of {kind}")))?;
    Ok(PyArrowType(UInt64Array::from(hashes).into_data()))
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Block>()?;
    module.add_class::<Report>()?;
    module.add_function(wrap_pyfunction!(count_newlines, module)?)?;
    module.add_function(wrap_pyfunction!(row_hashes, module)?)?;
    module.add_function(wrap_pyfunction!(walk, module)?)?;
    Ok(())
}
