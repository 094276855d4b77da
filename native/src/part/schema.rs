//! The columns of a part, as Python names them and as Parquet describes them.

use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::errors::Result;
use parquet::schema::types::{Type, TypePtr};

/// The types that columns of a dataset have in files.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Kind {
    Text,
    Whole,
    Nanoseconds,
    Double,
    Truth,
    Time,
    Texts,
    Wholes,
}

impl Kind {
    /// The type that Python calls `word`.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "text" => Self::Text,
            "whole" => Self::Whole,
            "nanoseconds" => Self::Nanoseconds,
            "double" => Self::Double,
            "truth" => Self::Truth,
            "time" => Self::Time,
            "texts" => Self::Texts,
            "wholes" => Self::Wholes,
            _ => return None,
        })
    }
}

pub struct ColumnSpec {
    pub name: String,
    pub kind: Kind,
    /// The permanent numbers of the column, and of the elements of a list.
    pub id: Option<i32>,
    pub element_id: Option<i32>,
    pub has_statistics: bool,
    /// Of a bloom filter: the most values that it is made for.
    pub bloom_values_max: Option<usize>,
}

pub fn message(columns: &[ColumnSpec]) -> Result<TypePtr> {
    let fields = columns.iter().map(field).collect::<Result<Vec<_>>>()?;
    let root = Type::group_type_builder("schema").with_fields(fields);
    Ok(Arc::new(root.build()?))
}

fn field(column: &ColumnSpec) -> Result<TypePtr> {
    let element = match column.kind {
        Kind::Texts => Kind::Text,
        Kind::Wholes => Kind::Whole,
        kind => return leaf(&column.name, kind, column.id),
    };
    let element = leaf("element", element, column.element_id)?;
    let list = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![element]);
    let outer = Type::group_type_builder(&column.name)
        .with_repetition(Repetition::OPTIONAL)
        .with_converted_type(ConvertedType::LIST)
        .with_logical_type(Some(LogicalType::List))
        .with_id(column.id)
        .with_fields(vec![Arc::new(list.build()?)]);
    Ok(Arc::new(outer.build()?))
}

fn leaf(name: &str, kind: Kind, id: Option<i32>) -> Result<TypePtr> {
    let (physical, converted, logical) = match kind {
        Kind::Text | Kind::Texts => (
            PhysicalType::BYTE_ARRAY,
            ConvertedType::UTF8,
            Some(LogicalType::String),
        ),
        Kind::Whole | Kind::Wholes => (PhysicalType::INT64, ConvertedType::NONE, None),
        Kind::Nanoseconds => (
            PhysicalType::INT32,
            ConvertedType::INT_16,
            Some(LogicalType::integer(16, true)),
        ),
        Kind::Double => (PhysicalType::DOUBLE, ConvertedType::NONE, None),
        Kind::Truth => (PhysicalType::BOOLEAN, ConvertedType::NONE, None),
        Kind::Time => (
            PhysicalType::INT64,
            ConvertedType::TIMESTAMP_MICROS,
            Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
        ),
    };
    let leaf = Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_converted_type(converted)
        .with_logical_type(logical)
        .with_id(id);
    Ok(Arc::new(leaf.build()?))
}
