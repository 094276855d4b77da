//! The order of a part: by user, time, line and batch; rows without a user come last.

use crate::decode::columns::text::Text;
use crate::decode::row::Rows;

pub const DAY_MICROSECONDS: i64 = 86_400_000_000;

const NO_USER: u32 = u32::MAX;

/// The rows of complete columns in order.
pub fn of_rows(rows: &Rows) -> Vec<u32> {
    let count = rows.line_numbers.len();
    let ranks = ranks(&rows.user_id, count);
    let times = &rows.event_time;
    let time = |row: usize| {
        if times.rows.holds(row) {
            times.values[row]
        } else {
            i64::MAX
        }
    };
    // Rows of equal keys stay in the order in which they came: that of their batches.
    let mut keys: Vec<(u32, i64, i64, u32)> = (0..count)
        .map(|row| (ranks[row], time(row), rows.line_numbers[row], row as u32))
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(|key| key.3).collect()
}

/// The day of a row since 1970; None for a row without a time.
#[inline]
pub fn day_of(rows: &Rows, row: usize) -> Option<i64> {
    let times = &rows.event_time;
    let has_time = times.rows.holds(row);
    has_time.then(|| times.values[row].div_euclid(DAY_MICROSECONDS))
}

/// The place of each row's user among all users.
fn ranks(users: &Text, count: usize) -> Vec<u32> {
    match users.indices() {
        Some(indices) => {
            let ranks = ranks_of_values(users);
            let rank = |row: usize| ranks[indices[row] as usize];
            (0..count)
                .map(|row| {
                    if users.rows.holds(row) {
                        rank(row)
                    } else {
                        NO_USER
                    }
                })
                .collect()
        }
        None => ranks_of_rows(users, count),
    }
}

fn ranks_of_values(users: &Text) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..users.values.len() as u32).collect();
    sorted.sort_unstable_by_key(|index| users.values.get(*index as usize));
    let mut ranks = vec![0; sorted.len()];
    for (rank, index) in sorted.iter().enumerate() {
        ranks[*index as usize] = rank as u32;
    }
    ranks
}

fn ranks_of_rows(users: &Text, count: usize) -> Vec<u32> {
    let mut sorted: Vec<usize> = (0..count).filter(|row| users.rows.holds(*row)).collect();
    sorted.sort_unstable_by_key(|row| users.text(*row));
    let mut ranks = vec![NO_USER; count];
    let mut rank = 0;
    for (place, row) in sorted.iter().enumerate() {
        if place > 0 && users.text(*row) != users.text(sorted[place - 1]) {
            rank += 1;
        }
        ranks[*row] = rank;
    }
    ranks
}
