//! Column chunks: values in pages, with checksums.

pub mod bits;
pub mod chunk;
pub mod delta;
pub mod encoder;
pub mod lists;
pub mod numbers;
pub mod pages;
pub mod texts;
