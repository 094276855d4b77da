//! Scans and parses JSON text by the rules of the reference decoder.

pub mod members;
pub mod minute;
pub mod nested;
pub mod number;
pub mod scan;
pub mod time;
pub mod value;
