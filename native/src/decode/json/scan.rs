//! Scans JSON text: where values end, and whether they are well formed.
//!
//! Positions are byte offsets into one line. `Unsure` means that the text may not be valid JSON for
//! the reference parser, or is a rare case: the line goes to the reference decoder.

use crate::decode::json::nested::nested_end;
use crate::decode::json::number::number_end;

/// The reference decoder must read this line.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct Unsure;

pub type Sure<T> = Result<T, Unsure>;

/// Bytes that are compared at once, as one number: compilers make a hundred instructions of sixteen
/// bytes that are looked at one by one.
const AT_ONCE: usize = size_of::<u64>();

/// The last of the control characters, which a text may not have.
const LAST_CONTROL: u8 = 0x1f;

/// The kind of a value, from its first byte.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Kind {
    Text { has_escape: bool },
    Number,
    True,
    False,
    Null,
    Object,
    Array,
}

/// The range of a value in its line; for a text, between the quotes.
#[derive(Debug, Clone, Copy)]
pub struct Value {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

impl Value {
    /// The value as it was sent, with quotes.
    pub fn sent<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        match self.kind {
            Kind::Text { .. } => &line[self.start - 1..self.end + 1],
            _ => &line[self.start..self.end],
        }
    }

    pub fn inside<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        &line[self.start..self.end]
    }

    /// The position after the value.
    fn after(&self) -> usize {
        self.end + usize::from(matches!(self.kind, Kind::Text { .. }))
    }
}

#[inline]
pub fn skip_space(line: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\r' | b'\n') = line.get(at) {
        at += 1;
    }
    at
}

pub fn is_blank(line: &[u8]) -> bool {
    skip_space(line, 0) == line.len()
}

/// The value that begins at `at`, fully checked, and the position after it.
#[inline]
pub fn value(line: &[u8], at: usize) -> Sure<(Value, usize)> {
    let found = match line.get(at).ok_or(Unsure)? {
        b'"' => {
            let (end, has_escape) = text_end(line, at + 1)?;
            Value {
                kind: Kind::Text { has_escape },
                start: at + 1,
                end,
            }
        }
        b'{' => Value {
            kind: Kind::Object,
            start: at,
            end: nested_end(line, at)?,
        },
        b'[' => Value {
            kind: Kind::Array,
            start: at,
            end: nested_end(line, at)?,
        },
        b't' => Value {
            kind: Kind::True,
            start: at,
            end: word(line, at, b"true")?,
        },
        b'f' => Value {
            kind: Kind::False,
            start: at,
            end: word(line, at, b"false")?,
        },
        b'n' => Value {
            kind: Kind::Null,
            start: at,
            end: word(line, at, b"null")?,
        },
        _ => Value {
            kind: Kind::Number,
            start: at,
            end: number_end(line, at)?,
        },
    };
    Ok((found, found.after()))
}

pub fn word(line: &[u8], at: usize, expected: &[u8]) -> Sure<usize> {
    if line[at..].starts_with(expected) {
        Ok(at + expected.len())
    } else {
        Err(Unsure)
    }
}

/// Where the text that begins at `at` ends (its closing quote), and whether it has an escape.
#[inline]
pub fn text_end(line: &[u8], mut at: usize) -> Sure<(usize, bool)> {
    let mut has_escape = false;
    loop {
        at = plain_end(line, at);
        match line.get(at) {
            Some(b'"') => return Ok((at, has_escape)),
            Some(b'\\') => {
                has_escape = true;
                at = escape_end(line, at + 1)?;
            }
            _ => return Err(Unsure),
        }
    }
}

/// What is between the quotes of the text that begins at `start`; None if it has an escape, or if it
/// is no text.
#[inline]
pub fn plain_text(line: &[u8], start: usize) -> Option<&[u8]> {
    if line.get(start) != Some(&b'"') {
        return None;
    }
    let end = plain_end(line, start + 1);
    (line.get(end) == Some(&b'"')).then(|| &line[start + 1..end])
}

/// The next quote, backslash or control character at or after `at`.
#[inline(always)]
fn plain_end(line: &[u8], mut at: usize) -> usize {
    while let Some(bytes) = line.get(at..).and_then(<[u8]>::first_chunk::<AT_ONCE>) {
        let marks = marks(u64::from_le_bytes(*bytes));
        if marks != 0 {
            return at + (marks.trailing_zeros() / u8::BITS) as usize;
        }
        at += AT_ONCE;
    }
    while let Some(byte) = line.get(at)
        && !matches!(byte, b'"' | b'\\' | 0..=LAST_CONTROL)
    {
        at += 1;
    }
    at
}

/// A bit for each byte that ends plain text, of which the lowest is right: what is subtracted may
/// be borrowed from the bytes above it.
#[inline(always)]
fn marks(bytes: u64) -> u64 {
    let [ones, highs] = [
        u64::from_le_bytes([1; AT_ONCE]),
        u64::from_le_bytes([0x80; AT_ONCE]),
    ];
    // Below `limit`, for bytes below 0x80.
    let below = |bytes: u64, limit: u8| bytes.wrapping_sub(ones * u64::from(limit)) & !bytes;
    let is = |byte: u8| below(bytes ^ (ones * u64::from(byte)), 1);
    (is(b'"') | is(b'\\') | below(bytes, LAST_CONTROL + 1)) & highs
}

/// Past one escape whose backslash stands before `at`. Surrogates must come in pairs.
fn escape_end(line: &[u8], at: usize) -> Sure<usize> {
    match line.get(at).ok_or(Unsure)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 1),
        b'u' => match hex4(line, at + 1)? {
            0xd800..=0xdbff => {
                let is_pair = line.get(at + 5..at + 7) == Some(b"\\u")
                    && (0xdc00..=0xdfff).contains(&hex4(line, at + 7)?);
                if is_pair { Ok(at + 11) } else { Err(Unsure) }
            }
            0xdc00..=0xdfff => Err(Unsure),
            _ => Ok(at + 5),
        },
        _ => Err(Unsure),
    }
}

pub fn hex4(line: &[u8], at: usize) -> Sure<u32> {
    let digits = line.get(at..at + 4).ok_or(Unsure)?;
    digits.iter().try_fold(0, |code, digit| {
        let nibble = (*digit as char).to_digit(16).ok_or(Unsure)?;
        Ok(code * 16 + nibble)
    })
}
