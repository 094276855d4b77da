//! What Python sees of the writer of parts.

use std::collections::HashSet;

use arrow_array::RecordBatch;
use arrow_pyarrow::PyArrowType;
use foldhash::fast::RandomState;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::part::group;
use crate::part::module::{BatchDay, Group};
use crate::part::order::day_of;
use crate::part::schema::{ColumnSpec, Kind};
use crate::part::sources::Sources;
use crate::part::user_days;
use crate::part::writer;

/// A column of a part: name, type, the permanent numbers of the column and of its elements, whether
/// it has statistics, and the most values of its bloom filter.
type ColumnOption = (
    String,
    String,
    Option<i32>,
    Option<i32>,
    bool,
    Option<usize>,
);

/// What was written: bytes, rows, first and last time, first and last user, users by day.
type Written<'py> = (
    Bound<'py, PyBytes>,
    usize,
    Option<(i64, i64)>,
    Option<(String, String)>,
    PyArrowType<RecordBatch>,
);

/// Writes one part; Python stores the bytes that it returns.
#[pyclass]
pub struct PartWriter {
    inner: writer::PartWriter,
}

#[pymethods]
impl PartWriter {
    #[new]
    fn new(columns: Vec<ColumnOption>, sorted_by: Vec<String>, level: i32) -> PyResult<Self> {
        let columns = columns.into_iter().map(spec).collect::<PyResult<_>>()?;
        let inner = writer::PartWriter::new(columns, &sorted_by, level).map_err(failed)?;
        Ok(Self { inner })
    }

    /// Write the sorted rows of `days`, or all of them, in row groups of at most `rows_max`; the file
    /// has `first_row` rows before them.
    #[pyo3(signature = (group, days, rows_max, first_row))]
    fn write<'py>(
        &mut self,
        py: Python<'py>,
        group: PyRef<'_, Group>,
        days: Option<Vec<BatchDay>>,
        rows_max: usize,
        first_row: usize,
    ) -> PyResult<Written<'py>> {
        let inner = &mut self.inner;
        let group = &group.inner;
        let (bytes, order, found) = py.detach(|| {
            let (bytes, order) = written(inner, group, days, rows_max)?;
            let found = user_days::of_rows(&group.block.rows, &order, first_row);
            PyResult::Ok((bytes, order, found.map_err(failed)?))
        })?;
        let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let users = user_ends(group, &order);
        Ok((
            PyBytes::new(py, &bytes),
            order.len(),
            time_ends(group, &order),
            users.map(|(low, high)| (shown(low), shown(high))),
            PyArrowType(found),
        ))
    }

    /// The footer with its metadata, the last bytes of the file.
    fn finish<'py>(
        &mut self,
        py: Python<'py>,
        metadata: Vec<(String, String)>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.inner.finish(metadata).map_err(failed)?;
        Ok(PyBytes::new(py, &bytes))
    }
}

fn spec(column: ColumnOption) -> PyResult<ColumnSpec> {
    let (name, word, id, element_id, has_statistics, bloom_values_max) = column;
    let kind = Kind::named(&word)
        .ok_or_else(|| PyValueError::new_err(format!("{name}: unknown type {word}")))?;
    Ok(ColumnSpec {
        name,
        kind,
        id,
        element_id,
        has_statistics,
        bloom_values_max,
    })
}

fn failed(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

fn written(
    writer: &mut writer::PartWriter,
    group: &group::Group,
    days: Option<Vec<BatchDay>>,
    rows_max: usize,
) -> PyResult<(Vec<u8>, Vec<u32>)> {
    let sorted = group.sorted.as_ref();
    let sorted = sorted.ok_or_else(|| PyValueError::new_err("the rows are not sorted"))?;
    let mut order = sorted.order.clone();
    if let Some(days) = days {
        let days: HashSet<BatchDay, RandomState> = days.into_iter().collect();
        order.retain(|row| {
            let row = *row as usize;
            days.contains(&(sorted.batch_of[row], day_of(&group.block.rows, row)))
        });
    }
    let sources = Sources::new(group, &sorted.batch_of);
    let mut bytes = Vec::new();
    for rows in order.chunks(rows_max.max(1)) {
        bytes.append(&mut writer.write(&sources, rows).map_err(failed)?);
    }
    Ok((bytes, order))
}

fn time_ends(group: &group::Group, order: &[u32]) -> Option<(i64, i64)> {
    let times = &group.block.rows.event_time;
    let held = order.iter().map(|row| *row as usize);
    let held = held.filter(|row| times.rows.holds(*row));
    let each = held.map(|row| times.values[row]);
    each.clone().min().zip(each.max())
}

fn user_ends<'a>(group: &'a group::Group, order: &[u32]) -> Option<(&'a [u8], &'a [u8])> {
    let users = &group.block.rows.user_id;
    let mut held = order.iter().map(|row| *row as usize);
    let first = held.clone().find(|row| users.rows.holds(*row))?;
    let last = held.rfind(|row| users.rows.holds(*row))?;
    Some((users.text(first), users.text(last)))
}
