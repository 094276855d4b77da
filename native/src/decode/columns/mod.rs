//! Columns that are filled a row at a time.

pub mod arrow;
pub mod column;
pub mod fixed;
pub mod guesses;
pub mod lists;
pub mod text;
pub mod texts;
pub mod validity;
