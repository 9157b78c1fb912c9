//! Which objects differ between two states: what a person is told, where the plan has the statements.

use std::fmt;

use serde::Serialize;

use crate::kind::{Alter, Id};
use crate::state::{Entry, State};

/// What the second of two states does to an object of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Added,
    Removed,
    Changed,
}

/// An object that is not the same in two states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    #[serde(flatten)]
    pub id: Id,
    pub change: Change,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.change {
            Change::Added => '+',
            Change::Removed => '-',
            Change::Changed => '~',
        };
        write!(f, "{sign} {}", self.id)
    }
}

/// The objects that differ, in the order of their names. Parts of an object that is itself added or removed are not
/// listed.
pub fn differences(prev: &State, next: &State) -> Vec<Difference> {
    let mut found = Vec::new();
    for (id, before) in &prev.objects {
        match next.objects.get(id) {
            None => found.extend(one(id, before, next, Change::Removed)),
            Some(after) if differ(before, after) => {
                found.push(Difference { id: id.clone(), change: Change::Changed });
            }
            Some(_) => {}
        }
    }
    for (id, after) in &next.objects {
        if !prev.objects.contains_key(id) {
            found.extend(one(id, after, prev, Change::Added));
        }
    }
    found.sort_by(|a, b| (&a.id, a.change).cmp(&(&b.id, b.change)));
    found
}

/// The difference that is an object which `other` lacks, unless it is a part of one that `other` lacks, too.
fn one(id: &Id, entry: &Entry, other: &State, change: Change) -> Option<Difference> {
    let whole = entry.definition.part_of();
    let listed = whole.is_none_or(|whole| other.objects.contains_key(&whole));
    listed.then(|| Difference { id: id.clone(), change })
}

fn differ(before: &Entry, after: &Entry) -> bool {
    before != after
        && (before.comment != after.comment
            || before.privileges != after.privileges
            || before.definition.alter(&after.definition) != Alter::Same)
}
