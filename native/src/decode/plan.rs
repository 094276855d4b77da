//! The names that matter in records of one dataset, from its data file.

use foldhash::fast::RandomState;
use std::collections::HashMap;

use crate::decode::columns::column::Column;
use crate::decode::columns::fixed::{Fixed, Times};
use crate::decode::columns::guesses::LOOKUPS_MAX;
use crate::decode::columns::lists::Lists;
use crate::decode::columns::text::Text;

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
            Self::Strings => Column::TextLists(Lists::default()),
            Self::Ints => Column::NumberLists(Lists::default()),
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
#[derive(Clone)]
pub struct Name {
    pub text: Box<[u8]>,
    pub column: Option<(usize, FieldType)>,
    /// The rank of this name among the dataset's names for the event time.
    pub time_rank: Option<usize>,
    /// The identity rules that read this member.
    pub identity: Vec<usize>,
    /// Whether the event time may be guessed from it.
    pub may_be_time: bool,
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

/// What every member asks of its name, close together in memory.
#[derive(Clone, Copy)]
pub struct NameUse {
    /// Where its text with the closing quote and a colon is, as nearly all records have it.
    spelled: (u32, u32),
    /// The name that followed it last time.
    pub next: u32,
    /// The number of its column, or NO_COLUMN.
    pub column: u32,
    /// The last record that had it.
    pub stamp: u64,
    pub kind: FieldType,
    pub has_identity: bool,
    /// Which lookup column it is, from 1; 0 for none.
    pub lookup: u8,
}

/// Fields that Cloudflare added lately, of which a job sends a few.
const UNKNOWN_NAMES_KEPT: usize = 64;

pub const NO_COLUMN: u32 = u32::MAX;

/// Endings of names of time fields, as in schema/decoding/row.py.
const TIME_ENDINGS: [&[u8]; 3] = [b"timestamp", b"timestampms", b"datetime"];

#[derive(Clone)]
pub struct Plan {
    pub names: Vec<Name>,
    pub uses: Vec<NameUse>,
    spelled: Vec<u8>,
    pub identity: Vec<IdentityRule>,
    pub fields: Vec<String>,
    pub guesses_time: bool,
    pub time_ranks: usize,
    pub lookups: usize,
    /// How many of the names the dataset has.
    own_names: usize,
    by_text: HashMap<Box<[u8]>, usize, RandomState>,
}

impl Plan {
    pub fn new(
        fields: Vec<(String, FieldType)>,
        event_time: &[String],
        identity: Vec<IdentityRule>,
        guesses_time: bool,
        lookups: &[String],
    ) -> Self {
        let mut plan = Self {
            names: Vec::new(),
            uses: Vec::new(),
            spelled: Vec::new(),
            fields: fields.iter().map(|(name, _)| name.clone()).collect(),
            guesses_time,
            time_ranks: event_time.len(),
            lookups: 0,
            own_names: 0,
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
        plan.own_names = plan.names.len();
        for (name, of_name) in plan.names.iter().zip(&mut plan.uses) {
            if let Some((column, kind)) = name.column {
                (of_name.column, of_name.kind) = (column as u32, kind);
            }
            of_name.has_identity = !name.identity.is_empty();
        }
        plan.look_up_by(lookups);
        plan
    }

    /// Only texts with a dictionary can be looked up by.
    fn look_up_by(&mut self, lookups: &[String]) {
        for text in lookups.iter().take(LOOKUPS_MAX) {
            if let Some(name) = self.find(text.as_bytes())
                && self.uses[name].kind == FieldType::String
            {
                self.lookups += 1;
                self.uses[name].lookup = self.lookups as u8;
            }
        }
    }

    /// The text of a name with its closing quote and a colon.
    #[inline(always)]
    pub fn spelled(&self, name: usize) -> &[u8] {
        let (from, to) = self.uses[name].spelled;
        &self.spelled[from as usize..to as usize]
    }

    /// Names that are not of the dataset are forgotten once they were counted, if they are many.
    pub fn forget_unknown_names(&mut self) {
        if self.names.len() <= self.own_names + UNKNOWN_NAMES_KEPT {
            return;
        }
        for name in self.names.drain(self.own_names..) {
            self.by_text.remove(&name.text);
        }
        let end = self.uses[self.own_names].spelled.0 as usize;
        self.spelled.truncate(end);
        self.uses.truncate(self.own_names);
        for of_name in &mut self.uses {
            of_name.next = 0;
        }
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
        let from = self.spelled.len() as u32;
        self.spelled.extend_from_slice(text);
        self.spelled.extend_from_slice(b"\":");
        self.uses.push(NameUse {
            spelled: (from, self.spelled.len() as u32),
            next: 0,
            column: NO_COLUMN,
            stamp: 0,
            kind: FieldType::Unknown,
            has_identity: false,
            lookup: 0,
        });
        self.names.push(Name {
            text: text.into(),
            column: None,
            time_rank: None,
            identity: Vec::new(),
            may_be_time: self.guesses_time && TIME_ENDINGS.iter().any(|end| lowered.ends_with(end)),
            misfits: 0,
            approximations: 0,
            unknown: 0,
        });
        self.by_text.insert(text.into(), self.names.len() - 1);
        self.names.len() - 1
    }
}
