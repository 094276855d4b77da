//! Where objects and arrays end, whose content is checked on the way.

use crate::decode::json::number::number_end;
use crate::decode::json::scan::{Sure, Unsure, skip_space, text_end, word};

/// Deeper records go to the reference decoder; Cloudflare's have three levels.
const DEPTH_MAX: usize = 64;

/// The end of the object or array that begins at `start`; its content is checked.
pub fn nested_end(line: &[u8], start: usize) -> Sure<usize> {
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
