//! A state of a database: its objects, and which of them depend on which.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kind::{Alter, Id};
use crate::object::{Definition, Kind};
use crate::plan::comment;
use crate::privilege::Privilege;

/// Everything that a database holds, as far as it is managed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    pub objects: BTreeMap<Id, Entry>,
}

/// An object with what any object can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    #[serde(flatten)]
    pub definition: Definition,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Who owns it, unless it is the role that migrates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What differs from the privileges that such an object has by default.
    #[serde(default, rename = "acl", skip_serializing_if = "Vec::is_empty")]
    pub privileges: Vec<Privilege>,
    /// What must be there as long as it is.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub depends: BTreeSet<Id>,
}

impl Entry {
    /// The statements that create it alone, with its comment.
    pub fn create(&self) -> Vec<String> {
        let comment = self.comment.as_deref().map(|text| comment(&self.definition, Some(text)));
        self.definition.create(&[]).into_iter().chain(comment).flat_map(|step| step.statements).collect()
    }

    /// The dependencies that its data says.
    pub(crate) fn implied(&self) -> Vec<Id> {
        let mut implied = self.definition.depends();
        if let Some(later) = self.definition.later() {
            implied.retain(|id| !later.depends.contains(id));
        }
        implied
    }

    /// What any object can have, beside its definition.
    pub(crate) fn settings(&self) -> (Option<&str>, Option<&str>, &[Privilege]) {
        (self.comment.as_deref(), self.owner.as_deref(), &self.privileges)
    }

    /// Whether nothing would have to be done to make one the other.
    pub(crate) fn is_same(&self, other: &Entry) -> bool {
        self.settings() == other.settings()
            && (self.definition == other.definition
                || (self.definition.alter(&other.definition) == Alter::Same
                    && self.definition.later() == other.definition.later()))
    }
}

/// Each object of two states in the order of their names, with what it is in the one and in the other.
pub(crate) fn pairs<'a>(
    prev: &'a State,
    next: &'a State,
) -> impl Iterator<Item = (&'a Id, Option<&'a Entry>, Option<&'a Entry>)> {
    let (mut prev, mut next) = (prev.objects.iter().peekable(), next.objects.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (prev.peek(), next.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((before, _)), Some((after, _))) => before.cmp(after),
        };
        let before = if order.is_le() { prev.next() } else { None };
        let after = if order.is_ge() { next.next() } else { None };
        let (id, _) = before.or(after)?;
        Some((id, before.map(|(_, entry)| entry), after.map(|(_, entry)| entry)))
    })
}

impl State {
    /// An entry for each definition, with the dependencies that its data says.
    pub fn insert(&mut self, definition: Definition, comment: Option<String>) {
        let (owner, privileges, depends) = (None, Vec::new(), BTreeSet::new());
        let mut entry = Entry { definition, comment, owner, privileges, depends };
        entry.depends.extend(entry.implied());
        self.objects.insert(entry.definition.id(), entry);
    }

    /// What is named within an object and of a kind, in the order of names.
    pub fn parts(&self, whole: &Id, kind: Kind) -> impl Iterator<Item = (&Id, &Entry)> {
        let first = whole.part(kind, "");
        let within = first.clone();
        self.objects
            .range(first..)
            .take_while(move |(id, _)| id.kind == kind && id.path().starts_with(within.path()))
    }

    /// The outermost object with which this one is dropped: the table of a column, the column of a sequence.
    pub fn whole(&self, id: &Id) -> Id {
        let mut whole = id.clone();
        while let Some(parent) = self.objects.get(&whole).and_then(|entry| entry.definition.part_of()) {
            whole = parent;
        }
        whole
    }

    /// Who owns an object or, if it has no owner of its own, what it is a part of; none: the role that migrates.
    pub(crate) fn owner<'a>(&'a self, entry: &'a Entry) -> Option<&'a str> {
        let whole = if entry.definition.has_owner() { None } else { entry.definition.part_of() };
        let owned = whole.and_then(|whole| self.objects.get(&whole));
        owned.map_or(entry.owner.as_deref(), |whole| whole.owner.as_deref())
    }

    /// Removes objects, and what is dropped with them.
    pub fn remove(&mut self, removed: &BTreeSet<Id>) {
        let is_removed = |mut id: Id| loop {
            if removed.contains(&id) {
                return true;
            }
            match self.objects.get(&id).and_then(|entry| entry.definition.part_of()) {
                Some(whole) => id = whole,
                None => return false,
            }
        };
        let gone: BTreeSet<Id> =
            self.objects.keys().filter(|id| is_removed((*id).clone())).cloned().collect();
        self.objects.retain(|id, _| !gone.contains(id));
        for entry in self.objects.values_mut() {
            entry.depends.retain(|id| !gone.contains(id));
        }
    }

    /// The schemas of its objects.
    pub fn schemas(&self) -> BTreeSet<&str> {
        self.objects.keys().filter_map(Id::schema_name).collect()
    }

    /// Removes what is in another schema than these, as if it had not been read.
    pub fn keep_schemas(&mut self, schemas: &[&str]) {
        let other = |id: &&Id| id.schema_name().is_some_and(|name| !schemas.contains(&name));
        let others = self.objects.keys().filter(other).cloned().collect();
        self.remove(&others);
    }

    /// What it has and `prev` has not, and may have been there before it was created.
    pub fn preceding(&self, prev: &State) -> BTreeSet<Id> {
        let had = |id: &Id| prev.objects.contains_key(id);
        let precedes = |(id, entry): &(&Id, &Entry)| {
            entry.definition.may_precede() && !had(id) && entry.depends.iter().all(had)
        };
        self.objects.iter().filter(precedes).map(|(id, _)| id.clone()).collect()
    }

    /// Adds dependencies to those of an object.
    pub fn depend(&mut self, id: &Id, on: impl IntoIterator<Item = Id>) {
        if let Some(entry) = self.objects.get_mut(id) {
            entry.depends.extend(on.into_iter().filter(|other| other != id));
        }
    }
}
