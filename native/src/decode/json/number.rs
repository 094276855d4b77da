//! Parses numbers for columns, and tells whether the column holds them exactly.

use crate::decode::json::scan::{Sure, Unsure};

/// A number with fewer characters and without an exponent is finite as a double.
const FINITE_CHARS_MAX: usize = 300;

/// Ten to the power of the index; a double holds each of them exactly.
const TENS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// A decimal with fewer digits keeps every one of them in a double.
const EXACT_BELOW: u64 = 1_000_000_000_000_000;

/// Bytes of a number that are read at once.
const AT_ONCE: usize = size_of::<u64>();

/// As many digits surely fit into 64 bits.
const PLAIN_DIGITS_MAX: usize = 18;

/// An integer of 64 bits; None for any other number.
pub fn whole(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.len() > 19 {
        return None;
    }
    let mut total: u64 = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        total = total * 10 + u64::from(digit - b'0');
    }
    if is_negative {
        0i64.checked_sub_unsigned(total)
    } else {
        i64::try_from(total).ok()
    }
}

/// The nearest double, and whether it is exactly the number that was sent.
pub fn nearest(text: &[u8]) -> Sure<(f64, bool)> {
    if let Some(small) = up_to_64_bits(text) {
        let nearest = small as f64;
        return Ok((nearest, nearest as i128 == small));
    }
    if let Some(exact) = short_decimal(text) {
        return Ok((exact, true));
    }
    let nearest = double(text)?;
    Ok((nearest, keeps_every_digit(nearest, text)))
}

/// An integer as the reference parser reads it; it reads larger ones as doubles.
fn up_to_64_bits(text: &[u8]) -> Option<i128> {
    let is_whole = text.len() <= 20
        && text
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'-');
    let number: i128 = is_whole
        .then(|| std::str::from_utf8(text).ok()?.parse().ok())
        .flatten()?;
    (i128::from(i64::MIN)..=i128::from(u64::MAX))
        .contains(&number)
        .then_some(number)
}

/// Whether the double, written as text again, is the same number as the text.
fn keeps_every_digit(nearest: f64, text: &[u8]) -> bool {
    if nearest == 0.0 {
        // The exponent may be too large to compare.
        let end = text
            .iter()
            .position(|byte| matches!(byte, b'e' | b'E'))
            .unwrap_or(text.len());
        return !text[..end].iter().any(|byte| matches!(byte, b'1'..=b'9'));
    }
    decimal(shortest(nearest).as_bytes()) == decimal(text)
}

/// The shortest text of a double. Of two that are as short and as near it has the even last digit,
/// as the reference writes it; the formatter may take the other one.
fn shortest(number: f64) -> String {
    let found = format!("{number:e}");
    let digits = found.bytes().take_while(|byte| *byte != b'e');
    let places = digits.filter(u8::is_ascii_digit).count() - 1;
    let even = format!("{number:.places$e}");
    // Below a power of two doubles are nearer to each other, and the even one may be another's.
    if even.parse() == Ok(number) {
        even
    } else {
        found
    }
}

/// Digits without zeros at either end, and the power of ten of the last digit; equal for texts of
/// the same number. The sign needs no comparison: the double was parsed from the text.
fn decimal(text: &[u8]) -> Option<(Vec<u8>, i64)> {
    let end = text
        .iter()
        .position(|byte| matches!(byte, b'e' | b'E'))
        .unwrap_or(text.len());
    let exponent: i64 = match text.get(end + 1..) {
        None => 0,
        Some(digits) => std::str::from_utf8(digits).ok()?.parse().ok()?,
    };
    let point = text[..end]
        .iter()
        .position(|byte| *byte == b'.')
        .unwrap_or(end);
    let fraction_digits = end.saturating_sub(point + 1);
    let mut digits: Vec<u8> = text[..end]
        .iter()
        .copied()
        .filter(u8::is_ascii_digit)
        .collect();
    let mut power = exponent.checked_sub(fraction_digits as i64)?;
    while digits.last() == Some(&b'0') {
        digits.pop();
        power += 1;
    }
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.drain(..zeros);
    Some(if digits.is_empty() {
        (digits, 0)
    } else {
        (digits, power)
    })
}

