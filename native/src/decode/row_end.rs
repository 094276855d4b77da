//! What a record adds to the block once all its members were read.

use crate::decode::row::{FOREIGN_MEMBERS_MIN, Rows};

impl Rows {
    pub(super) fn end_row(&mut self, row: usize, line: &[u8]) {
        let record = &mut self.record;
        if !record.extra.is_empty() {
            record.extra.push(b'}');
            self.extra.push(row, &record.extra, false);
        }
        if let Some(microseconds) = record.event_time() {
            self.event_time.push(row, microseconds);
        }
        let mut users = record.users.iter().enumerate();
        if let Some((rule, user)) = users.find_map(|(rule, user)| Some((rule, user.get()?))) {
            let source = self.plan.identity[rule].source.as_bytes();
            self.user_id.push(row, user, false);
            self.user_source.push(row, source, false);
        }
        self.count_names();
        self.count_foreign(line);
    }

    fn count_names(&mut self) {
        let names = &mut self.plan.names;
        for name in &self.record.misfits {
            names[*name].misfits += 1;
        }
        for name in &self.record.approximations {
            names[*name].approximations += 1;
        }
        for name in &self.record.unknown_names {
            names[*name].unknown += 1;
        }
    }

    fn count_foreign(&mut self, line: &[u8]) {
        let (members, unknown) = (self.record.members, self.record.unknown);
        let is_foreign = unknown > members - unknown && unknown >= FOREIGN_MEMBERS_MIN;
        if is_foreign && !self.columns.is_empty() {
            if self.foreign == 0 {
                self.foreign_sample = line.to_vec();
                self.foreign_line = self.record.line_number;
            }
            self.foreign += 1;
        }
    }
}
