//! The state of the record that is being read.

/// A text that may be missing, in a buffer that is used again.
#[derive(Default, Clone)]
pub struct Found {
    is_there: bool,
    text: Vec<u8>,
}

impl Found {
    pub fn set(&mut self, text: Option<&[u8]>) {
        self.is_there = text.is_some();
        self.text.clear();
        self.text.extend_from_slice(text.unwrap_or_default());
    }

    pub fn get(&self) -> Option<&[u8]> {
        self.is_there.then_some(self.text.as_slice())
    }
}

#[derive(Default)]
pub struct Record {
    pub line_number: i64,
    pub members: usize,
    pub unknown: usize,
    /// The time found under each of the dataset's time names.
    pub times: Vec<Option<i64>>,
    pub guessed_time: Option<i64>,
    /// The unescaped text that each identity rule found.
    pub users: Vec<Found>,
    pub extra: Vec<u8>,
    pub scratch: Vec<u8>,
    /// The names to count when the line has become a row.
    pub misfits: Vec<usize>,
    pub approximations: Vec<usize>,
    pub unknown_names: Vec<usize>,
}

impl Record {
    pub fn new(time_ranks: usize, identity_rules: usize) -> Self {
        Self {
            times: vec![None; time_ranks],
            users: vec![Found::default(); identity_rules],
            ..Self::default()
        }
    }

    pub fn begin(&mut self, line_number: i64) {
        self.line_number = line_number;
        self.members = 0;
        self.unknown = 0;
        self.times.fill(None);
        self.guessed_time = None;
        for user in &mut self.users {
            user.is_there = false;
        }
        self.extra.clear();
        self.misfits.clear();
        self.approximations.clear();
        self.unknown_names.clear();
    }

    /// Keep a member in `extra`, as it was sent.
    pub fn keep(&mut self, key: &[u8], sent: &[u8]) {
        self.extra.extend_from_slice(if self.extra.is_empty() {
            b"{\""
        } else {
            b",\""
        });
        self.extra.extend_from_slice(key);
        self.extra.extend_from_slice(b"\":");
        self.extra.extend_from_slice(sent);
    }

    /// The first time by the dataset's order, or the guessed one.
    pub fn event_time(&self) -> Option<i64> {
        let told = self.times.iter().find_map(|time| *time);
        told.or(self.guessed_time)
    }
}
