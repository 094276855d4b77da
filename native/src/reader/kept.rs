//! Footers that were read, kept for the next question.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::file::Place;
use super::footer::{self, Footer};
use super::kind::Kind;
use super::trouble::Read;

/// A finished file, and by what its footer is known.
pub struct FileAsked {
    pub path: String,
    pub footer_bytes: usize,
    pub footer_sha256: Vec<u8>,
}

/// Chunks that are kept at most, of some 700 bytes each; past that, all are dropped.
pub struct Kept {
    chunks_max: usize,
    held: Mutex<Footers>,
}

/// By path, each with its SHA-256.
type Footers = HashMap<String, (Vec<u8>, Arc<Footer>)>;

impl Kept {
    pub fn new(chunks_max: usize) -> Self {
        Self {
            chunks_max,
            held: Mutex::default(),
        }
    }

    /// The footer with at least these columns.
    pub fn footer(
        &self,
        place: &Place,
        file: &FileAsked,
        asked: &[(String, Kind)],
    ) -> Read<Arc<Footer>> {
        let has_all = |footer: &Footer| {
            asked
                .iter()
                .all(|(name, _)| footer.columns.contains_key(name))
        };
        if let Some((sha256, footer)) = self.lock().get(&file.path)
            && *sha256 == file.footer_sha256
            && has_all(footer)
        {
            return Ok(footer.clone());
        }
        let read = Arc::new(footer::read(
            place,
            file.footer_bytes,
            &file.footer_sha256,
            asked,
        )?);
        let mut held = self.lock();
        held.insert(
            file.path.clone(),
            (file.footer_sha256.clone(), read.clone()),
        );
        if held
            .values()
            .map(|(_, footer)| footer.chunks())
            .sum::<usize>()
            > self.chunks_max
        {
            held.clear();
        }
        Ok(read)
    }

    pub fn files(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Footers> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
