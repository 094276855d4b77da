//! The fast decoder of Logpush lines, as a Python module; schema/decoding/native_decoder.py is its only user.
//!
//! Lines go in, an Arrow record batch comes out, with the rules of the Python decoder to the last
//! byte. What is not sure here is handed back as "referred", for that decoder to judge. The GIL is
//! free while lines are read.

mod block;
mod column;
mod hashes;
mod number;
mod plan;
mod row;
pub mod scan;
mod time;

use arrow_array::{Array, RecordBatch, UInt64Array};
use arrow_data::ArrayData;
use arrow_pyarrow::PyArrowType;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use block::Told;
use plan::{FieldType, IdentityRule, Plan};

/// A piece being filled. `finish` empties it, and may be called once.
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
                    "{name}: no such type: {word}"
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
        let (batch, told) = py
            .detach(|| inner.finish())
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok((PyArrowType(batch), Report { told }))
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
    PyValueError::new_err("no such place in the buffer")
}

/// What a piece came to, beside its rows.
#[pyclass(frozen)]
struct Report {
    told: Told,
}

#[pymethods]
impl Report {
    #[getter]
    fn lines(&self) -> u64 {
        self.told.lines
    }

    #[getter]
    fn blank(&self) -> u64 {
        self.told.blank
    }

    /// Lines for the reference to judge: (number, bytes).
    #[getter]
    fn referred<'py>(&self, py: Python<'py>) -> Vec<(i64, Bound<'py, PyBytes>)> {
        let lines = self.told.referred.iter();
        lines
            .map(|(number, line)| (*number, PyBytes::new(py, line)))
            .collect()
    }

    #[getter]
    fn misfits(&self) -> Vec<(String, u64)> {
        self.told.misfits.clone()
    }

    #[getter]
    fn approximations(&self) -> Vec<(String, u64)> {
        self.told.approximations.clone()
    }

    #[getter]
    fn unknown(&self) -> Vec<(String, u64)> {
        self.told.unknown.clone()
    }

    #[getter]
    fn foreign(&self) -> u64 {
        self.told.foreign
    }

    /// The first row most of whose members the dataset does not know: (number, bytes).
    #[getter]
    fn foreign_sample<'py>(&self, py: Python<'py>) -> (i64, Bound<'py, PyBytes>) {
        (
            self.told.foreign_line,
            PyBytes::new(py, &self.told.foreign_sample),
        )
    }
}

/// Python's own counting of a byte takes a tenth of what decoding takes.
#[pyfunction]
fn count_newlines(content: &[u8], start: usize, end: usize) -> PyResult<usize> {
    let content = content.get(start..end).ok_or_else(outside)?;
    Ok(memchr::memchr_iter(b'\n', content).count())
}

/// Scans the members of every record in `content` and keeps nothing; how many there are. What
/// reading JSON costs at the least, for the bench.
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

/// A number for each row, the same for the same values; see hashes.rs.
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
