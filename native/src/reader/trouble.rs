//! Why a file is not read here.

use std::fmt::Display;

use parquet::errors::ParquetError;

pub type Read<T> = Result<T, Trouble>;

/// No row is given in either case.
#[derive(Debug, PartialEq)]
pub enum Trouble {
    /// The file may be sound, and another reader may know what this one does not.
    Refused(String),
    /// Its bytes cannot be what was written, or cannot be read.
    Damaged(String),
}

pub fn refused<T>(why: impl Display) -> Read<T> {
    Err(Trouble::Refused(why.to_string()))
}

pub fn damaged<T>(why: impl Display) -> Read<T> {
    Err(Trouble::Damaged(why.to_string()))
}

impl From<ParquetError> for Trouble {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::NYI(what) => Self::Refused(what),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}
