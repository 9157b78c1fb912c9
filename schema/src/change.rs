//! The differences between two states in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::kind::{Alter, Id};
use crate::name::QName;
use crate::object::Kind;
use crate::state::{Entry, State, pairs};

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
    /// An object that is no longer there.
    pub fn dropped(object: Id) -> Self {
        Change { action: Action::Drop, object, aspects: Vec::new() }
    }

    /// An object that had another name.
    pub fn renamed(object: Id, old: String) -> Self {
        Change { action: Action::Rename(old), object, aspects: Vec::new() }
    }
}

/// The objects that differ, in the order of their kinds and names. What is created or dropped with the object that it is
/// a part of is not listed.
pub fn changes(prev: &State, next: &State) -> Vec<Change> {
    let is_listed = |entry: &Entry, this: &State, other: &State| {
        let whole = entry.definition.part_of();
        !whole.is_some_and(|id| this.objects.contains_key(&id) && !other.objects.contains_key(&id))
    };
    let change = |id: &Id, action, aspects| Some(Change { action, object: id.clone(), aspects });
    pairs(prev, next)
        .filter_map(|(id, before, after)| match (before, after) {
            (Some(before), Some(after)) if !before.is_same(after) => {
                change(id, Action::Alter, aspects(before, after))
            }
            (Some(before), None) if is_listed(before, prev, next) => change(id, Action::Drop, Vec::new()),
            (None, Some(after)) if is_listed(after, next, prev) => change(id, Action::Create, Vec::new()),
            _ => None,
        })
        .collect()
}

/// The objects that are dropped, with or without being created again, or change in a way that what depends on them forbids.
pub fn forbidden_by_dependents(prev: &State, next: &State) -> BTreeSet<Id> {
    let is_forbidden = |before: &Entry, after: Option<&Entry>| {
        let alter = after.map(|after| before.definition.alter(&after.definition));
        matches!(alter, None | Some(Alter::Replace | Alter::Around(..)))
    };
    let forbidden =
        pairs(prev, next).filter(|(_, before, after)| before.is_some_and(|it| is_forbidden(it, *after)));
    forbidden.map(|(id, ..)| id.clone()).collect()
}

/// What differs and no statement changes: what it is, and of which object. PostgreSQL cannot move the parts of an
/// object, such as the columns of a table.
pub fn not_compared(prev: &State, next: &State) -> Vec<(String, Id)> {
    let mut found = Vec::new();
    let mut places: BTreeMap<(Id, Kind), Vec<[i32; 2]>> = BTreeMap::new();
    for (id, before, after) in pairs(prev, next) {
        let (Some(before), Some(after)) = (before, after) else { continue };
        let [before, after] = [&before.definition, &after.definition];
        found.extend(before.passed_over(after).map(|what| (what.to_owned(), id.clone())));
        if let Some(whole) = before.part_of() {
            places.entry((whole, id.kind)).or_default().push([before.place(), after.place()]);
        }
    }
    for ((whole, kind), mut places) in places {
        places.sort_unstable();
        if !places.is_sorted_by_key(|[_, after]| *after) {
            found.push((format!("order of {kind}s"), whole));
        }
    }
    found
}

/// What follows from other properties, of the same object or of others.
const DERIVED: [&str; 10] = [
    "composite",
    "volatile",
    "position",
    "base",
    "passed",
    "created_by_attach",
    "type_storage",
    "own_identity",
    "twin",
    "inherits_columns",
];

/// The properties that differ, with their values where these are short.
fn aspects(prev: &Entry, next: &Entry) -> Vec<String> {
    let fields = |entry: &Entry| match serde_json::to_value(&entry.definition) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let (before, after) = (fields(prev), fields(next));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let names = names
        .into_iter()
        .filter(|name| !DERIVED.contains(&name.as_str()) && before.get(*name) != after.get(*name));
    let mut aspects: Vec<String> =
        names.map(|name| aspect(&name.replace('_', " "), before.get(name), after.get(name))).collect();
    if prev.comment != next.comment {
        aspects.push("comment".to_owned());
    }
    if prev.owner != next.owner {
        aspects.push(format!("owner {}", next.owner.as_deref().unwrap_or("is the role that migrates")));
    }
    if prev.privileges != next.privileges {
        aspects.push("privileges".to_owned());
    }
    aspects
}

fn aspect(name: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    match (before, after) {
        (Some(Value::Bool(_)) | None, Some(Value::Bool(true))) => name.to_owned(),
        (Some(Value::Bool(true) | Value::Object(_)), None | Some(Value::Bool(_))) => {
            format!("no longer {name}")
        }
        (_, None) => format!("no {name}"),
        (Some(Value::String(before)), Some(Value::String(after))) if !after.contains('\n') => {
            format!("{name} {before} to {after}")
        }
        (None, Some(Value::String(after))) => format!("{name} {after}"),
        _ => name.to_owned(),
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = &self.object;
        match &self.action {
            Action::Create if object.names().count() > 2 => write!(f, "add {object}"),
            Action::Create => write!(f, "create {object}"),
            Action::Drop => write!(f, "drop {object}"),
            Action::Alter => write!(f, "alter {object}: {}", self.aspects.join(", ")),
            Action::Rename(old) => {
                let new = object.name();
                match (object.kind, object.names().count()) {
                    (Kind::Enum, 3) => write!(f, "rename label {old} of {} to {new}", object.qname()),
                    (Kind::Composite, 3) => {
                        write!(f, "rename attribute {old} of {} to {new}", object.qname())
                    }
                    (kind, 2) if old.contains('.') => {
                        let QName { schema, name } = object.qname();
                        write!(f, "rename {kind} {old} to {schema}.{name}")
                    }
                    (kind, _) => write!(f, "rename {kind} {old} to {new}"),
                }
            }
        }
    }
}
