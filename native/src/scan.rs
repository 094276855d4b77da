//! Where the pieces of a JSON text end, and whether they are well formed.
//!
//! Positions are byte offsets into one line. A text that is not JSON as the reference parser takes
//! it, or that only the reference should judge, is `Unsure`: the line goes to the reference.

/// The reference decoder must read this line.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct Unsure;

pub type Sure<T> = Result<T, Unsure>;

/// Deeper records are left to the reference; Cloudflare's nest three deep.
const DEPTH_MAX: usize = 64;

/// A number of fewer characters and without exponent is finite as a double.
const FINITE_CHARS_MAX: usize = 300;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// What a value is, told from its first byte.
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

/// A value's place in its line; for a text, between the quotes.
#[derive(Debug, Clone, Copy)]
pub struct Value {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

impl Value {
    /// The value as it was sent, quotes and all.
    pub fn sent<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        match self.kind {
            Kind::Text { .. } => &line[self.start - 1..self.end + 1],
            _ => &line[self.start..self.end],
        }
    }

    pub fn inside<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        &line[self.start..self.end]
    }

    /// Where the text after the value begins.
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

/// The value that begins at `at`, checked to its last byte, and where the text after it begins.
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

/// Where the number that begins at `at` ends. What is no finite double is unsure.
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

/// The nearest double of a JSON number, if it is finite.
pub fn double(number: &[u8]) -> Sure<f64> {
    let text = std::str::from_utf8(number).map_err(|_| Unsure)?;
    let nearest: f64 = text.parse().map_err(|_| Unsure)?;
    if nearest.is_finite() {
        Ok(nearest)
    } else {
        Err(Unsure)
    }
}

/// Where the object or array that begins at `start` ends, everything inside it checked.
fn nested_end(line: &[u8], start: usize) -> Sure<usize> {
    // One bit a level: is it an object?
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
        // A value has ended: close what it closes, then go to the next one.
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

/// Past a key and its colon, to where its value begins.
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

/// Walks the members of an object that `value` has checked already.
pub struct Members<'a> {
    line: &'a [u8],
    at: usize,
}

/// A key between its quotes, and its value.
pub struct Member<'a> {
    pub key: &'a [u8],
    pub value: Value,
}

pub fn members<'a>(line: &'a [u8], object: &Value) -> Members<'a> {
    Members {
        line,
        at: object.start + 1,
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Sure<Member<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut at = skip_space(self.line, self.at);
        match self.line.get(at)? {
            b'}' => return None,
            b',' => at = skip_space(self.line, at + 1),
            _ => {}
        }
        Some(self.member(at))
    }
}

impl<'a> Members<'a> {
    fn member(&mut self, at: usize) -> Sure<Member<'a>> {
        let (key_end, _) = text_end(self.line, at + 1)?;
        let start = colon_end(self.line, key_end + 1)?;
        let (value, after) = value(self.line, start)?;
        self.at = after;
        Ok(Member {
            key: &self.line[at + 1..key_end],
            value,
        })
    }
}

/// Walks the elements of an array that `value` has checked already.
pub fn elements(line: &[u8], array: &Value) -> impl Iterator<Item = Sure<Value>> {
    let mut at = array.start + 1;
    std::iter::from_fn(move || {
        at = skip_space(line, at);
        match line.get(at)? {
            b']' => return None,
            b',' => at = skip_space(line, at + 1),
            _ => {}
        }
        Some(value(line, at).map(|(found, after)| {
            at = after;
            found
        }))
    })
}

/// A text with its escapes read, into `out`; `text` has been checked by `text_end`.
pub fn unescape(text: &[u8], out: &mut Vec<u8>) -> Sure<()> {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if *byte != b'\\' {
            out.push(*byte);
            at += 1;
            continue;
        }
        let simple = match text.get(at + 1).ok_or(Unsure)? {
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                at = code_point(text, at, out)?;
                continue;
            }
            other => *other,
        };
        out.push(simple);
        at += 2;
    }
    Ok(())
}

/// One `\uXXXX`, or a pair of them, as UTF-8; returns where the text goes on.
fn code_point(text: &[u8], at: usize, out: &mut Vec<u8>) -> Sure<usize> {
    let first = hex4(text, at + 2)?;
    let (code, end) = if (0xd800..0xdc00).contains(&first) {
        let second = hex4(text, at + 8)?;
        (
            0x10000 + ((first - 0xd800) << 10) + second.checked_sub(0xdc00).ok_or(Unsure)?,
            at + 12,
        )
    } else {
        (first, at + 6)
    };
    let letter = char::from_u32(code).ok_or(Unsure)?;
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(end)
}
