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
#[inline]
pub fn plain_whole(line: &[u8], start: usize) -> Option<(i64, usize)> {
    let (mut at, mut total) = (start, 0_i64);
    while let Some(byte) = line.get(at) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        total = total.wrapping_mul(10).wrapping_add(i64::from(digit));
        at += 1;
    }
    let digits = at - start;
    let is_plain = (1..=PLAIN_DIGITS_MAX).contains(&digits)
        && (digits == 1 || line[start] != b'0')
        && matches!(line.get(at), Some(b',' | b'}'));
    is_plain.then_some((total, at))
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
