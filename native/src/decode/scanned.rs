//! Values that are not as expected: scanned to their end, and then stored.

use crate::decode::columns::column::Column;
use crate::decode::json::scan::{self, Sure, Unsure, Value};
use crate::decode::json::time::Instant;
use crate::decode::json::value::{time, user};
use crate::decode::plan::FieldType;
use crate::decode::row::Rows;

/// 2010, when Cloudflare started. An earlier value is a duration or a counter, not a time.
const GUESSED_MICROSECONDS_MIN: i64 = 1_262_304_000_000_000;

impl Rows {
    /// Take a value that is not as expected; returns the position after it. It is a function of its
    /// own so that the loop over members stays small.
    #[inline(never)]
    pub(super) fn scanned(
        &mut self,
        row: usize,
        name: usize,
        line: &[u8],
        key: &[u8],
        start: usize,
    ) -> Sure<usize> {
        if let Some(after) = self.spelled_out(row, name, line, start) {
            return Ok(after);
        }
        let (value, after) = scan::value(line, start)?;
        let of_name = &mut self.plan.uses[name];
        if of_name.stamp == self.stamp {
            // A repeated name: the reference decoder decides which counts.
            return Err(Unsure);
        }
        of_name.stamp = self.stamp;
        self.record.members += 1;
        if of_name.has_identity {
            self.identify(name, line, &value)?;
        }
        match self.plan.names[name].column {
            Some((column, kind)) => {
                self.place(row, name, (column, kind), line, &value, key)?;
                self.learn(row, name, column);
            }
            None => {
                self.record.unknown += 1;
                self.record.unknown_names.push(name);
                self.record.keep(key, value.sent(line));
                self.tell_time(name, line, &value)?;
            }
        }
        Ok(after)
    }

    /// Take the text at `start` if it is one without escapes for a column of texts that tells nothing
    /// else, and return the position after it; None for any other value.
    #[inline]
    fn spelled_out(&mut self, row: usize, name: usize, line: &[u8], start: usize) -> Option<usize> {
        let of_name = self.plan.uses[name];
        let is_first = of_name.stamp != self.stamp;
        if !is_first || of_name.kind != FieldType::String || of_name.has_identity {
            return None;
        }
        let column = of_name.column as usize;
        let Column::Text(texts) = self.columns.get_mut(column)? else {
            return None;
        };
        let text = scan::plain_text(line, start)?;
        texts.push(row, text, true);
        self.plan.uses[name].stamp = self.stamp;
        self.record.members += 1;
        self.learn(row, name, column);
        Some(start + text.len() + 2)
    }

    /// Use a member without a column for the event time.
    fn tell_time(&mut self, name: usize, line: &[u8], value: &Value) -> Sure<()> {
        let name = &self.plan.names[name];
        if name.time_rank.is_none() && !(name.may_be_time && self.record.guessed_time.is_none()) {
            return Ok(());
        }
        let Some(Instant { microseconds, .. }) =
            time(line, value, &mut self.record.scratch)?.instant()
        else {
            return Ok(());
        };
        match name.time_rank {
            Some(rank) => self.record.times[rank] = Some(microseconds),
            None if microseconds >= GUESSED_MICROSECONDS_MIN => {
                self.record.guessed_time = Some(microseconds);
            }
            None => {}
        }
        Ok(())
    }

    fn identify(&mut self, name: usize, line: &[u8], value: &Value) -> Sure<()> {
        for rule in &self.plan.names[name].identity {
            let found = user(&self.plan.identity[*rule], line, value)?;
            self.record.users[*rule].set(found.as_deref());
        }
        Ok(())
    }
}
