//! Reads the few rows of a user, or of a Ray ID, out of finished Parquet files; store/reading/narrow/
//! is its only user.
//!
//! The crate `parquet` reads footers and pages, and compares checksums; values are read here. What
//! is not known here is refused, and DuckDB answers then.

mod columns;
mod cursor;
mod delta;
mod door;
mod file;
mod footer;
mod hybrid;
mod kept;
mod kind;
mod pages;
mod question;
mod search;
mod trouble;
mod values;

pub use door::Reader;
