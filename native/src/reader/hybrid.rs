//! Numbers of a few bits: runs of one value, and groups of eight that are packed bit by bit.

use super::cursor::Cursor;
use super::trouble::{Read, damaged};

const BITS_MAX: usize = 32;

/// Of `count` numbers, which `bytes` hold and nothing else, those from `from` to `to`.
pub fn read(
    bytes: &[u8],
    bits: usize,
    count: usize,
    (from, to): (usize, usize),
    out: &mut Vec<u32>,
) -> Read<()> {
    if bits > BITS_MAX {
        return damaged("a number has more than 32 bits");
    }
    let mut cursor = Cursor::new(bytes);
    let mut at = 0;
    while at < count {
        let head = cursor.varint()?;
        let is_run = head & 1 == 0;
        let values = if is_run {
            head >> 1
        } else {
            (head >> 1).saturating_mul(8)
        };
        // The last group is filled up.
        let spare = if is_run { 0 } else { 7 };
        let Some(values) = usize::try_from(values)
            .ok()
            .filter(|&n| n > 0 && n <= count - at + spare)
        else {
            return damaged("a page has another number of values than it says");
        };
        let (first, last) = (from.clamp(at, at + values), to.clamp(at, at + values));
        if is_run {
            let value = little(cursor.take(bits.div_ceil(8))?);
            out.resize(out.len() + (last - first), value);
        } else {
            let packed = cursor.take(values / 8 * bits)?;
            out.extend((first..last).map(|place| unpacked(packed, bits, place - at)));
        }
        at += values;
    }
    if cursor.is_empty() {
        Ok(())
    } else {
        damaged("a page is longer than its values")
    }
}

fn little(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |value, &byte| value << 8 | u32::from(byte))
}

fn unpacked(packed: &[u8], bits: usize, place: usize) -> u32 {
    let bit = place * bits;
    let from = bit / 8;
    let mut word = [0; 8];
    let held = (packed.len() - from).min(8);
    word[..held].copy_from_slice(&packed[from..from + held]);
    let mask = (1u64 << bits) - 1;
    (u64::from_le_bytes(word) >> (bit % 8) & mask) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], bits: usize, count: usize, among: (usize, usize)) -> Read<Vec<u32>> {
        let mut out = vec![];
        read(bytes, bits, count, among, &mut out).map(|()| out)
    }

    #[test]
    fn a_run_and_a_packed_group_follow_one_another() {
        let bytes = [4 << 1, 5, 1 << 1 | 1, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        assert_eq!(
            all(&bytes, 3, 12, (0, 12)),
            Ok(vec![5, 5, 5, 5, 0, 1, 2, 3, 4, 5, 6, 7])
        );
        assert_eq!(all(&bytes, 3, 11, (3, 6)), Ok(vec![5, 0, 1]));
    }

    #[test]
    fn numbers_of_no_bits_are_zero() {
        assert_eq!(all(&[3 << 1], 0, 3, (0, 3)), Ok(vec![0; 3]));
    }

    #[test]
    fn another_number_of_values_is_damage() {
        for (bytes, count) in [
            (&[4 << 1, 5][..], 3),
            (&[4 << 1, 5], 5),
            (&[0, 5], 1),
            (&[], 1),
            (&[3, 0, 0, 0], 0),
        ] {
            assert!(all(bytes, 3, count, (0, count)).is_err(), "{bytes:?}");
        }
        assert!(all(&[2, 1, 9], 3, 1, (0, 1)).is_err());
        assert!(all(&[2, 0, 0, 0, 0, 0], 33, 1, (0, 1)).is_err());
    }
}
