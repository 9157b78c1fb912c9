//! The differences between two states in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::kind::Id;
use crate::state::{Entry, State};

/// What becomes of an object that is not the same before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub action: Action,
    /// Under its new name.
    pub object: Id,
    /// What of an altered object differs: `type integer to bigint`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aspects: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    Drop,
    Alter,
    /// The name it had.
    Rename(String),
}

impl Change {
    /// An object that had another name.
    pub fn renamed(object: Id, old: String) -> Self {
        Change { action: Action::Rename(old), object, aspects: Vec::new() }
    }
}

/// The objects that differ, in the order of their kinds and names. What is created or dropped with the object that it is
/// a part of is not listed.
pub fn changes(prev: &State, next: &State) -> Vec<Change> {
    let mut found = BTreeMap::new();
    for (id, entry) in &prev.objects {
        match next.objects.get(id) {
            None => {
                let whole = entry.definition.part_of();
                if !whole.is_some_and(|whole| is_only_in(prev, next, &whole)) {
                    found.insert(id, (Action::Drop, Vec::new()));
                }
            }
            Some(after) if !entry.is_same(after) => {
                found.insert(id, (Action::Alter, aspects(entry, after)));
            }
            Some(_) => {}
        }
    }
    for (id, entry) in next.objects.iter().filter(|(id, _)| !prev.objects.contains_key(*id)) {
        let whole = entry.definition.part_of();
        if !whole.is_some_and(|whole| is_only_in(next, prev, &whole)) {
            found.insert(id, (Action::Create, Vec::new()));
        }
    }
    let change = |(object, (action, aspects)): (&Id, _)| Change { action, object: object.clone(), aspects };
    found.into_iter().map(change).collect()
}

/// The properties that differ, with their values where these are short.
fn aspects(prev: &Entry, next: &Entry) -> Vec<String> {
    let fields = |entry: &Entry| match serde_json::to_value(&entry.definition) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let (before, after) = (fields(prev), fields(next));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let names = names.into_iter().filter(|name| *name != "position" && before.get(*name) != after.get(*name));
    let mut aspects: Vec<String> =
        names.map(|name| aspect(&name.replace('_', " "), before.get(name), after.get(name))).collect();
    if prev.comment != next.comment {
        aspects.push("comment".to_owned());
    }
    if prev.privileges != next.privileges {
        aspects.push("privileges".to_owned());
    }
    aspects
}

fn aspect(name: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    match (before, after) {
        (Some(Value::Bool(_)) | None, Some(Value::Bool(true))) => name.to_owned(),
        (Some(Value::Bool(true)), _) => format!("no longer {name}"),
        (_, None) => format!("no {name}"),
        (Some(Value::String(before)), Some(Value::String(after))) if !after.contains('\n') => {
            format!("{name} {before} to {after}")
        }
        (None, Some(Value::String(after))) => format!("{name} {after}"),
        _ => name.to_owned(),
    }
}

fn is_only_in(this: &State, other: &State, id: &Id) -> bool {
    this.objects.contains_key(id) && !other.objects.contains_key(id)
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = &self.object;
        match &self.action {
            Action::Create if object.path.len() > 2 => write!(f, "add {object}"),
            Action::Create => write!(f, "create {object}"),
            Action::Drop => write!(f, "drop {object}"),
            Action::Alter => write!(f, "alter {object}: {}", self.aspects.join(", ")),
            Action::Rename(old) => {
                write!(f, "rename {} {old} to {}", object.kind, object.path.last().map_or("", String::as_str))
            }
        }
    }
}
