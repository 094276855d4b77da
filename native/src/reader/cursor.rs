//! Bytes that are read from the front, and never past their end.

use super::trouble::{Read, damaged};

pub struct Cursor<'a> {
    left: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    pub fn rest(&self) -> &'a [u8] {
        self.left
    }

    pub fn take(&mut self, bytes: usize) -> Read<&'a [u8]> {
        let Some((taken, left)) = self.left.split_at_checked(bytes) else {
            return damaged("a page is shorter than it says");
        };
        self.left = left;
        Ok(taken)
    }

    pub fn byte(&mut self) -> Read<u8> {
        Ok(self.take(1)?[0])
    }

    /// A length of four bytes, the lowest first.
    pub fn length(&mut self) -> Read<usize> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(bytes) as usize)
    }

    /// Seven bits in each byte, the lowest first.
    pub fn varint(&mut self) -> Read<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
        }
        damaged("a number has more than 64 bits")
    }

    pub fn zigzag(&mut self) -> Read<i64> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }
}
