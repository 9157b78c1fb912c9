//! What is dropped and looks like something that is created.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::found::parent;
use crate::kind::Id;
use crate::object::Kind;
use crate::state::{Entry, State, pairs};

/// What goes, and what it is with its parts.
type Gone<'a> = ((&'a Id, &'a Entry), Option<Vec<String>>);

/// What goes, with what comes and looks like the same under another name, where a rename would keep rows or values.
pub fn similar(prev: &State, next: &State) -> Vec<(Id, Id)> {
    let mut gone: BTreeMap<(Kind, &str), Vec<Gone<'_>>> = BTreeMap::new();
    let (mut new, mut pairs_of) = (Vec::new(), Vec::new());
    for (id, before, after) in pairs(prev, next) {
        let is_part = before.or(after).is_some_and(|entry| entry.definition.part_of().is_some());
        let key = (id.kind, if is_part { parent(id) } else { "" });
        match (before, after) {
            (Some(before), Some(after)) => pairs_of.extend(inner(id, before, after)),
            (Some(before), None) if before.definition.shape().is_some() => {
                gone.entry(key).or_default().push(((id, before), None));
            }
            (None, Some(after)) => new.push((key, id, after)),
            _ => {}
        }
    }
    new.retain(|(key, _, _)| gone.contains_key(key));
    if new.is_empty() {
        return pairs_of;
    }
    let (before, after) = (Shapes::new(prev), Shapes::new(next));
    let is_in = |state: &State, id: Option<Id>| id.is_none_or(|id| state.objects.contains_key(&id));
    for ((from, entry), shape) in gone.values_mut().flatten().map(|(it, shape)| (*it, shape)) {
        *shape = before.of(from, entry).filter(|_| is_in(next, entry.definition.part_of()));
    }
    for (key, to, entry) in new {
        let Some(wanted) = after.of(to, entry).filter(|_| is_in(prev, entry.definition.part_of())) else {
            continue;
        };
        for ((from, _), shape) in gone.get(&key).into_iter().flatten() {
            if shape.as_ref().is_some_and(|shape| are_alike(shape, &wanted)) {
                pairs_of.push(((*from).clone(), to.clone()));
            }
        }
    }
    pairs_of
}

/// What the parts of objects are.
struct Shapes(FxHashMap<Id, Vec<String>>);

impl Shapes {
    fn new(state: &State) -> Self {
        let mut shapes: FxHashMap<Id, Vec<String>> = FxHashMap::default();
        for (id, Entry { definition, .. }) in &state.objects {
            if let (Some(shape), Some(whole)) = (definition.shape(), definition.part_of()) {
                shapes.entry(whole).or_default().push(format!("{} {}", id.name(), shape.join(" ")));
            }
        }
        Shapes(shapes)
    }

    /// What an object is, and what its parts are.
    fn of(&self, id: &Id, entry: &Entry) -> Option<Vec<String>> {
        let mut shape = entry.definition.shape()?;
        shape.extend(self.0.get(id).into_iter().flatten().cloned());
        Some(shape)
    }
}

/// Whether they have two thirds in common.
fn are_alike(one: &[String], other: &[String]) -> bool {
    let least = (2 * one.len().max(other.len())).div_ceil(3);
    one.len().min(other.len()) >= least && one.iter().filter(|item| other.contains(item)).count() >= least
}

/// The same in the same place within one object.
fn inner(id: &Id, before: &Entry, after: &Entry) -> Vec<(Id, Id)> {
    let (before, after) = (&before.definition, &after.definition);
    if after.shape().is_none() {
        return Vec::new();
    }
    let (prev, next) = (before.inner(), after.inner());
    let has = |list: &[(&str, &str)], name: &str| list.iter().any(|(other, _)| *other == name);
    let places = prev.iter().zip(&next);
    let alike = places.filter(|((old, was), (new, is))| was == is && !has(&next, old) && !has(&prev, new));
    alike.map(|((old, _), (new, _))| (id.part(id.kind, old), id.part(id.kind, new))).collect()
}
