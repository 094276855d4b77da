//! Text columns: the dictionary of decoding becomes that of the chunk, or the texts are plain.

use std::io::Result;

use parquet::bloom_filter::Sbbf;

use crate::decode::columns::text::Text;
use crate::part::encode::chunk::{Bounds, Chunk};
use crate::part::encode::encoder::{Encoder, Form, plain_text};
use crate::part::schema::ColumnSpec;

/// A larger dictionary takes a reader more memory than it saves.
const DICTIONARY_BYTES_MAX: usize = 2 << 20;

/// A dictionary saves something once its texts are there twice on average.
const REPEATED_MIN: usize = 2;

/// One in a hundred values that are not there is taken for one that may be.
const FALSE_POSITIVES: f64 = 0.01;

/// Longer texts are no statistics, as in Arrow's writer: a footer would be as long as the rows.
const STATISTICS_BYTES_MAX: usize = 4_096;

const UNUSED: u32 = u32::MAX;

impl Encoder {
    pub fn text(
        &mut self,
        column: &Text,
        order: &[u32],
        rows: usize,
        spec: &ColumnSpec,
    ) -> Result<Chunk> {
        self.begin();
        let is_full = column.rows.is_full(rows);
        let values = if is_full {
            order.len()
        } else {
            self.note_present(order.iter().map(|row| column.rows.holds(*row as usize)))
        };
        if values == 0 {
            let mut chunk = self.chunk(order.len(), 0, Form::Nothing, None)?;
            chunk.bloom = bloom([].into_iter(), 0, spec)?;
            return Ok(chunk);
        }
        let used = self.codes_of(column, order, is_full);
        let is_worth_it =
            |used: &Vec<&[u8]>| used.len() == 1 || used.len() * REPEATED_MIN <= values;
        match used.filter(is_worth_it) {
            Some(used) => self.coded(order.len(), values, &used, spec),
            None => self.plain(column, order, is_full, spec),
        }
    }

    /// A column with one text for each batch; `codes` are the batches of the rows.
    pub fn batch_text(
        &mut self,
        codes: &[u32],
        texts: &[Option<&[u8]>],
        order: &[u32],
        spec: &ColumnSpec,
    ) -> Result<Chunk> {
        self.begin();
        let text = |row: &u32| texts[codes[*row as usize] as usize];
        let values = self.note_present(order.iter().map(|row| text(row).is_some()));
        if values == 0 {
            return self.chunk(order.len(), 0, Form::Nothing, None);
        }
        let mut code_of = vec![UNUSED; texts.len()];
        let mut used = Vec::new();
        for row in order {
            let Some(text) = text(row) else { continue };
            let code = &mut code_of[codes[*row as usize] as usize];
            if *code == UNUSED {
                *code = used.len() as u32;
                used.push(text);
            }
            self.codes.push(*code);
        }
        self.coded(order.len(), values, &used, spec)
    }

    /// Fill `codes`; returns the texts in the order of their codes. None: the column has no dictionary,
    /// or one that is too large for these rows.
    fn codes_of<'a>(
        &mut self,
        column: &'a Text,
        order: &[u32],
        is_full: bool,
    ) -> Option<Vec<&'a [u8]>> {
        let indices = column.indices()?;
        if is_full && column.values.len() == 1 {
            return Some(vec![column.values.get(0)]);
        }
        let mut code_of = vec![UNUSED; column.values.len()];
        let mut used = Vec::new();
        let mut bytes = 0;
        for row in order {
            let row = *row as usize;
            if !is_full && !column.rows.holds(row) {
                continue;
            }
            let code = &mut code_of[indices[row] as usize];
            if *code == UNUSED {
                *code = used.len() as u32;
                let text = column.values.get(indices[row] as usize);
                bytes += text.len();
                used.push(text);
            }
            self.codes.push(*code);
        }
        (bytes <= DICTIONARY_BYTES_MAX).then_some(used)
    }

    fn coded(
        &mut self,
        rows: usize,
        values: usize,
        used: &[&[u8]],
        spec: &ColumnSpec,
    ) -> Result<Chunk> {
        for text in used {
            plain_text(&mut self.dictionary, text);
        }
        let form = if used.len() == 1 {
            Form::Same
        } else {
            Form::Codes(used.len())
        };
        let mut chunk = self.chunk(rows, values, form, bounds(used, spec))?;
        chunk.bloom = bloom(used.iter().copied(), used.len(), spec)?;
        Ok(chunk)
    }

    fn plain(
        &mut self,
        column: &Text,
        order: &[u32],
        is_full: bool,
        spec: &ColumnSpec,
    ) -> Result<Chunk> {
        self.codes.clear();
        let held = order.iter().map(|row| *row as usize);
        let held = held.filter(|row| is_full || column.rows.holds(*row));
        let texts: Vec<&[u8]> = held.map(|row| column.text(row)).collect();
        let (bounds, filter) = (
            bounds(&texts, spec),
            bloom(texts.iter().copied(), texts.len(), spec)?,
        );
        let mut chunk = self.chunk(order.len(), texts.len(), Form::Texts(texts), bounds)?;
        chunk.bloom = filter;
        Ok(chunk)
    }
}

fn bounds(texts: &[&[u8]], spec: &ColumnSpec) -> Option<Bounds> {
    if !spec.has_statistics {
        return None;
    }
    let (low, high) = (texts.iter().min()?, texts.iter().max()?);
    let is_short = low.len() + high.len() <= STATISTICS_BYTES_MAX;
    is_short.then(|| Bounds::Texts(low.to_vec(), high.to_vec()))
}

fn bloom<'a>(
    texts: impl Iterator<Item = &'a [u8]>,
    count: usize,
    spec: &ColumnSpec,
) -> Result<Option<Sbbf>> {
    let Some(values_max) = spec.bloom_values_max else {
        return Ok(None);
    };
    let values = count.min(values_max).max(1) as u64;
    let filter = Sbbf::new_with_ndv_fpp(values, FALSE_POSITIVES);
    let mut filter = filter.map_err(std::io::Error::other)?;
    texts.for_each(|text| filter.insert(text));
    Ok(Some(filter))
}
