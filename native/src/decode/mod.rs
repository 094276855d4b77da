//! Decodes Logpush lines to rows, with exactly the results of the Python decoder.

pub mod batch;
pub mod block;
pub mod columns;
pub mod guessed;
pub mod json;
pub mod lines;
pub mod module;
pub mod placed;
pub mod plan;
pub mod record;
pub mod row;
pub mod row_end;
pub mod scanned;
pub mod walk;
