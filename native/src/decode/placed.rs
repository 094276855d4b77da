//! Stores a scanned value in its column, as far as it fits.

use crate::decode::columns::column::Column;
use crate::decode::json::number;
use crate::decode::json::scan::{Kind, Sure, Value};
use crate::decode::json::time::Time;
use crate::decode::json::value::{is_kept_as_text, numbers_of, text, texts_of, time, whole};
use crate::decode::plan::FieldType;
use crate::decode::record::Record;
use crate::decode::row::Rows;

/// How well a value fits into its column.
enum Fit {
    Exact,
    Approximate,
    Misfit,
}

impl Fit {
    fn exact_if(fits: bool) -> Self {
        if fits { Self::Exact } else { Self::Misfit }
    }
}

impl Rows {
    /// Also in `extra` if the column does not hold it exactly.
    pub(super) fn place(
        &mut self,
        row: usize,
        name: usize,
        (column, kind): (usize, FieldType),
        line: &[u8],
        value: &Value,
        key: &[u8],
    ) -> Sure<()> {
        if value.kind == Kind::Null {
            return Ok(());
        }
        let record = &mut self.record;
        let column = &mut self.columns[column];
        let time_rank = self.plan.names[name].time_rank;
        match fit(row, column, kind, line, value, record, time_rank)? {
            Fit::Exact => return Ok(()),
            Fit::Approximate => record.approximations.push(name),
            Fit::Misfit => record.misfits.push(name),
        }
        record.keep(key, value.sent(line));
        Ok(())
    }
}

fn fit(
    row: usize,
    column: &mut Column,
    kind: FieldType,
    line: &[u8],
    value: &Value,
    record: &mut Record,
    time_rank: Option<usize>,
) -> Sure<Fit> {
    Ok(match (column, value.kind) {
        (Column::Text(texts), Kind::Text { has_escape }) if kind == FieldType::String => {
            let found = text(line, value, has_escape, &mut record.scratch)?;
            texts.push(row, found, !has_escape);
            Fit::Exact
        }
        (Column::Text(texts), found) => {
            let fits = kind != FieldType::String && is_kept_as_text(kind, found);
            if fits {
                texts.push(row, value.sent(line), true);
            }
            Fit::exact_if(fits)
        }
        (Column::Whole(numbers), _) => match whole(line, value) {
            Some(number) => {
                numbers.push(row, number);
                Fit::Exact
            }
            None => Fit::Misfit,
        },
        (Column::Double(numbers), Kind::Number) => {
            let (nearest, is_exact) = number::nearest(value.inside(line))?;
            numbers.push(row, nearest);
            if is_exact {
                Fit::Exact
            } else {
                Fit::Approximate
            }
        }
        (Column::Double(_), _) => Fit::Misfit,
        (Column::Truth(truths), found) => {
            let fits = matches!(found, Kind::True | Kind::False);
            if fits {
                truths.push(row, found == Kind::True);
            }
            Fit::exact_if(fits)
        }
        (Column::Times(times), found) => {
            let found = match found {
                Kind::Text { has_escape: false } => times.minute.read(value.inside(line)),
                _ => time(line, value, &mut record.scratch)?,
            };
            if let Some(instant) = found.instant() {
                times.push(row, instant);
                if let Some(rank) = time_rank {
                    record.times[rank] = Some(instant.microseconds);
                }
            }
            match found {
                Time::Exact(_) => Fit::Exact,
                Time::Approximate(_) => Fit::Approximate,
                Time::Misfit => Fit::Misfit,
            }
        }
        (Column::TextLists(lists), found) => {
            let add = |text: &[u8]| lists.values.push(text);
            let fits = found == Kind::Array && texts_of(line, value, &mut record.scratch, add)?;
            if fits {
                lists.end_row(row);
            } else {
                lists.truncate(row);
            }
            Fit::exact_if(fits)
        }
        (Column::NumberLists(lists), found) => {
            let add = |number| lists.values.push(number);
            let fits = found == Kind::Array && numbers_of(line, value, add)?;
            if fits {
                lists.end_row(row);
            } else {
                lists.truncate(row);
            }
            Fit::exact_if(fits)
        }
    })
}
