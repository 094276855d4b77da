//! The types of columns that are read.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::schema::types::ColumnDescriptor;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Text,
    Bytes,
    Bool,
    Int16,
    Int64,
    Double,
    /// Microseconds since 1970 in UTC, also where the file does not say so.
    Time,
}

impl Kind {
    /// By the word that the caller uses.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "string" => Self::Text,
            "binary" => Self::Bytes,
            "bool" => Self::Bool,
            "int16" => Self::Int16,
            "int64" => Self::Int64,
            "double" => Self::Double,
            "timestamp[us, tz=UTC]" => Self::Time,
            _ => return None,
        })
    }

    pub fn is_of(self, column: &ColumnDescriptor) -> bool {
        let logical = column.logical_type_ref();
        match (column.physical_type(), self) {
            (Type::BYTE_ARRAY, Self::Text) => {
                matches!(logical, Some(LogicalType::String))
                    || (logical.is_none() && column.converted_type() == ConvertedType::UTF8)
            }
            (Type::BYTE_ARRAY, Self::Bytes) => is_plain(column),
            (Type::BOOLEAN, Self::Bool) => is_plain(column),
            (Type::DOUBLE, Self::Double) => is_plain(column),
            (Type::INT64, Self::Int64) => is_plain(column),
            (Type::INT32, Self::Int16) => column.converted_type() == ConvertedType::INT_16,
            (Type::INT64, Self::Time) => match logical {
                Some(LogicalType::Timestamp(time)) => time.unit == TimeUnit::MICROS,
                _ => column.converted_type() == ConvertedType::TIMESTAMP_MICROS,
            },
            _ => false,
        }
    }
}

fn is_plain(column: &ColumnDescriptor) -> bool {
    column.logical_type_ref().is_none() && column.converted_type() == ConvertedType::NONE
}
