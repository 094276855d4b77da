//! Reads the members of objects, the elements of arrays and escaped texts that scan.rs has checked.

use crate::decode::json::nested::colon_end;
use crate::decode::json::scan::{Sure, Unsure, Value, hex4, skip_space, text_end, value};

/// Iterates over the members of an object that `value` has checked.
pub struct Members<'a> {
    line: &'a [u8],
    at: usize,
}

/// A member: the key between its quotes, and the value.
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

/// Iterates over the elements of an array that `value` has checked.
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

/// Append the unescaped text to `out`; `text_end` has checked it.
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

/// Append one `\uXXXX`, or a surrogate pair, as UTF-8; returns the position after it.
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
    let character = char::from_u32(code).ok_or(Unsure)?;
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(end)
}
