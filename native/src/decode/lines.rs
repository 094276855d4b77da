//! Cuts a body that comes in chunks into lines, as schema/body/lines.py does.

use crate::decode::block::Block;

/// `unfinished` is the start of a line whose end has not come; of one that is too long, the rest is
/// only counted.
pub struct LineCutter {
    number: i64,
    unfinished: Vec<u8>,
    unfinished_bytes: usize,
}

impl Default for LineCutter {
    fn default() -> Self {
        Self {
            number: 1,
            unfinished: Vec::new(),
            unfinished_bytes: 0,
        }
    }
}

impl LineCutter {
    pub fn feed(&mut self, chunk: &[u8], block: &mut Block) {
        let mut rest = chunk;
        if self.unfinished_bytes > 0 {
            let end = memchr::memchr(b'\n', chunk);
            let (first, others) = chunk.split_at(end.unwrap_or(chunk.len()));
            self.hold(first, block);
            if end.is_none() {
                return;
            }
            self.end_line(block);
            rest = &others[1..];
        }
        let end = memchr::memrchr(b'\n', rest).map_or(0, |at| at + 1);
        if end > 0 {
            self.number += block.take_lines(self.number, &rest[..end]);
        }
        self.hold(&rest[end..], block);
    }

    /// The body has ended; its last line may lack a newline.
    pub fn finish(&mut self, block: &mut Block) {
        if self.unfinished_bytes > 0 {
            self.end_line(block);
        }
        self.number = 1;
    }

    fn hold(&mut self, piece: &[u8], block: &Block) {
        if self.unfinished_bytes <= block.limits.bytes_max {
            self.unfinished.extend_from_slice(piece);
        }
        self.unfinished_bytes += piece.len();
    }

    fn end_line(&mut self, block: &mut Block) {
        if self.unfinished_bytes > block.limits.bytes_max {
            block.take_overlong(self.number, &self.unfinished, self.unfinished_bytes);
        } else {
            block.take_record(self.number, &self.unfinished);
        }
        self.number += 1;
        self.unfinished.clear();
        self.unfinished_bytes = 0;
    }
}
