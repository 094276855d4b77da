//! Small integers: variable length, packed bits, and the hybrid of runs and packed groups.

/// Packed values come in groups of eight.
const GROUP: usize = 8;

/// Runs of fewer equal values take less room packed.
const RUN_MIN: usize = 16;

pub fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// How many bits the codes of a dictionary with so many values have.
pub fn width_of(values: usize) -> u32 {
    (usize::BITS - values.saturating_sub(1).leading_zeros()).max(1)
}

/// Values of `width` bits, one after the other, in whole bytes.
pub fn pack(out: &mut Vec<u8>, values: &[u32], width: u32) {
    let mut held: u64 = 0;
    let mut bits = 0;
    for value in values {
        held |= u64::from(*value) << bits;
        bits += width;
        if bits >= u32::BITS {
            out.extend_from_slice(&(held as u32).to_le_bytes());
            held >>= u32::BITS;
            bits -= u32::BITS;
        }
    }
    while bits > 0 {
        out.push(held as u8);
        held >>= 8;
        bits = bits.saturating_sub(8);
    }
}

/// Values as Parquet's hybrid of runs and packed groups.
pub fn hybrid(out: &mut Vec<u8>, values: &[u32], width: u32) {
    let (mut at, mut packed) = (0, 0);
    while at < values.len() {
        let first = values[at];
        let group = &values[at..values.len().min(at + GROUP)];
        if group.iter().all(|value| *value == first) {
            let same = values[at..].iter().take_while(|value| **value == first);
            let run = same.count();
            if run >= RUN_MIN || at + run == values.len() {
                packed_groups(out, &values[packed..at], width);
                repeated(out, first, run, width);
                at += run;
                packed = at;
                continue;
            }
        }
        at += group.len();
    }
    packed_groups(out, &values[packed..], width);
}

/// One value so many times.
pub fn repeated(out: &mut Vec<u8>, value: u32, times: usize, width: u32) {
    varint(out, (times as u64) << 1);
    out.extend_from_slice(&value.to_le_bytes()[..width.div_ceil(8) as usize]);
}

fn packed_groups(out: &mut Vec<u8>, values: &[u32], width: u32) {
    if values.is_empty() {
        return;
    }
    let groups = values.len().div_ceil(GROUP);
    varint(out, (groups as u64) << 1 | 1);
    let end = out.len() + groups * width as usize;
    pack(out, values, width);
    out.resize(end, 0);
}

/// Levels as version 1 of data pages has them: their length, and then the hybrid.
pub fn levels(out: &mut Vec<u8>, levels: &[u32], width: u32) {
    sized(out, |out| hybrid(out, levels, width));
}

/// As many levels that are all the same.
pub fn same_levels(out: &mut Vec<u8>, level: u32, times: usize) {
    sized(out, |out| repeated(out, level, times, 1));
}

fn sized(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&[0; size_of::<u32>()]);
    write(out);
    let length = (out.len() - at - size_of::<u32>()) as u32;
    out[at..at + size_of::<u32>()].copy_from_slice(&length.to_le_bytes());
}
