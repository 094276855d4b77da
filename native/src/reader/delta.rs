//! Numbers as differences, packed in blocks (DELTA_BINARY_PACKED).

use super::cursor::Cursor;
use super::trouble::{Read, damaged};

// Writers use 128 in 4 groups.
const BLOCK_MAX: usize = 65_536;

/// All `count` numbers at the front of `bytes`; what stands behind them is left to the caller.
pub fn read<'a>(bytes: &'a [u8], count: usize, out: &mut Vec<i64>) -> Read<&'a [u8]> {
    let mut cursor = Cursor::new(bytes);
    let block = cursor.varint()? as usize;
    let groups = cursor.varint()?.min(BLOCK_MAX as u64) as usize;
    let told = cursor.varint()?;
    let mut value = cursor.zigzag()?;
    // A group is of whole bytes.
    if groups == 0 || !block.is_multiple_of(groups * 8) || !(8..=BLOCK_MAX).contains(&block) {
        return damaged("the differences of a page are packed in no known way");
    }
    if told != count as u64 {
        return damaged("a page has another number of values than it says");
    }
    out.clear();
    if count > 0 {
        out.push(value);
    }
    let in_group = block / groups;
    while out.len() < count {
        let least = cursor.zigzag()?;
        for &bits in cursor.take(groups)? {
            if out.len() == count {
                break;
            }
            let bits = usize::from(bits);
            if bits > 64 {
                return damaged("a difference has more than 64 bits");
            }
            let packed = cursor.take(in_group / 8 * bits)?;
            for place in 0..in_group.min(count - out.len()) {
                let difference = unpacked(packed, bits, place);
                value = value.wrapping_add(least).wrapping_add(difference as i64);
                out.push(value);
            }
        }
    }
    Ok(cursor.rest())
}

fn unpacked(packed: &[u8], bits: usize, place: usize) -> u64 {
    let bit = place * bits;
    let from = (bit / 8).min(packed.len());
    let mut word = [0; 16];
    let held = (packed.len() - from).min(16);
    word[..held].copy_from_slice(&packed[from..from + held]);
    let mask = if bits == 64 {
        u64::MAX
    } else {
        (1 << bits) - 1
    };
    (u128::from_le_bytes(word) >> (bit % 8)) as u64 & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    // 7, 5, 3, 1, 2, 3, 4, 5 of the format's own description: the differences less -2.
    const PACKED: [u8; 12] = [128, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111];

    fn padded() -> Vec<u8> {
        let mut bytes = PACKED.to_vec();
        bytes.resize(PACKED.len() - 2 + 8, 0);
        bytes
    }

    #[test]
    fn differences_are_added_up() {
        let (bytes, mut out) = (padded(), vec![]);
        assert_eq!(read(&bytes, 8, &mut out), Ok(&[][..]));
        assert_eq!(out, [7, 5, 3, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn one_number_needs_no_block() {
        let mut out = vec![];
        assert_eq!(read(&[128, 1, 4, 1, 3, 9], 1, &mut out), Ok(&[9][..]));
        assert_eq!(out, [-2]);
    }

    #[test]
    fn what_no_writer_writes_is_damage() {
        let mut out = vec![];
        for bytes in [
            &[][..],
            &[0, 4, 8, 14],
            &[128, 1, 0, 8, 14],
            &[128, 1, 3, 8, 14],
            &[128, 1, 4, 9, 14],
        ] {
            assert!(read(bytes, 8, &mut out).is_err(), "{bytes:?}");
        }
        let mut wide = padded();
        wide[6] = 65;
        assert!(read(&wide, 8, &mut out).is_err());
        assert!(read(&padded()[..12], 8, &mut out).is_err());
    }
}
