//! Where the values of each column of a part come from, and their chunk.

use std::collections::HashMap;
use std::io::Result;

use crate::decode::columns::column::Column;
use crate::decode::columns::fixed::Fixed;
use crate::decode::columns::lists::Lists;
use crate::decode::columns::text::Text;
use crate::decode::columns::texts::Texts;
use crate::part::encode::chunk::Chunk;
use crate::part::encode::encoder::{Encoder, Form, plain_text};
use crate::part::group::{Batch, Group};
use crate::part::schema::ColumnSpec;

enum Source<'a> {
    Text(&'a Text),
    Whole(&'a Fixed<i64>),
    Nanoseconds(&'a Fixed<i16>),
    Double(&'a Fixed<f64>),
    Truth(&'a Fixed<bool>),
    Texts(&'a Lists<Texts>),
    Wholes(&'a Lists<Vec<i64>>),
    LineNumbers,
    ReceivedAt,
    BatchText(fn(&Batch) -> Option<&str>),
}

pub struct Sources<'a> {
    group: &'a Group,
    batch_of: &'a [u32],
    by_name: HashMap<String, Source<'a>>,
}

impl<'a> Sources<'a> {
    pub fn new(group: &'a Group, batch_of: &'a [u32]) -> Self {
        let rows = &group.block.rows;
        let mut by_name: HashMap<String, Source> = [
            ("event_time", Source::Whole(&rows.event_time)),
            ("user_id", Source::Text(&rows.user_id)),
            ("user_source", Source::Text(&rows.user_source)),
            ("extra", Source::Text(&rows.extra)),
            ("line_number", Source::LineNumbers),
            ("received_at", Source::ReceivedAt),
            ("batch_id", Source::BatchText(|batch| Some(&batch.batch_id))),
            (
                "sent_as",
                Source::BatchText(|batch| batch.sent_as.as_deref()),
            ),
        ]
        .into_iter()
        .map(|(name, source)| (name.to_owned(), source))
        .collect();
        for (name, column) in rows.plan.fields.iter().zip(&rows.columns) {
            let source = match column {
                Column::Text(column) => Source::Text(column),
                Column::Whole(column) => Source::Whole(column),
                Column::Double(column) => Source::Double(column),
                Column::Truth(column) => Source::Truth(column),
                Column::Times(column) => {
                    let nanoseconds = Source::Nanoseconds(&column.nanoseconds);
                    by_name.insert(format!("{name}_ns"), nanoseconds);
                    Source::Whole(&column.microseconds)
                }
                Column::TextLists(column) => Source::Texts(column),
                Column::NumberLists(column) => Source::Wholes(column),
            };
            by_name.insert(name.clone(), source);
        }
        Self {
            group,
            batch_of,
            by_name,
        }
    }

    /// The chunk of a column for the rows in `order`; NULL in a column that decoding does not fill.
    pub fn chunk(&self, encoder: &mut Encoder, spec: &ColumnSpec, order: &[u32]) -> Result<Chunk> {
        let rows = self.group.block.row_count();
        let Some(source) = self.by_name.get(&spec.name) else {
            encoder.begin();
            return encoder.chunk(order.len(), 0, Form::Nothing, None);
        };
        match source {
            Source::Text(column) => encoder.text(column, order, rows, spec),
            Source::Whole(column) => encoder.whole(column, order, rows, spec),
            Source::Nanoseconds(column) => encoder.nanoseconds(column, order, rows, spec),
            Source::Double(column) => encoder.double(column, order, rows),
            Source::Truth(column) => encoder.truth(column, order, rows),
            Source::Texts(column) => encoder.list(column, order, |texts, place, page| {
                plain_text(page, texts.get(place));
            }),
            Source::Wholes(column) => encoder.list(column, order, |numbers, place, page| {
                page.extend_from_slice(&numbers[place].to_le_bytes());
            }),
            Source::LineNumbers => {
                let numbers = &self.group.block.rows.line_numbers;
                encoder.whole_of(order.iter().map(|row| numbers[*row as usize]), spec)
            }
            Source::ReceivedAt => {
                let batches = &self.group.batches;
                let batch = |row: &u32| &batches[self.batch_of[*row as usize] as usize];
                encoder.whole_of(order.iter().map(|row| batch(row).received_at), spec)
            }
            Source::BatchText(text) => {
                let batches = self.group.batches.iter();
                let texts: Vec<Option<&[u8]>> = batches
                    .map(|batch| text(batch).map(str::as_bytes))
                    .collect();
                encoder.batch_text(self.batch_of, &texts, order, spec)
            }
        }
    }
}
