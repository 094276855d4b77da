//! The reader as Python sees it.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use arrow_pyarrow::PyArrowType;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::kept::{FileAsked, Kept};
use super::kind::Kind;
use super::question::{Asked, Question, UserAsked};
use super::trouble::Trouble;

/// Path, length and SHA-256 of the footer.
type PyFile = (String, usize, Vec<u8>);
/// Name, and the first row and the row behind the last, where the catalog tells them.
type PyUser = (String, Option<(usize, usize)>);
/// Rows, or whether the file is damaged, its path and why.
type Outcome = (
    Option<PyArrowType<RecordBatch>>,
    Option<(bool, String, String)>,
);

/// Keeps the footers of `chunks_max` column chunks. Several threads may ask at a time.
#[pyclass(frozen)]
pub struct Reader {
    kept: Kept,
}

#[pymethods]
impl Reader {
    #[new]
    fn new(chunks_max: usize) -> Self {
        Self {
            kept: Kept::new(chunks_max),
        }
    }

    /// The rows of users; of each file, those who may have rows in it.
    fn of_users(
        &self,
        py: Python<'_>,
        files: Vec<(PyFile, Vec<PyUser>)>,
        columns: Vec<(String, String)>,
        period: Option<(i64, i64)>,
        rows_max: usize,
    ) -> PyResult<Outcome> {
        let (files, users): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        let users = users
            .into_iter()
            .map(|each| each.into_iter().map(user).collect());
        let asked = Asked::Users(users.collect());
        self.answer(py, files, asked, columns, period, rows_max)
    }

    /// The rows that have this Ray ID.
    fn of_ray(
        &self,
        py: Python<'_>,
        files: Vec<PyFile>,
        ray: String,
        columns: Vec<(String, String)>,
        rows_max: usize,
    ) -> PyResult<Outcome> {
        self.answer(py, files, Asked::Ray(ray), columns, None, rows_max)
    }

    /// Of how many files footers are kept.
    #[getter]
    fn kept(&self) -> usize {
        self.kept.files()
    }
}

impl Reader {
    fn answer(
        &self,
        py: Python<'_>,
        files: Vec<PyFile>,
        asked: Asked,
        columns: Vec<(String, String)>,
        period: Option<(i64, i64)>,
        rows_max: usize,
    ) -> PyResult<Outcome> {
        let files = files
            .into_iter()
            .map(|(path, footer_bytes, footer_sha256)| FileAsked {
                path,
                footer_bytes,
                footer_sha256,
            });
        let question = Question {
            files: files.collect(),
            asked,
            columns: columns.into_iter().map(kind).collect::<PyResult<_>>()?,
            period,
            rows_max,
        };
        // The crate asserts what a footer should never break; no question ends a process.
        let answer = py.detach(|| catch_unwind(AssertUnwindSafe(|| question.answer(&self.kept))));
        Ok(match answer {
            Ok(Ok(rows)) => (Some(PyArrowType(rows)), None),
            Ok(Err((path, Trouble::Refused(why)))) => (None, Some((false, path, why))),
            Ok(Err((path, Trouble::Damaged(why)))) => (None, Some((true, path, why))),
            Err(_) => (
                None,
                Some((false, String::new(), "the reader failed".to_owned())),
            ),
        })
    }
}

fn user((name, rows): PyUser) -> UserAsked {
    UserAsked {
        name,
        rows: rows.map(|(from, to)| Range {
            start: from,
            end: to,
        }),
    }
}

fn kind((name, word): (String, String)) -> PyResult<(String, Kind)> {
    match Kind::named(&word) {
        Some(kind) => Ok((name, kind)),
        None => Err(PyValueError::new_err(format!(
            "{name}: unknown type {word}"
        ))),
    }
}
