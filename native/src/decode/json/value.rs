//! Converts a scanned value to what a column holds: text, number, time, list or user.

use crate::decode::json::members;
use crate::decode::json::number;
use crate::decode::json::scan::{Kind, Sure, Unsure, Value};
use crate::decode::json::time::{self, Time};
use crate::decode::plan::{FieldType, IdentityRule};

/// The text without escapes; `scratch` holds it if it has any.
pub fn text<'a>(
    line: &'a [u8],
    value: &Value,
    has_escape: bool,
    scratch: &'a mut Vec<u8>,
) -> Sure<&'a [u8]> {
    if !has_escape {
        return Ok(value.inside(line));
    }
    scratch.clear();
    members::unescape(value.inside(line), scratch)?;
    Ok(scratch)
}

pub fn is_kept_as_text(kind: FieldType, value: Kind) -> bool {
    match kind {
        FieldType::Object => value == Kind::Object,
        FieldType::Objects => value == Kind::Array,
        _ => true,
    }
}

pub fn whole(line: &[u8], value: &Value) -> Option<i64> {
    (value.kind == Kind::Number)
        .then(|| number::whole(value.inside(line)))
        .flatten()
}

pub fn time(line: &[u8], value: &Value, scratch: &mut Vec<u8>) -> Sure<Time> {
    Ok(match value.kind {
        Kind::Text { has_escape } => time::from_text(text(line, value, has_escape, scratch)?),
        Kind::Number => time::from_number(value.inside(line)),
        _ => Time::Misfit,
    })
}

/// Pass each text of an array to `add`; false if it has another element.
pub fn texts_of(
    line: &[u8],
    array: &Value,
    scratch: &mut Vec<u8>,
    mut add: impl FnMut(&[u8]),
) -> Sure<bool> {
    for element in members::elements(line, array) {
        let element = element?;
        let Kind::Text { has_escape } = element.kind else {
            return Ok(false);
        };
        add(text(line, &element, has_escape, scratch)?);
    }
    Ok(true)
}

/// Pass each integer of an array to `add`; false if it has another element.
pub fn numbers_of(line: &[u8], array: &Value, mut add: impl FnMut(i64)) -> Sure<bool> {
    for element in members::elements(line, array) {
        let Some(number) = whole(line, &element?) else {
            return Ok(false);
        };
        add(number);
    }
    Ok(true)
}

/// The user that a rule finds in its field. The reference decoder handles numbers and lists.
pub fn user(rule: &IdentityRule, line: &[u8], holder: &Value) -> Sure<Option<Vec<u8>>> {
    let Some(key) = &rule.key else {
        return usable(line, holder);
    };
    if holder.kind != Kind::Object {
        return Ok(None);
    }
    let mut found = None;
    for member in members::members(line, holder) {
        let member = member?;
        if member.key.contains(&b'\\') {
            return Err(Unsure);
        }
        if member.key.eq_ignore_ascii_case(key.as_bytes()) {
            if found.is_some() {
                return Err(Unsure);
            }
            found = Some(member.value);
        }
    }
    found.map_or(Ok(None), |value| usable(line, &value))
}

fn usable(line: &[u8], value: &Value) -> Sure<Option<Vec<u8>>> {
    match value.kind {
        Kind::Text { has_escape } => {
            let mut scratch = Vec::new();
            let text = text(line, value, has_escape, &mut scratch)?;
            Ok((!text.is_empty()).then(|| text.to_vec()))
        }
        Kind::Number | Kind::Array => Err(Unsure),
        _ => Ok(None),
    }
}
