//! Writes the rows of a group of batches as a part, from the dictionaries that decoding made.

pub mod encode;
pub mod group;
pub mod module;
pub mod order;
pub mod reference;
pub mod schema;
pub mod sources;
pub mod user_days;
pub mod writer;
pub mod writer_module;
