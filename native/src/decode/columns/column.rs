//! The column of one field, filled a row at a time.
//!
//! A row without a value costs nothing: its NULL is added with the next value. `truncate` removes a
//! row that turns out to be unsure.

use crate::decode::columns::fixed::{Fixed, Times};
use crate::decode::columns::lists::Lists;
use crate::decode::columns::text::Text;
use crate::decode::columns::texts::Texts;

pub enum Column {
    Text(Text),
    Whole(Fixed<i64>),
    Double(Fixed<f64>),
    Truth(Fixed<bool>),
    Times(Times),
    TextLists(Lists<Texts>),
    NumberLists(Lists<Vec<i64>>),
}

/// The same call of whichever column it is.
macro_rules! each {
    ($column:expr, $inner:ident => $call:expr) => {
        match $column {
            Column::Text($inner) => $call,
            Column::Whole($inner) => $call,
            Column::Double($inner) => $call,
            Column::Truth($inner) => $call,
            Column::Times($inner) => $call,
            Column::TextLists($inner) => $call,
            Column::NumberLists($inner) => $call,
        }
    };
}

impl Column {
    pub fn truncate(&mut self, rows: usize) {
        each!(self, column => column.truncate(rows));
    }

    /// Give every one of so many rows a value or NULL.
    pub fn complete(&mut self, rows: usize) {
        each!(self, column => {
            column.complete(rows);
        });
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Column::Times(column) => column.microseconds.is_empty(),
            Column::TextLists(column) => column.rows.is_empty(),
            Column::NumberLists(column) => column.rows.is_empty(),
            Column::Text(column) => column.is_empty(),
            Column::Whole(column) => column.is_empty(),
            Column::Double(column) => column.is_empty(),
            Column::Truth(column) => column.is_empty(),
        }
    }

    /// About how much memory the values take.
    pub fn held_bytes(&self) -> usize {
        match self {
            Column::Times(column) => {
                column.microseconds.held_bytes() + column.nanoseconds.held_bytes()
            }
            Column::Text(column) => column.held_bytes(),
            Column::Whole(column) => column.held_bytes(),
            Column::Double(column) => column.held_bytes(),
            Column::Truth(column) => column.held_bytes(),
            Column::TextLists(column) => column.held_bytes(),
            Column::NumberLists(column) => column.held_bytes(),
        }
    }
}
