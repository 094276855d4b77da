//! What Python sees of the decoder.

use arrow_array::RecordBatch;
use arrow_pyarrow::PyArrowType;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::decode::batch;
use crate::decode::block::{self, Counts, LineLimits, Referred};
use crate::decode::plan::{self, FieldType, IdentityRule};

/// How records of one dataset are decoded; may be used by any number of blocks.
#[pyclass(frozen)]
pub struct Plan {
    plan: plan::Plan,
    kinds: Vec<FieldType>,
    limits: LineLimits,
}

#[pymethods]
impl Plan {
    /// `fields` are (name, type as the data files have it), `identity` (source, field, key or None),
    /// `lookups` the text fields by which an earlier row is looked up.
    #[new]
    fn new(
        fields: Vec<(String, String)>,
        event_time: Vec<String>,
        identity: Vec<(String, String, Option<String>)>,
        guesses_time: bool,
        lookups: Vec<String>,
        line_limits: (usize, usize),
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
        let (bytes_max, overlong_bytes_kept) = line_limits;
        Ok(Self {
            plan: plan::Plan::new(fields, &event_time, identity, guesses_time, &lookups),
            kinds,
            limits: LineLimits {
                bytes_max,
                overlong_bytes_kept,
            },
        })
    }
}

impl Plan {
    pub fn block(&self) -> block::Block {
        block::Block::new(self.plan.clone(), &self.kinds, self.limits)
    }
}

/// Builds one piece. `finish` ends it and can be called once.
#[pyclass]
pub struct Block {
    inner: Option<block::Block>,
}

#[pymethods]
impl Block {
    #[new]
    fn new(plan: &Plan) -> Self {
        Self {
            inner: Some(plan.block()),
        }
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

    /// The rows, the counts, and the lines for the reference decoder.
    fn finish<'py>(
        &mut self,
        py: Python<'py>,
    ) -> PyResult<(PyArrowType<RecordBatch>, Report, Vec<ReferredLine<'py>>)> {
        let mut inner = self.inner.take().ok_or_else(finished)?;
        let counts = inner.report();
        let referred = lines(py, inner.take_referred());
        let found = py
            .detach(|| batch::of_rows(inner.rows))
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok((PyArrowType(found), Report { counts }, referred))
    }
}

impl Block {
    fn open(&mut self) -> PyResult<&mut block::Block> {
        self.inner.as_mut().ok_or_else(finished)
    }
}

pub fn finished() -> PyErr {
    PyValueError::new_err("this block is finished")
}

pub fn outside() -> PyErr {
    PyValueError::new_err("start or end outside the buffer")
}

/// (number, bytes or their start, length).
pub type ReferredLine<'py> = (i64, Bound<'py, PyBytes>, usize);

pub fn lines(py: Python<'_>, referred: Vec<Referred>) -> Vec<ReferredLine<'_>> {
    let each = |line: Referred| (line.number, PyBytes::new(py, &line.content), line.length);
    referred.into_iter().map(each).collect()
}

/// Counts of a piece or a batch.
#[pyclass(frozen)]
pub struct Report {
    pub counts: Counts,
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

    /// How many of the lines are for the reference decoder.
    #[getter]
    fn referred(&self) -> u64 {
        self.counts.referred
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
