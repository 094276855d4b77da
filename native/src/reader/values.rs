//! The values of a page, in each encoding that a finished file has.

use bytes::Bytes;
use parquet::basic::{Encoding, Type};

use super::cursor::Cursor;
use super::trouble::{Read, damaged, refused};
use super::{delta, hybrid};

/// Takes the values of rows, one by one.
pub trait Out {
    fn null(&mut self) -> Read<()>;
    /// A whole number or a boolean; of a floating-point number its bits.
    fn number(&mut self, value: i64) -> Read<()>;
    fn text(&mut self, value: &[u8]) -> Read<()>;
}

/// Where each text begins and ends.
type Places = Vec<(usize, usize)>;

/// The distinct values of a column, of which pages have the numbers.
pub enum Dictionary {
    Texts(Bytes, Places),
    Numbers(Vec<i64>),
}

impl Dictionary {
    pub fn read(kind: Type, body: Bytes, count: usize) -> Read<Self> {
        if kind == Type::BYTE_ARRAY {
            let places = plain_texts(&body, count)?;
            return Ok(Self::Texts(body, places));
        }
        Ok(Self::Numbers(plain_numbers(kind, &body, count)?))
    }

    fn give<O: Out>(&self, code: u32, out: &mut O) -> Read<()> {
        match self {
            Self::Texts(body, places) => match places.get(code as usize) {
                Some(&(from, to)) => out.text(&body[from..to]),
                None => damaged("a value is in no dictionary"),
            },
            Self::Numbers(numbers) => match numbers.get(code as usize) {
                Some(&number) => out.number(number),
                None => damaged("a value is in no dictionary"),
            },
        }
    }
}

/// A data page, and what its column chunk tells of it.
pub struct DataPage<'a> {
    pub kind: Type,
    pub is_optional: bool,
    pub encoding: Encoding,
    pub count: usize,
    pub body: &'a [u8],
    pub dictionary: Option<&'a Dictionary>,
}

impl DataPage<'_> {
    /// The values of the rows `from` to `to` of the page.
    pub fn give<O: Out>(&self, (from, to): (usize, usize), out: &mut O) -> Read<()> {
        let mut cursor = Cursor::new(self.body);
        let mut levels = vec![];
        if self.is_optional {
            let bytes = cursor.length()?;
            hybrid::read(
                cursor.take(bytes)?,
                1,
                self.count,
                (0, self.count),
                &mut levels,
            )?;
        } else {
            levels.resize(self.count, 1);
        }
        let held = |levels: &[u32]| levels.iter().sum::<u32>() as usize;
        let before = held(&levels[..from]);
        let among = (before, before + held(&levels[from..to]));
        let all = held(&levels);
        let rows = Rows {
            levels: &levels[from..to],
            out,
        };
        if all == 0 {
            return rows.give(|_, _| Ok(()));
        }
        let body = cursor.rest();
        match (self.encoding, self.dictionary, self.kind) {
            (Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY, Some(dictionary), _) => {
                let bits = usize::from(cursor.byte()?);
                let mut codes = Vec::with_capacity(among.1 - among.0);
                hybrid::read(cursor.rest(), bits, all, among, &mut codes)?;
                rows.give(|place, out| dictionary.give(codes[place], out))
            }
            (Encoding::DELTA_BINARY_PACKED, _, Type::INT32 | Type::INT64) => {
                let mut numbers = vec![];
                if !delta::read(body, all, &mut numbers)?.is_empty() {
                    return damaged("a page is longer than its values");
                }
                rows.give(|place, out| out.number(numbers[among.0 + place]))
            }
            (Encoding::DELTA_LENGTH_BYTE_ARRAY, _, Type::BYTE_ARRAY) => {
                let (texts, places) = texts_by_length(body, all)?;
                let places = &places[among.0..among.1];
                rows.give(|place, out| out.text(&texts[places[place].0..places[place].1]))
            }
            (Encoding::PLAIN, _, Type::BYTE_ARRAY) => {
                let places = &plain_texts(body, all)?[among.0..among.1];
                rows.give(|place, out| out.text(&body[places[place].0..places[place].1]))
            }
            (Encoding::PLAIN, _, kind) => {
                let numbers = &plain_numbers(kind, body, all)?[among.0..among.1];
                rows.give(|place, out| out.number(numbers[place]))
            }
            (other, _, kind) => refused(format!("{kind} as {other}")),
        }
    }
}

/// Which rows have a value, and where the values go.
struct Rows<'a, O> {
    levels: &'a [u32],
    out: &'a mut O,
}

impl<O: Out> Rows<'_, O> {
    /// `each` is called with the number of a value among those of these rows.
    fn give(self, mut each: impl FnMut(usize, &mut O) -> Read<()>) -> Read<()> {
        let mut place = 0;
        for &level in self.levels {
            if level == 0 {
                self.out.null()?;
                continue;
            }
            each(place, self.out)?;
            place += 1;
        }
        Ok(())
    }
}

fn plain_texts(body: &[u8], count: usize) -> Read<Places> {
    let mut cursor = Cursor::new(body);
    let mut places = Vec::with_capacity(count.min(body.len()));
    for _ in 0..count {
        let bytes = cursor.length()?;
        cursor.take(bytes)?;
        let end = body.len() - cursor.rest().len();
        places.push((end - bytes, end));
    }
    if cursor.is_empty() {
        Ok(places)
    } else {
        damaged("a page is longer than its values")
    }
}

fn plain_numbers(kind: Type, body: &[u8], count: usize) -> Read<Vec<i64>> {
    let bytes = match kind {
        Type::BOOLEAN => count.div_ceil(8),
        Type::INT32 => count.saturating_mul(4),
        Type::INT64 | Type::DOUBLE => count.saturating_mul(8),
        other => return refused(format!("plain {other}")),
    };
    if body.len() != bytes {
        return damaged("a page has another number of values than it says");
    }
    Ok(match kind {
        Type::BOOLEAN => (0..count)
            .map(|place| i64::from(body[place / 8] >> (place % 8) & 1))
            .collect(),
        Type::INT32 => numbers(body, |bytes: [u8; 4]| i32::from_le_bytes(bytes).into()),
        _ => numbers(body, i64::from_le_bytes),
    })
}

fn numbers<const N: usize>(body: &[u8], read: impl Fn([u8; N]) -> i64) -> Vec<i64> {
    body.as_chunks::<N>()
        .0
        .iter()
        .map(|&bytes| read(bytes))
        .collect()
}

/// The texts one behind the other, and where each is.
fn texts_by_length(body: &[u8], count: usize) -> Read<(&[u8], Places)> {
    let mut lengths = vec![];
    let texts = delta::read(body, count, &mut lengths)?;
    let mut at = 0usize;
    let mut places = Vec::with_capacity(lengths.len());
    for length in lengths {
        let end = usize::try_from(length)
            .ok()
            .and_then(|bytes| at.checked_add(bytes));
        let Some(end) = end.filter(|&end| end <= texts.len()) else {
            return damaged("a text is longer than its page");
        };
        places.push((at, end));
        at = end;
    }
    if at == texts.len() {
        Ok((texts, places))
    } else {
        damaged("a page is longer than its values")
    }
}
