//! Parses numbers for columns, and tells whether the column holds them exactly.

use crate::scan::{Sure, double};

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
    decimal(format!("{nearest:e}").as_bytes()) == decimal(text)
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