/// A decimal of at most fifteen digits, without sign and exponent: dividing two numbers that doubles
/// hold exactly gives the nearest double, which keeps every digit.
fn short_decimal(text: &[u8]) -> Option<f64> {
    if text.len() > TENS.len() {
        return None;
    }
    let (mut total, mut places, mut is_fraction) = (0_u64, 0, false);
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                total = total * 10 + u64::from(byte - b'0');
                places += usize::from(is_fraction);
            }
            b'.' if !is_fraction => is_fraction = true,
            _ => return None,
        }
    }
    (total < EXACT_BELOW).then(|| total as f64 / TENS[places])
}

/// The decimal at `start` in its shortest form, if a comma or bracket ends it, and where.
#[inline]
pub fn plain_decimal(line: &[u8], start: usize) -> Option<(f64, usize)> {
    let text = line.get(start..)?;
    let searched = text.iter().take(TENS.len() + 1);
    let length = searched
        .copied()
        .position(|byte| matches!(byte, b',' | b'}'))?;
    let text = &text[..length];
    let is_json = text.first()?.is_ascii_digit()
        && text.last()?.is_ascii_digit()
        && (text[0] != b'0' || length == 1 || text[1] == b'.');
    let number = is_json.then(|| short_decimal(text)).flatten()?;
    Some((number, start + length))
}

/// The integer from 0 on at `start`, if a comma or bracket ends it, and where.
#[inline(always)]
pub fn plain_whole(line: &[u8], start: usize) -> Option<(i64, usize)> {
    let short = line.get(start..).and_then(<[u8]>::first_chunk::<AT_ONCE>);
    let (total, at) = match short.and_then(|text| few_digits(*text)) {
        Some((total, digits)) => (total, start + digits),
        None => many_digits(line, start)?,
    };
    let is_plain =
        matches!(line.get(at), Some(b',' | b'}')) && (at == start + 1 || line[start] != b'0');
    is_plain.then_some((total, at))
}

/// The number that the first bytes are, and how many they are; None if all of them are digits, or
/// none is.
#[inline(always)]
fn few_digits(text: [u8; AT_ONCE]) -> Option<(i64, usize)> {
    let each = |byte: u8| u64::from_le_bytes([byte; AT_ONCE]);
    let text = u64::from_le_bytes(text);
    // A high bit for each byte that is no digit; of these the lowest is right.
    let above = text.wrapping_add(each(0x7f - b'9'));
    let others = (above | text.wrapping_sub(each(b'0'))) & each(0x80);
    let bits = others.trailing_zeros() & !(u8::BITS - 1);
    if bits == 0 || bits == u64::BITS {
        return None;
    }
    // The digits come last, with zeros before them; then two, four and eight of them are joined.
    let digits = (text & each(0x0f)) << (u64::BITS - bits);
    let pairs = (digits.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    let total = fours.wrapping_mul(10_000 << 32 | 1) >> 32;
    Some((total as i64, (bits / u8::BITS) as usize))
}

fn many_digits(line: &[u8], start: usize) -> Option<(i64, usize)> {
    let end = digits_end(line, start);
    let digits = line.get(start..end)?;
    let is_whole = (1..=PLAIN_DIGITS_MAX).contains(&digits.len());
    let total = || {
        digits
            .iter()
            .fold(0, |total, digit| total * 10 + i64::from(digit - b'0'))
    };
    is_whole.then(|| (total(), end))
}

/// The end of the number that begins at `start`. Unsure if it is not a finite double.
pub fn number_end(line: &[u8], start: usize) -> Sure<usize> {
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
