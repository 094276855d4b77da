//! The columns of an answer, as Arrow.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Float64Builder, Int16Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, Field, Schema};

use super::kind::Kind;
use super::trouble::{Read, damaged, refused};
use super::values::Out;

/// What one column of an answer holds at most: texts of Arrow end at two gigabytes.
pub const COLUMN_BYTES_MAX: usize = 256 * 1024 * 1024;

pub struct Column {
    values: Values,
    bytes: usize,
}

enum Values {
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Bool(BooleanBuilder),
    Int16(Int16Builder),
    Int64(Int64Builder),
    Double(Float64Builder),
    Time(TimestampMicrosecondBuilder),
}

impl Column {
    pub fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Text => Values::Text(StringBuilder::new()),
            Kind::Bytes => Values::Bytes(BinaryBuilder::new()),
            Kind::Bool => Values::Bool(BooleanBuilder::new()),
            Kind::Int16 => Values::Int16(Int16Builder::new()),
            Kind::Int64 => Values::Int64(Int64Builder::new()),
            Kind::Double => Values::Double(Float64Builder::new()),
            Kind::Time => Values::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
        };
        Self { values, bytes: 0 }
    }

    fn finish(self) -> ArrayRef {
        match self.values {
            Values::Text(mut built) => Arc::new(built.finish()),
            Values::Bytes(mut built) => Arc::new(built.finish()),
            Values::Bool(mut built) => Arc::new(built.finish()),
            Values::Int16(mut built) => Arc::new(built.finish()),
            Values::Int64(mut built) => Arc::new(built.finish()),
            Values::Double(mut built) => Arc::new(built.finish()),
            Values::Time(mut built) => Arc::new(built.finish()),
        }
    }
}

impl Out for Column {
    fn null(&mut self) -> Read<()> {
        match &mut self.values {
            Values::Text(built) => built.append_null(),
            Values::Bytes(built) => built.append_null(),
            Values::Bool(built) => built.append_null(),
            Values::Int16(built) => built.append_null(),
            Values::Int64(built) => built.append_null(),
            Values::Double(built) => built.append_null(),
            Values::Time(built) => built.append_null(),
        }
        Ok(())
    }

    fn number(&mut self, value: i64) -> Read<()> {
        match &mut self.values {
            Values::Bool(built) => built.append_value(value != 0),
            Values::Int16(built) => match i16::try_from(value) {
                Ok(value) => built.append_value(value),
                Err(_) => return damaged("a number has more than 16 bits"),
            },
            Values::Int64(built) => built.append_value(value),
            Values::Double(built) => built.append_value(f64::from_bits(value as u64)),
            Values::Time(built) => built.append_value(value),
            Values::Text(_) | Values::Bytes(_) => return damaged("a number among texts"),
        }
        Ok(())
    }

    fn text(&mut self, value: &[u8]) -> Read<()> {
        self.bytes += value.len();
        if self.bytes > COLUMN_BYTES_MAX {
            return refused("one column of the answer is too large");
        }
        match &mut self.values {
            Values::Text(built) => match simdutf8::basic::from_utf8(value) {
                Ok(text) => built.append_value(text),
                Err(_) => return damaged("a text is no UTF-8"),
            },
            Values::Bytes(built) => built.append_value(value),
            _ => return damaged("a text among numbers"),
        }
        Ok(())
    }
}

pub fn batch(names: &[String], columns: Vec<Column>) -> Result<RecordBatch, ArrowError> {
    let arrays: Vec<ArrayRef> = columns.into_iter().map(Column::finish).collect();
    let fields = names.iter().zip(&arrays);
    let fields: Vec<Field> = fields
        .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_holds_so_much_and_no_more() {
        let mut column = Column::new(Kind::Bytes);
        column.bytes = COLUMN_BYTES_MAX - 2;
        assert_eq!(column.text(b"ab"), Ok(()));
        assert!(column.text(b"c").is_err());
    }

    #[test]
    fn a_value_of_another_type_is_damage() {
        assert!(Column::new(Kind::Int64).text(b"1").is_err());
        assert!(Column::new(Kind::Text).number(1).is_err());
        assert!(Column::new(Kind::Text).text(b"\xff").is_err());
        assert!(Column::new(Kind::Int16).number(32_768).is_err());
        assert_eq!(Column::new(Kind::Int16).number(32_767), Ok(()));
    }
}
