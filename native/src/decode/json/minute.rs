//! The times of one body lie close together: what a minute begins with is parsed once.

use crate::decode::json::time::{self, Instant, Time, number};

/// As long as `2026-11-22T09:59:`.
const TO_MINUTE: usize = 17;

const FRACTION_DIGITS_MAX: usize = 9;

/// The minute of the last time in UTC, and when it began.
#[derive(Default)]
pub struct Minute {
    text: [u8; TO_MINUTE],
    began_at_seconds: i64,
    is_known: bool,
}

impl Minute {
    /// A time from an unescaped text.
    pub fn read(&mut self, text: &[u8]) -> Time {
        if let Some(instant) = self.within(text) {
            return Time::Exact(instant);
        }
        let found = time::from_text(text);
        if let Time::Exact(instant) = found {
            self.remember(text, instant);
        }
        found
    }

    /// The instant of a text in this minute that has the form of RFC 3339 that Logpush writes, with
    /// or without a fraction; None for any other text.
    #[inline]
    pub fn within(&self, text: &[u8]) -> Option<Instant> {
        let (minute, rest) = text.split_first_chunk::<TO_MINUTE>()?;
        if *minute != self.text || !self.is_known {
            return None;
        }
        let second = second_of(rest)?;
        let nanoseconds = match &rest[2..] {
            [b'Z'] => 0,
            [b'.', digits @ .., b'Z'] if (1..=FRACTION_DIGITS_MAX).contains(&digits.len()) => {
                let scale = 10_i64.pow((FRACTION_DIGITS_MAX - digits.len()) as u32);
                number(digits)? * scale
            }
            _ => return None,
        };
        Some(Instant {
            microseconds: (self.began_at_seconds + second) * 1_000_000 + nanoseconds / 1_000,
            nanoseconds: (nanoseconds % 1_000) as i16,
        })
    }

    fn remember(&mut self, text: &[u8], instant: Instant) {
        let Some((minute, rest)) = text.split_first_chunk::<TO_MINUTE>() else {
            return;
        };
        let Some(second) = second_of(rest) else {
            return;
        };
        self.text = *minute;
        self.began_at_seconds = instant.microseconds.div_euclid(1_000_000) - second;
        // Only if this text itself is of that form: in another the minute may mean another time.
        self.is_known = true;
        self.is_known = self.within(text) == Some(instant);
    }
}

/// The second that a text begins with; None for a leap second.
fn second_of(text: &[u8]) -> Option<i64> {
    number(text.get(..2)?).filter(|second| *second <= 59)
}
