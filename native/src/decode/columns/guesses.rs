//! Values that may come next: that of the last row, or of the last row with the same client or path.
//!
//! A guess is compared with the bytes of the line before the value is scanned or hashed. A wrong one
//! costs a comparison.

/// Rows are remembered for so many values of a lookup column; more would leave the caches before
/// they are met again.
const REMEMBERED_MAX: usize = 4_096;

/// A lookup column has a small number: it is stored beside every guess.
pub const LOOKUPS_MAX: usize = 8;

/// A value of a column's dictionary, and where its bytes are.
#[derive(Clone, Copy)]
pub struct Guess {
    pub index: i32,
    pub span: (u32, u32),
    /// Whether a line with this value has these very bytes.
    pub has_no_escape: bool,
    /// Which row told the value: the last one (0), or the last one by a lookup column (from 1).
    told_by: u8,
}

impl Guess {
    pub const NONE: Guess = Guess {
        index: -1,
        span: (0, 0),
        has_no_escape: false,
        told_by: 0,
    };

    pub fn of(index: i32, span: (u32, u32), has_no_escape: bool) -> Self {
        Guess {
            index,
            span,
            has_no_escape,
            told_by: 0,
        }
    }

    /// The same value, to be told by whatever told `self`.
    #[inline(always)]
    pub fn with_value_of(self, other: Guess) -> Guess {
        Guess {
            told_by: self.told_by,
            ..other
        }
    }
}

/// For each lookup column and each of its values: what every column had in the last such row.
pub struct EarlierRows {
    columns: usize,
    tables: Vec<Vec<Guess>>,
    /// Where the guesses of the current row begin in each table.
    at: Vec<usize>,
}

const NOWHERE: usize = usize::MAX;

impl EarlierRows {
    pub fn new(columns: usize, lookups: usize) -> Self {
        Self {
            columns,
            tables: vec![Vec::new(); lookups],
            at: vec![NOWHERE; lookups],
        }
    }

    pub fn clear(&mut self) {
        self.tables.iter_mut().for_each(Vec::clear);
        self.begin_row();
    }

    #[inline]
    pub fn begin_row(&mut self) {
        self.at.fill(NOWHERE);
    }

    /// The value of `column` in the row that told it right before.
    #[inline(always)]
    pub fn guess(&self, own: Guess, column: usize) -> Option<Guess> {
        let found = match own.told_by as usize {
            0 => own,
            told_by => *self.tables[told_by - 1].get(self.at[told_by - 1].checked_add(column)?)?,
        };
        (found.index >= 0).then_some(found)
    }

    /// The lookup column number `lookup` has the dictionary's value `index` in this row.
    #[inline]
    pub fn meet(&mut self, lookup: usize, index: usize) {
        if index >= REMEMBERED_MAX {
            return;
        }
        self.at[lookup] = index * self.columns;
        let needed = (index + 1) * self.columns;
        if self.tables[lookup].len() < needed {
            self.tables[lookup].resize(needed, Guess::NONE);
        }
    }

    /// A value that was not guessed: remember it, and which row would have told it.
    pub fn learn(&mut self, own: Guess, column: usize, met: Guess) -> Guess {
        let mut told_by = own.told_by;
        for lookup in 0..self.tables.len() {
            let place = self.at[lookup].checked_add(column);
            let held = place.and_then(|place| self.tables[lookup].get_mut(place));
            if let Some(held) = held
                && std::mem::replace(held, met).index == met.index
            {
                told_by = lookup as u8 + 1;
            }
        }
        if own.index == met.index {
            told_by = 0;
        }
        Guess { told_by, ..met }
    }
}
