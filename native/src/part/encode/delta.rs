//! Integers as differences (DELTA_BINARY_PACKED).

use crate::part::encode::bits::{varint, zigzag};

/// As Arrow's writer has them: 128 differences in a block, in four parts with a width each.
const BLOCK: usize = 128;
const MINI_BLOCKS: usize = 4;
const MINI: usize = BLOCK / MINI_BLOCKS;

pub fn delta(out: &mut Vec<u8>, values: &[i64]) {
    for fact in [BLOCK, MINI_BLOCKS, values.len()] {
        varint(out, fact as u64);
    }
    varint(out, zigzag(values.first().copied().unwrap_or(0)));
    let mut deltas = [0_i64; BLOCK];
    let mut at = 1;
    while at < values.len() {
        let count = (values.len() - at).min(BLOCK);
        for (place, each) in deltas[..count].iter_mut().enumerate() {
            *each = values[at + place].wrapping_sub(values[at + place - 1]);
        }
        block(out, &deltas[..count]);
        at += count;
    }
}

fn block(out: &mut Vec<u8>, deltas: &[i64]) {
    let least = deltas.iter().copied().min().unwrap_or(0);
    varint(out, zigzag(least));
    let widths = out.len();
    out.extend_from_slice(&[0; MINI_BLOCKS]);
    for (number, mini) in deltas.chunks(MINI).enumerate() {
        let above = |each: &i64| each.wrapping_sub(least) as u64;
        let all = mini.iter().map(above).fold(0, |all, each| all | each);
        let width = u64::BITS - all.leading_zeros();
        out[widths + number] = width as u8;
        let end = out.len() + MINI / 8 * width as usize;
        pack_wide(out, mini.iter().map(above), width);
        // The last part of the last block is filled up.
        out.resize(end, 0);
    }
}

fn pack_wide(out: &mut Vec<u8>, values: impl Iterator<Item = u64>, width: u32) {
    let mut held: u128 = 0;
    let mut bits = 0;
    for value in values {
        held |= u128::from(value) << bits;
        bits += width;
        if bits >= u64::BITS {
            out.extend_from_slice(&(held as u64).to_le_bytes());
            held >>= u64::BITS;
            bits -= u64::BITS;
        }
    }
    while bits > 0 {
        out.push(held as u8);
        held >>= 8;
        bits = bits.saturating_sub(8);
    }
}
