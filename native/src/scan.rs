//! Scans JSON text: where values end, and whether they are well formed.
//!
//! Positions are byte offsets into one line. `Unsure` means that the text may not be valid JSON for
//! the reference parser, or is a rare case: the line goes to the reference decoder.

/// The reference decoder must read this line.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct Unsure;

pub type Sure<T> = Result<T, Unsure>;

/// Deeper records go to the reference decoder; Cloudflare's have three levels.
const DEPTH_MAX: usize = 64;

/// A number with fewer characters and without an exponent is finite as a double.
const FINITE_CHARS_MAX: usize = 300;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

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

fn word(line: &[u8], at: usize, expected: &[u8]) -> Sure<usize> {
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

/// The next quote, backslash or control character at or after `at`, eight bytes at a time.
#[inline]
fn plain_end(line: &[u8], mut at: usize) -> usize {
    while let Some(eight) = line.get(at..at + 8) {
        let word = u64::from_le_bytes(eight.try_into().expect("eight bytes"));
        let quote = word ^ (ONES * 0x22);
        let slash = word ^ (ONES * 0x5c);
        let marks = ((quote.wrapping_sub(ONES) & !quote)
            | (slash.wrapping_sub(ONES) & !slash)
            | (word.wrapping_sub(ONES * 0x20) & !word))
            & HIGHS;
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = line.get(at) {
        if *byte < 0x20 || *byte == b'"' || *byte == b'\\' {
            break;
        }
        at += 1;
    }
    at
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

/// The end of the number that begins at `start`. Unsure if it is not a finite double.
fn number_end(line: &[u8], start: usize) -> Sure<usize> {
    let mut at = start + usize::from(line.get(start) == Some(&b'-'));
    at = match line.get(at) {
        Some(b'0') => at + 1,
        Some(b'1'..=b'9') => digits_end(line, at),
        _ => return Err(Unsure),
    };
    if line.get(at) == Some(&b'.') {
        at = some_digits_end(line, at + 1)?;
    }
    let mut has_exponent = false;
    if let Some(b'e' | b'E') = line.get(at) {
        has_exponent = true;
        at += 1;
        at += usize::from(matches!(line.get(at), Some(b'+' | b'-')));
        at = some_digits_end(line, at)?;
    }
    if has_exponent || at - start > FINITE_CHARS_MAX {
        double(&line[start..at])?;
    }
    Ok(at)
}

fn digits_end(line: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = line.get(at) {
        at += 1;
    }
    at
}

fn some_digits_end(line: &[u8], at: usize) -> Sure<usize> {
    let end = digits_end(line, at);
    if end > at { Ok(end) } else { Err(Unsure) }
}

/// The nearest double of a JSON number; Unsure if it is not finite.
pub fn double(number: &[u8]) -> Sure<f64> {
    let text = std::str::from_utf8(number).map_err(|_| Unsure)?;
    let nearest: f64 = text.parse().map_err(|_| Unsure)?;
    if nearest.is_finite() {
        Ok(nearest)
    } else {
        Err(Unsure)
    }
}

/// The end of the object or array that begins at `start`; its content is checked.
fn nested_end(line: &[u8], start: usize) -> Sure<usize> {
    // One bit for each level: 1 for an object, 0 for an array.
    let mut levels: u64 = 0;
    let mut depth = 0usize;
    let mut at = start;
    loop {
        // A value begins at `at`.
        let opener = line.get(at).copied().ok_or(Unsure)?;
        if opener == b'{' || opener == b'[' {
            if depth == DEPTH_MAX {
                return Err(Unsure);
            }
            let is_object = opener == b'{';
            levels = levels << 1 | u64::from(is_object);
            depth += 1;
            at = skip_space(line, at + 1);
            if line.get(at) != Some(&closer(is_object)) {
                if is_object {
                    at = key_end(line, at)?;
                }
                continue;
            }
        } else {
            at = scalar_end(line, at, opener)?;
            at = skip_space(line, at);
        }
        // A value has ended: close its containers, then go to the next value.
        loop {
            let is_object = levels & 1 == 1;
            match line.get(at) {
                Some(b',') => {
                    at = skip_space(line, at + 1);
                    if is_object {
                        at = key_end(line, at)?;
                    }
                    break;
                }
                Some(mark) if *mark == closer(is_object) => {
                    levels >>= 1;
                    depth -= 1;
                    at += 1;
                    if depth == 0 {
                        return Ok(at);
                    }
                    at = skip_space(line, at);
                }
                _ => return Err(Unsure),
            }
        }
    }
}

fn closer(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

fn scalar_end(line: &[u8], at: usize, first: u8) -> Sure<usize> {
    match first {
        b'"' => Ok(text_end(line, at + 1)?.0 + 1),
        b't' => word(line, at, b"true"),
        b'f' => word(line, at, b"false"),
        b'n' => word(line, at, b"null"),
        _ => number_end(line, at),
    }
}

/// The start of the value after the key at `at` and its colon.
fn key_end(line: &[u8], at: usize) -> Sure<usize> {
    if line.get(at) != Some(&b'"') {
        return Err(Unsure);
    }
    let (end, _) = text_end(line, at + 1)?;
    colon_end(line, end + 1)
}

pub fn colon_end(line: &[u8], at: usize) -> Sure<usize> {
    let at = skip_space(line, at);
    if line.get(at) == Some(&b':') {
        Ok(skip_space(line, at + 1))
    } else {
        Err(Unsure)
    }
}
