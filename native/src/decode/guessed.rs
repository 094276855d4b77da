//! Values in their usual form, or equal to that of an earlier row: read in one pass.

use crate::decode::columns::column::Column;
use crate::decode::columns::guesses::{EarlierRows, Guess};
use crate::decode::columns::text::Text;
use crate::decode::columns::texts::is_same;
use crate::decode::json::number::{plain_decimal, plain_whole};
use crate::decode::plan::{FieldType, NO_COLUMN};
use crate::decode::row::Rows;

/// As long as `"2026-11-22T09:59:00Z"`.
const QUOTED_TIME: usize = 22;

/// What to expect in a text column, and where the value ends if the line has just that.
struct Expected {
    guess: Guess,
    end: usize,
}

impl Rows {
    /// Take the value at `start` if it is as expected, and return the position after it; None if it
    /// must be scanned.
    #[inline(always)]
    pub(super) fn guessed(
        &mut self,
        row: usize,
        name: usize,
        line: &[u8],
        start: usize,
    ) -> Option<usize> {
        let of_name = self.plan.uses[name];
        if of_name.stamp == self.stamp || of_name.column == NO_COLUMN {
            return None;
        }
        let column = of_name.column as usize;
        let after = match &mut self.columns[column] {
            Column::Text(texts) if of_name.kind != FieldType::Unknown => {
                let is_quoted = of_name.kind == FieldType::String;
                let own = &mut self.guesses[column];
                let found = expected(texts, &self.earlier, *own, column, is_quoted, line, start)?;
                let index = found.guess.index as usize;
                if of_name.has_identity {
                    for rule in &self.plan.names[name].identity {
                        let user = self.people[*rule].get(index)?.as_ref()?;
                        self.record.users[*rule].set(user.as_deref());
                    }
                }
                take(texts, own, row, found.guess);
                if of_name.lookup > 0 {
                    self.earlier.meet(of_name.lookup as usize - 1, index);
                }
                found.end
            }
            _ if of_name.has_identity => return None,
            Column::Whole(numbers) => {
                let (number, after) = plain_whole(line, start)?;
                numbers.push(row, number);
                after
            }
            Column::Double(numbers) => {
                let (number, after) = plain_decimal(line, start)?;
                numbers.push(row, number);
                after
            }
            Column::Truth(truths) => {
                let is_true = line.get(start) == Some(&b't');
                let word: &[u8] = if is_true { b"true" } else { b"false" };
                if line.get(start..start + word.len())? != word {
                    return None;
                }
                truths.push(row, is_true);
                start + word.len()
            }
            Column::Times(times) => {
                let [b'"', text @ .., b'"'] = line.get(start..start + QUOTED_TIME)? else {
                    return None;
                };
                let instant = times.minute.within(text)?;
                times.push(row, instant);
                if let Some(rank) = self.plan.names[name].time_rank {
                    self.record.times[rank] = Some(instant.microseconds);
                }
                start + QUOTED_TIME
            }
            Column::TextLists(lists) if line.get(start..start + 2)? == b"[]" => {
                lists.end_row(row);
                start + 2
            }
            Column::NumberLists(lists) if line.get(start..start + 2)? == b"[]" => {
                lists.end_row(row);
                start + 2
            }
            _ => return None,
        };
        self.plan.uses[name].stamp = self.stamp;
        self.record.members += 1;
        Some(after)
    }

    /// After a value that was scanned: guess it next time. A value that did not fit is not learnt.
    pub(super) fn learn(&mut self, row: usize, name: usize, column: usize) {
        let Column::Text(texts) = &self.columns[column] else {
            return;
        };
        if texts.rows.len() <= row {
            return;
        }
        let own = &mut self.guesses[column];
        let Some(met) = texts.last() else {
            *own = Guess::NONE;
            return;
        };
        *own = self.earlier.learn(*own, column, met);
        let index = met.index as usize;
        let lookup = self.plan.uses[name].lookup;
        if lookup > 0 {
            self.earlier.meet(lookup as usize - 1, index);
        }
        for rule in &self.plan.names[name].identity {
            let people = &mut self.people[*rule];
            if people.len() <= index {
                people.resize(index + 1, None);
            }
            people[index] = Some(self.record.users[*rule].get().map(<[u8]>::to_vec));
        }
    }
}

#[inline(always)]
fn expected(
    texts: &Text,
    earlier: &EarlierRows,
    own: Guess,
    column: usize,
    is_quoted: bool,
    line: &[u8],
    start: usize,
) -> Option<Expected> {
    let guess = earlier.guess(own, column)?;
    let text = texts.guessed(guess)?;
    let end = if is_quoted {
        let end = start + 1 + text.len();
        let is_same = guess.has_no_escape
            && line.get(end) == Some(&b'"')
            && line[start] == b'"'
            && is_same(&line[start + 1..end], text);
        is_same.then_some(end + 1)
    } else {
        let end = start + text.len();
        is_same(line.get(start..end)?, text).then_some(end)
    };
    end.map(|end| Expected { guess, end })
}

#[inline(always)]
fn take(texts: &mut Text, own: &mut Guess, row: usize, guess: Guess) {
    let has_dictionary = if guess.index == own.index {
        texts.push_same(row)
    } else {
        *own = own.with_value_of(guess);
        texts.push_index(row, guess.index)
    };
    if !has_dictionary {
        *own = Guess::NONE;
    }
}
