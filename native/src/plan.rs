//! The names that matter in records of one dataset, from its data file.

use foldhash::fast::RandomState;
use std::collections::HashMap;

use crate::column::{Column, Fixed, NumberLists, TextLists, Times};
use crate::text::Text;

/// The types of fields in the data files.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum FieldType {
    String,
    Int,
    Float,
    Bool,
    Timestamp,
    Object,
    Objects,
    Strings,
    Ints,
    Unknown,
}

impl FieldType {
    /// The type that data files call `word`.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "string" => Self::String,
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "timestamp" => Self::Timestamp,
            "object" => Self::Object,
            "array[object]" => Self::Objects,
            "array[string]" => Self::Strings,
            "array[int]" => Self::Ints,
            "unknown" => Self::Unknown,
            _ => return None,
        })
    }

    pub fn column(self) -> Column {
        match self {
            Self::String | Self::Object | Self::Objects | Self::Unknown => {
                Column::Text(Text::new())
            }
            Self::Int => Column::Whole(Fixed::default()),
            Self::Float => Column::Double(Fixed::default()),
            Self::Bool => Column::Truth(Fixed::default()),
            Self::Timestamp => Column::Times(Times::default()),
            Self::Strings => Column::TextLists(TextLists::default()),
            Self::Ints => Column::NumberLists(NumberLists::default()),
        }
    }
}

/// Where a user name may be: in a field, or under a key of the map that it holds.
#[derive(Debug, Clone)]
pub struct IdentityRule {
    pub source: String,
    pub field: String,
    pub key: Option<String>,
}

/// A member name that a record may have, and its use. Unknown names are added when they first occur.
pub struct Name {
    pub text: Box<[u8]>,
    /// The text with its closing quote and a colon, as nearly all records have it.
    pub spelled: Box<[u8]>,
    pub column: Option<(usize, FieldType)>,
    /// The rank of this name among the dataset's names for the event time.
    pub time_rank: Option<usize>,
    /// The identity rules that read this member.
    pub identity: Vec<usize>,
    /// Whether the event time may be guessed from it.
    pub may_be_time: bool,
    pub stamp: u64,
    pub next: usize,
    pub misfits: u64,
    pub approximations: u64,
    pub unknown: u64,
}

impl Name {
    /// As text. The line was valid UTF-8, so nothing is lost.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }
}

/// Endings of names of time fields, as in schema/decoding/row.py.
const TIME_ENDINGS: [&[u8]; 3] = [b"timestamp", b"timestampms", b"datetime"];

pub struct Plan {
    pub names: Vec<Name>,
    pub identity: Vec<IdentityRule>,
    pub fields: Vec<String>,
    pub guesses_time: bool,
    pub time_ranks: usize,
    by_text: HashMap<Box<[u8]>, usize, RandomState>,
}

impl Plan {
    pub fn new(
        fields: Vec<(String, FieldType)>,
        event_time: &[String],
        identity: Vec<IdentityRule>,
        guesses_time: bool,
    ) -> Self {
        let mut plan = Self {
            names: Vec::new(),
            fields: fields.iter().map(|(name, _)| name.clone()).collect(),
            guesses_time,
            time_ranks: event_time.len(),
            by_text: HashMap::default(),
            identity: Vec::new(),
        };
        for (column, (name, kind)) in fields.iter().enumerate() {
            let name = plan.named(name.as_bytes());
            plan.names[name].column = Some((column, *kind));
        }
        for (rank, name) in event_time.iter().enumerate() {
            let name = plan.named(name.as_bytes());
            plan.names[name].time_rank = Some(rank);
        }
        for (rule, found) in identity.iter().enumerate() {
            let name = plan.named(found.field.as_bytes());
            plan.names[name].identity.push(rule);
        }
        plan.identity = identity;
        plan
    }

    pub fn find(&self, text: &[u8]) -> Option<usize> {
        self.by_text.get(text).copied()
    }

    /// The name with this text; added if it is not there.
    pub fn named(&mut self, text: &[u8]) -> usize {
        if let Some(found) = self.find(text) {
            return found;
        }
        let lowered = text.to_ascii_lowercase();
        self.names.push(Name {
            text: text.into(),
            spelled: [text, b"\":"].concat().into(),
            column: None,
            time_rank: None,
            identity: Vec::new(),
            may_be_time: self.guesses_time && TIME_ENDINGS.iter().any(|end| lowered.ends_with(end)),
            stamp: 0,
            next: 0,
            misfits: 0,
            approximations: 0,
            unknown: 0,
        });
        self.by_text.insert(text.into(), self.names.len() - 1);
        self.names.len() - 1
    }
}
