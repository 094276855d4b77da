//! What Python sees of groups of batches.

use std::collections::HashSet;

use arrow_array::RecordBatch;
use arrow_pyarrow::PyArrowType;
use foldhash::fast::RandomState;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::decode::module::{Plan, ReferredLine, Report, lines, outside};
use crate::part::group;
use crate::part::order::day_of;
use crate::part::reference;

/// (number of the batch in the group, day since 1970 or None).
pub type BatchDay = (u32, Option<i64>);

/// The rows of a group of batches. `sort` ends the rows, `clear` begins anew.
#[pyclass]
pub struct Group {
    pub inner: group::Group,
}

#[pymethods]
impl Group {
    #[new]
    fn new(plan: &Plan) -> Self {
        Self {
            inner: group::Group::new(plan.block()),
        }
    }

    #[pyo3(signature = (batch_id, received_at, sent_as))]
    fn begin_batch(&mut self, batch_id: String, received_at: i64, sent_as: Option<String>) {
        self.inner.begin_batch(batch_id, received_at, sent_as);
    }

    /// Read the next bytes of a body of lines, cut anywhere.
    fn feed(&mut self, py: Python<'_>, chunk: &[u8]) {
        let inner = &mut self.inner;
        py.detach(|| inner.feed(chunk));
    }

    /// The body of lines has ended.
    fn end_lines(&mut self, py: Python<'_>) {
        let inner = &mut self.inner;
        py.detach(|| inner.end_lines());
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
        let block = &mut self.inner.block;
        py.detach(|| block.take_lines(first_number, content));
        Ok(())
    }

    fn take_record(&mut self, py: Python<'_>, number: i64, content: &[u8]) {
        let block = &mut self.inner.block;
        py.detach(|| block.take_record(number, content));
    }

    /// A line that is too long, of which only the start is known.
    fn take_overlong(&mut self, number: i64, start: &[u8], length: usize) {
        self.inner.block.take_overlong(number, start, length);
    }

    #[getter]
    fn rows(&self) -> usize {
        self.inner.block.row_count()
    }

    /// About how much memory the rows take.
    #[getter]
    fn held_bytes(&self) -> usize {
        self.inner.block.rows.held_bytes()
    }

    /// About how much memory the lines for the reference decoder take.
    #[getter]
    fn referred_bytes(&self) -> usize {
        self.inner.block.referred_bytes()
    }

    fn take_referred<'py>(&mut self, py: Python<'py>) -> Vec<ReferredLine<'py>> {
        lines(py, self.inner.block.take_referred())
    }

    /// Rows of the current batch that the reference decoder read.
    fn take_rows(&mut self, batch: PyArrowType<RecordBatch>) -> PyResult<()> {
        let rows = &mut self.inner.block.rows;
        reference::take_rows(rows, &batch.0)
            .map_err(|name| PyValueError::new_err(format!("{name} is not as decoded")))
    }

    /// What was found since the last report.
    fn report(&mut self) -> Report {
        Report {
            counts: self.inner.block.report(),
        }
    }

    /// The users of all rows.
    fn users(&self) -> Vec<String> {
        let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        self.inner.users().into_iter().map(shown).collect()
    }

    /// Put the rows in order; returns the days of each batch.
    fn sort(&mut self, py: Python<'_>) -> Vec<BatchDay> {
        let inner = &mut self.inner;
        py.detach(|| {
            inner.sort();
            days(inner)
        })
    }

    fn clear(&mut self) {
        self.inner.clear();
    }
}

/// Each day of each batch once, in the order in which they come.
fn days(group: &group::Group) -> Vec<BatchDay> {
    let Some(sorted) = &group.sorted else {
        return Vec::new();
    };
    let mut met = HashSet::with_hasher(RandomState::default());
    let mut found: Vec<BatchDay> = Vec::new();
    for (row, batch) in sorted.batch_of.iter().enumerate() {
        let each = (*batch, day_of(&group.block.rows, row));
        if found.last() != Some(&each) && met.insert(each) {
            found.push(each);
        }
    }
    found
}
