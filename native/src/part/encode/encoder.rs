//! Buffers for one column chunk after the other, and how values become pages.

use parquet::basic::Encoding;

use crate::part::encode::bits::{hybrid, levels, pack, repeated, same_levels, width_of};
use crate::part::encode::chunk::{Bounds, Chunk};
use crate::part::encode::delta::delta;
use crate::part::encode::pages::{PageKind, Pages};

/// A reader unpacks a page as a whole; as many rows as Arrow's writer puts into one.
const PAGE_ROWS_MAX: usize = 20_000;

/// Texts that fill as much end a page earlier.
const PAGE_BYTES: usize = 1 << 20;

/// How the values of a chunk are written.
pub enum Form<'a> {
    /// None of the rows has a value.
    Nothing,
    /// `codes` of a dictionary with so many values.
    Codes(usize),
    /// Every value is the only one of the dictionary.
    Same,
    /// `numbers` as differences.
    Deltas,
    /// `numbers` as the bits of doubles.
    Doubles,
    /// `codes` as bits.
    Bits,
    Texts(Vec<&'a [u8]>),
}

impl Form<'_> {
    pub fn encoding(&self) -> Encoding {
        match self {
            Form::Codes(_) | Form::Same => Encoding::RLE_DICTIONARY,
            Form::Deltas => Encoding::DELTA_BINARY_PACKED,
            Form::Nothing | Form::Doubles | Form::Bits | Form::Texts(_) => Encoding::PLAIN,
        }
    }

    fn dictionary_values(&self) -> usize {
        match self {
            Form::Codes(values) => *values,
            Form::Same => 1,
            _ => 0,
        }
    }
}

pub struct Encoder {
    pub pages: Pages,
    pub page: Vec<u8>,
    /// The plain values of the dictionary.
    pub dictionary: Vec<u8>,
    pub codes: Vec<u32>,
    pub numbers: Vec<i64>,
    /// 1 for a row with a value, 0 for NULL; empty if every row has a value.
    pub present: Vec<u32>,
}

impl Encoder {
    pub fn new(level: i32) -> std::io::Result<Self> {
        Ok(Self {
            pages: Pages::new(level)?,
            page: Vec::new(),
            dictionary: Vec::new(),
            codes: Vec::new(),
            numbers: Vec::new(),
            present: Vec::new(),
        })
    }

    pub fn begin(&mut self) {
        self.dictionary.clear();
        self.codes.clear();
        self.numbers.clear();
        self.present.clear();
    }

    /// Note which of the rows have a value; returns how many.
    pub fn note_present(&mut self, held: impl Iterator<Item = bool>) -> usize {
        self.present.extend(held.map(u32::from));
        let values = self.present.iter().map(|held| *held as usize).sum();
        if values == self.present.len() {
            self.present.clear();
        }
        values
    }

    /// The chunk of a column that is no list.
    pub fn chunk(
        &mut self,
        rows: usize,
        values: usize,
        form: Form<'_>,
        bounds: Option<Bounds>,
    ) -> std::io::Result<Chunk> {
        let (mut row, mut value) = (0, 0);
        while row == 0 || row < rows {
            let (end, value_end) = self.page_end(row, value, rows, &form);
            self.page.clear();
            if self.present.is_empty() {
                same_levels(&mut self.page, u32::from(values > 0), end - row);
            } else {
                levels(&mut self.page, &self.present[row..end], 1);
            }
            self.put_values(&form, value, value_end);
            if row == 0 {
                let length = self.page.len();
                self.pages
                    .begin(&self.dictionary, form.dictionary_values(), length)?;
            }
            self.pages
                .put(PageKind::Data, &self.page, end - row, form.encoding())?;
            (row, value) = (end, value_end);
            if rows == 0 {
                break;
            }
        }
        let has_dictionary = form.dictionary_values() > 0;
        Ok(self.finished(
            rows,
            rows,
            rows - values,
            form.encoding(),
            has_dictionary,
            bounds,
        ))
    }

    pub fn finished(
        &mut self,
        rows: usize,
        values: usize,
        nulls: usize,
        encoding: Encoding,
        has_dictionary: bool,
        bounds: Option<Bounds>,
    ) -> Chunk {
        Chunk {
            bytes: std::mem::take(&mut self.pages.bytes),
            full_bytes: self.pages.full_bytes,
            is_packed: self.pages.is_packed,
            has_dictionary,
            first_data_page: self.pages.first_data_page,
            encoding,
            rows,
            values,
            nulls,
            has_statistics: bounds.is_some() || nulls == rows,
            bounds,
            bloom: None,
        }
    }

    /// Where the page that begins at `row` and `value` ends.
    fn page_end(&self, row: usize, value: usize, rows: usize, form: &Form) -> (usize, usize) {
        let mut end = rows.min(row + PAGE_ROWS_MAX);
        if let Form::Texts(texts) = form {
            let (mut at, mut bytes) = (value, 0);
            for each in row..end {
                if self.present.is_empty() || self.present[each] == 1 {
                    bytes += texts[at].len();
                    at += 1;
                }
                if bytes >= PAGE_BYTES {
                    end = each + 1;
                    break;
                }
            }
            return (end, at);
        }
        if matches!(form, Form::Nothing) {
            return (end, 0);
        }
        let held = match self.present.get(row..end) {
            Some(present) => present.iter().map(|held| *held as usize).sum(),
            None => end - row,
        };
        (end, value + held)
    }

    fn put_values(&mut self, form: &Form, from: usize, to: usize) {
        let page = &mut self.page;
        match form {
            Form::Nothing => {}
            Form::Codes(values) => {
                let width = width_of(*values);
                page.push(width as u8);
                hybrid(page, &self.codes[from..to], width);
            }
            Form::Same => {
                page.push(1);
                repeated(page, 0, to - from, 1);
            }
            Form::Deltas => delta(page, &self.numbers[from..to]),
            Form::Doubles => {
                let each = self.numbers[from..to].iter();
                each.for_each(|bits| page.extend_from_slice(&bits.to_le_bytes()));
            }
            Form::Bits => pack(page, &self.codes[from..to], 1),
            Form::Texts(texts) => {
                let each = texts[from..to].iter();
                each.for_each(|text| plain_text(page, text));
            }
        }
    }
}

/// A text as PLAIN has it: its length in four bytes, and then its bytes.
pub fn plain_text(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text);
}
