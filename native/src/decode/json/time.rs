//! Parses a time in any format to an exact instant, by the rules of schema/fields/event_time.py.

const DAY: i64 = 86_400;
/// The first and last second of the years 1 to 9999, since 1970.
const SECONDS_MIN: i128 = -62_135_596_800;
const SECONDS_MAX: i128 = 253_402_300_799;

/// The magnitude determines the unit: (exclusive limit, nanoseconds, decimal places below one).
const UNITS: [(u128, i128, usize); 4] = [
    (100_000_000_000, 1_000_000_000, 9),
    (100_000_000_000_000, 1_000_000, 6),
    (100_000_000_000_000_000, 1_000, 3),
    (u128::MAX, 1, 0),
];
/// 21 digits reach the year 9999 in nanoseconds.
const WHOLE_DIGITS_MAX: usize = 21;

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct Instant {
    pub microseconds: i64,
    pub nanoseconds: i16,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Time {
    Exact(Instant),
    Approximate(Instant),
    Misfit,
}

impl Time {
    pub fn instant(&self) -> Option<Instant> {
        match self {
            Time::Exact(instant) | Time::Approximate(instant) => Some(*instant),
            Time::Misfit => None,
        }
    }
}

/// A time from an unescaped text.
pub fn from_text(text: &[u8]) -> Time {
    civil(text).unwrap_or_else(|| from_number(text))
}

/// None if the text does not have the form of a calendar time.
fn civil(text: &[u8]) -> Option<Time> {
    if text.len() < 19 {
        return None;
    }
    let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    if marks.iter().any(|(at, mark)| text[*at] != *mark) || !matches!(text[10], b'T' | b't' | b' ')
    {
        return None;
    }
    let part = |from: usize, to: usize| number(&text[from..to]);
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, zone) = split_fraction(&text[19..])?;
    let offset = offset(zone)?;
    Some(match days(year, month, day) {
        None => Time::Misfit,
        Some(days) => {
            let clock = hour * 3600 + minute * 60 + second;
            civil_instant(
                days * DAY + clock - offset,
                second == 60,
                fraction,
                zone.is_empty(),
            )
        }
    })
}

fn civil_instant(seconds: i64, is_leap: bool, fraction: &[u8], has_no_zone: bool) -> Time {
    if is_leap && seconds.rem_euclid(DAY) != 0 {
        // A leap second is the last second of a UTC day, in every time zone.
        return Time::Misfit;
    }
    let is_doubtful = is_leap || has_no_zone || has_more(fraction, 9);
    instant(
        i128::from(seconds) * 1_000_000_000 + padded(fraction, 9),
        is_doubtful,
    )
}

pub fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |total, digit| {
        digit
            .is_ascii_digit()
            .then(|| total * 10 + i64::from(digit - b'0'))
    })
}

/// The digits of the fraction, if any, and the zone after them.
fn split_fraction(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let Some(after_point) = rest.strip_prefix(b".") else {
        return Some((&[], rest));
    };
    let end = after_point
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (end > 0).then(|| after_point.split_at(end))
}

/// Seconds east of UTC; 0 for "Z" and for no zone.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, clock) = match zone {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', clock @ ..] => (1, clock),
        [b'-', clock @ ..] => (-1, clock),
        _ => return None,
    };
    let (hours, minutes) = match clock.len() {
        4 => (number(&clock[..2])?, number(&clock[2..])?),
        5 if clock[2] == b':' => (number(&clock[..2])?, number(&clock[3..])?),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Days from 1970 to a date of the Gregorian calendar; None for an invalid date.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [
        31,
        28 + i64::from(is_leap),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let length = *lengths.get(usize::try_from(month - 1).ok()?)?;
    if year == 0 || day == 0 || day > length {
        return None;
    }
    let before: i64 = lengths[..(month - 1) as usize].iter().sum();
    let years = year - 1;
    Some(years * 365 + years / 4 - years / 100 + years / 400 + before + day - 719_163)
}

/// A time from a number since 1970; its magnitude determines the unit.
pub fn from_number(text: &[u8]) -> Time {
    let (is_negative, unsigned) = match text.strip_prefix(b"-") {
        Some(unsigned) => (true, unsigned),
        None => (false, text),
    };
    let end = unsigned
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (digits, rest) = unsigned.split_at(end);
    let is_plain = (1..=WHOLE_DIGITS_MAX).contains(&end) && (digits[0] != b'0' || end == 1);
    let fraction = match split_fraction(rest) {
        Some((fraction, [])) if is_plain => fraction,
        _ => return Time::Misfit,
    };
    let whole = digits
        .iter()
        .fold(0u128, |total, digit| total * 10 + u128::from(digit - b'0'));
    let (_, unit, places) = *UNITS
        .iter()
        .find(|(limit, ..)| whole < *limit)
        .unwrap_or(&UNITS[3]);
    let total = whole as i128 * unit + padded(fraction, places);
    instant(
        if is_negative { -total } else { total },
        has_more(fraction, places),
    )
}

/// The first `places` digits of a fraction, padded with zeros, as a number.
fn padded(fraction: &[u8], places: usize) -> i128 {
    (0..places).fold(0, |total, at| {
        total * 10 + fraction.get(at).map_or(0, |digit| i128::from(digit - b'0'))
    })
}

fn has_more(fraction: &[u8], places: usize) -> bool {
    fraction.iter().skip(places).any(|digit| *digit != b'0')
}

fn instant(nanoseconds: i128, is_doubtful: bool) -> Time {
    if !(SECONDS_MIN..=SECONDS_MAX).contains(&nanoseconds.div_euclid(1_000_000_000)) {
        return Time::Misfit;
    }
    let found = Instant {
        microseconds: nanoseconds.div_euclid(1_000) as i64,
        nanoseconds: nanoseconds.rem_euclid(1_000) as i16,
    };
    if is_doubtful {
        Time::Approximate(found)
    } else {
        Time::Exact(found)
    }
}
