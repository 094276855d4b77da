//! One question: the rows of some files, in the columns that it names.

use std::ops::Range;

use arrow_array::RecordBatch;

use super::columns::{self, Column};
use super::file::Place;
use super::kept::{FileAsked, Kept};
use super::kind::Kind;
use super::pages::Unpacking;
use super::search::{Found, Opened, RAY, TIME, USER};
use super::trouble::{Read, Trouble, refused};

/// Whose rows are asked for. `rows` is the stretch that the catalog tells, if it does.
pub struct UserAsked {
    pub name: String,
    pub rows: Option<Range<usize>>,
}

pub enum Asked {
    /// For each file, the users who may have rows in it.
    Users(Vec<Vec<UserAsked>>),
    Ray(String),
}

pub struct Question {
    pub files: Vec<FileAsked>,
    pub asked: Asked,
    pub columns: Vec<(String, Kind)>,
    /// Microseconds; rows of a user without a time are in no period.
    pub period: Option<(i64, i64)>,
    pub rows_max: usize,
}

impl Question {
    /// An error names the file that it is about.
    pub fn answer(&self, kept: &Kept) -> Result<RecordBatch, (String, Trouble)> {
        let mut columns: Vec<Column> = self
            .columns
            .iter()
            .map(|(_, kind)| Column::new(*kind))
            .collect();
        let mut rows = 0;
        let mut unpacking = Unpacking::new().map_err(|error| (String::new(), error))?;
        for number in 0..self.files.len() {
            self.read(number, kept, &mut unpacking, &mut columns, &mut rows)
                .map_err(|error| (self.files[number].path.clone(), error))?;
        }
        let names: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        columns::batch(&names, columns)
            .map_err(|error| (String::new(), Trouble::Refused(error.to_string())))
    }

    fn read(
        &self,
        number: usize,
        kept: &Kept,
        unpacking: &mut Unpacking,
        columns: &mut [Column],
        rows: &mut usize,
    ) -> Read<()> {
        let file = &self.files[number];
        let place = Place::open(&file.path)?;
        let mut needed = self.columns.clone();
        for (name, kind) in [(USER, Kind::Text), (TIME, Kind::Time), (RAY, Kind::Text)] {
            if !needed.iter().any(|(each, _)| each == name) {
                needed.push((name.to_owned(), kind));
            }
        }
        let footer = kept.footer(&place, file, &needed)?;
        let mut opened = Opened {
            place: &place,
            footer: &footer,
            unpacking,
        };
        for found in self.found(number, &mut opened)? {
            *rows += found.1.len();
            if *rows > self.rows_max {
                return refused(format!("more than {} rows", self.rows_max));
            }
            for ((name, _), column) in self.columns.iter().zip(columns.iter_mut()) {
                opened.give(name, &found, column)?;
            }
        }
        Ok(())
    }

    fn found(&self, number: usize, opened: &mut Opened) -> Read<Vec<Found>> {
        let mut found = vec![];
        match &self.asked {
            Asked::Ray(ray) => found = opened.of_ray(ray)?,
            Asked::Users(users) => {
                for user in users.get(number).into_iter().flatten() {
                    found.extend(opened.of_user(&user.name, user.rows.as_ref())?);
                }
            }
        }
        let Some((since, until)) = self.period else {
            return Ok(found);
        };
        let within = found
            .into_iter()
            .map(|each| opened.within(each, since, until));
        within.filter_map(Result::transpose).collect()
    }
}
