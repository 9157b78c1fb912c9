//! Renames after which other objects read as before only to a server: what uses a renamed view or function has its new
//! name in its text.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::{Rename, has_name, name, part_of};
use crate::change::Change;
use crate::kind::Id;
use crate::object::{Definition, Kind};
use crate::state::{Entry, State, pairs};

/// What a SQL file declares to have had another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The words of the statement before the name: `CREATE MATERIALIZED VIEW`.
    pub what: String,
    /// The schema, if the statement names it.
    pub schema: Option<String>,
    /// The name of what the statement creates.
    pub name: String,
    /// Of something within it, the names that stand where it is declared; one of them is its own.
    pub within: Vec<String>,
    pub old: String,
}

impl Declared {
    /// Whether this is the statement of an object.
    fn creates(&self, id: &Id, name: &str, definition: &Definition) -> bool {
        let address = definition.address();
        let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_uppercase());
        let word: Vec<&str> = address.split(' ').take_while(is_word).collect();
        let is_within = self.schema.as_ref().is_none_or(|schema| schema == id.outermost());
        self.name == name && is_within && self.what.contains(&word.join(" "))
    }

    /// Whether it says that one object became the other, which is defined so.
    fn is_of(&self, from: &Id, to: &Id, definition: &Definition, next: &State) -> bool {
        let Some(whole) = definition.part_of().filter(|_| !self.within.is_empty()) else {
            // The types of arguments belong to the name.
            let (name, types) = to.name().split_at(to.name().find('(').unwrap_or(to.name().len()));
            let was = from.name().strip_suffix(types);
            return self.within.is_empty() && was == Some(&self.old) && self.creates(to, name, definition);
        };
        let whole = next.objects.get(&whole).filter(|_| from.name() == self.old);
        whole.is_some_and(|whole| self.has_within(&whole.definition, to.name()))
    }

    fn has_within(&self, whole: &Definition, name: &str) -> bool {
        let id = whole.id();
        self.within.iter().any(|within| within == name) && self.creates(&id, id.name(), whole)
    }
}

/// The renames that a server carries out before anything else is compared, of objects and of what is within them: what is
/// declared, and what has no values of its own and is the same but for its name. Others may follow when the states have
/// been read again.
pub fn ready(prev: &State, next: &State, declared: &[Declared]) -> Vec<Rename> {
    let mut renames = Vec::new();
    let mut gone: FxHashMap<(Kind, &str), Vec<(&Id, &Entry)>> = FxHashMap::default();
    let (mut new, mut taken) = (Vec::new(), FxHashSet::default());
    for (id, before, after) in pairs(prev, next) {
        match (before, after) {
            (Some(before), Some(after)) => renames.extend(inner(id, before, after, declared)),
            (Some(before), None) => {
                gone.entry((id.kind, parent(id))).or_default().push((id, before));
                if has_name(before) {
                    taken.insert(name(id));
                }
            }
            (None, Some(after)) => new.push((id, after)),
            (None, None) => {}
        }
    }
    let mut done: BTreeSet<String> =
        renames.iter().map(|rename| rename.change.object.path().to_owned()).collect();
    for (to, after) in new {
        let Some(group) = gone.get(&(to.kind, parent(to))) else { continue };
        let is_declared = |from: &Id| declared.iter().any(|one| one.is_of(from, to, &after.definition, next));
        let found = group.iter().find(|(from, _)| is_declared(from)).or_else(|| the_same(group, to, after));
        let Some((from, before)) = found else { continue };
        let is_free = !has_name(after) || !taken.contains(&name(to));
        if is_free && !done.contains(to.path()) && done.insert(from.path().to_owned()) {
            let change = Change::renamed((*to).clone(), from.name().to_owned());
            let (up, down) = (before.definition.rename(to.name()), after.definition.rename(from.name()));
            renames.push(Rename { change, up: vec![up], down: vec![down] });
        }
    }
    renames
}

/// All names but the last.
pub(super) fn parent(id: &Id) -> &str {
    id.path().strip_suffix(id.name()).unwrap_or_default()
}

/// The only one of these that is the same under another name.
fn the_same<'e, 'a>(
    group: &'e [(&'a Id, &'a Entry)],
    to: &Id,
    after: &Entry,
) -> Option<&'e (&'a Id, &'a Entry)> {
    if part_of(&after.definition).is_some() {
        return None;
    }
    let same = |entry: &Entry| entry.definition.renamed(to).as_ref() == Some(&after.definition);
    let mut all = group.iter().filter(|(_, before)| same(before));
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// What is renamed within an object.
fn inner(id: &Id, before: &Entry, after: &Entry, declared: &[Declared]) -> Vec<Rename> {
    let (before, after) = (&before.definition, &after.definition);
    if before == after {
        return Vec::new();
    }
    let (prev, next) = (before.inner(), after.inner());
    let has = |list: &[(&str, &str)], name: &str| list.iter().any(|(other, _)| *other == name);
    let is_pair = |old: &str, new: &str| !has(&next, old) && !has(&prev, new);
    let is_declared = |old: &str, new: &str| {
        let is_of = |one: &Declared| one.old == old && one.has_within(after, new);
        is_pair(old, new) && declared.iter().any(is_of)
    };
    let places = || prev.iter().zip(&next);
    let all_in_place = prev.len() <= next.len()
        && places().all(|((old, was), (new, is))| was == is && (old == new || is_pair(old, new)));
    let found: Vec<(&str, &str)> = if after.shape().is_none() && all_in_place {
        places().map(|((old, _), (new, _))| (*old, *new)).filter(|(old, new)| old != new).collect()
    } else {
        let new = next.iter().map(|(new, _)| *new);
        new.filter_map(|new| Some((prev.iter().find(|(old, _)| is_declared(old, new))?.0, new))).collect()
    };
    let rename = |(old, new): (&str, &str)| {
        let change = Change::renamed(id.part(id.kind, new), old.to_owned());
        let (up, down) = (before.rename_inner(old, new)?, after.rename_inner(new, old)?);
        Some(Rename { change, up: vec![up], down: vec![down] })
    };
    found.into_iter().filter_map(rename).collect()
}
