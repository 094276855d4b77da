//! Texts one after the other, as Arrow has them, and how they are compared.

use arrow_array::StringArray;
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

/// Longer texts are compared by the library, shorter ones by two halves that overlap.
const SHORT_MAX: usize = 64;

/// Texts in one buffer with offsets.
pub struct Texts {
    bytes: Vec<u8>,
    ends: Vec<i32>,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            ends: vec![0],
        }
    }
}

impl Texts {
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    pub fn held_bytes(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<i32>()
    }

    #[inline]
    pub fn get(&self, index: usize) -> &[u8] {
        &self.bytes[self.ends[index] as usize..self.ends[index + 1] as usize]
    }

    /// Where the bytes of a text begin and how many they are.
    #[inline]
    pub fn span(&self, index: usize) -> (u32, u32) {
        let (from, to) = (self.ends[index], self.ends[index + 1]);
        (from as u32, (to - from) as u32)
    }

    #[inline(always)]
    pub fn at(&self, (from, length): (u32, u32)) -> Option<&[u8]> {
        let from = from as usize;
        self.bytes.get(from..from + length as usize)
    }

    pub fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        // A block is far below 2 GiB: block.rs limits it.
        self.ends.push(self.bytes.len() as i32);
    }

    pub fn resize(&mut self, len: usize) {
        self.ends.resize(len + 1, self.bytes.len() as i32);
    }

    pub fn truncate(&mut self, len: usize) {
        if len < self.len() {
            self.ends.truncate(len + 1);
            self.bytes.truncate(self.ends[len] as usize);
        }
    }

    /// Checks that all of it is UTF-8, which costs little.
    pub fn finish(self, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        StringArray::try_new(offsets, Buffer::from_vec(self.bytes), nulls)
    }
}

/// Equality without a call and without a loop for short texts, which most are.
#[inline(always)]
pub fn is_same(left: &[u8], right: &[u8]) -> bool {
    let length = left.len();
    if length != right.len() {
        return false;
    }
    match length {
        0..4 => left.iter().zip(right).all(|(one, other)| one == other),
        4..8 => ends_are_same::<4>(left, right),
        8..=16 => ends_are_same::<8>(left, right),
        17..=32 => ends_are_same::<16>(left, right),
        33..=SHORT_MAX => ends_are_same::<32>(left, right),
        _ => left == right,
    }
}

/// Compares the first and the last `N` bytes, which cover texts of `N` to twice `N` bytes.
#[inline(always)]
fn ends_are_same<const N: usize>(left: &[u8], right: &[u8]) -> bool {
    left.first_chunk::<N>() == right.first_chunk::<N>()
        && left.last_chunk::<N>() == right.last_chunk::<N>()
}
