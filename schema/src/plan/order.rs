//! What comes before what.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::fates::{Fate, Object};
use super::{Plan, Vertex};
use crate::kind::Id;
use crate::state::Entry;

/// Whether it is a relation itself, and not a part of one.
pub(super) fn is_relation(id: &Id, entry: Option<&Entry>) -> bool {
    id.names().count() == 2 && entry.is_some_and(|entry| entry.definition.relation() == Some(id.qname()))
}

impl<'a> Plan<'a, '_> {
    /// Whether its change is what makes an object stop depending on something that blocks its dependents.
    fn changes_before(&self, id: &Id, entry: &Entry, dependency: &Id) -> bool {
        matches!(self.fate(id), Some(Fate::Alter(_) | Fate::Release(..)))
            && self.fates.blocks_dependents(dependency)
            && entry.definition.release(dependency, false).is_none()
            && !self.fates.after(id).is_some_and(|entry| entry.depends.contains(dependency))
    }

    pub(super) fn order_dependencies(&mut self) {
        let mut edges = Vec::new();
        for id in self.fates.of.keys() {
            edges.extend(self.down.get(id).zip(self.up.get(id)).map(|(down, up)| (*down, *up)));
        }
        for (id, object) in &self.fates.of {
            let Some(entry) = object.before else { continue };
            let (down, up) = (self.down.get(id), self.up.get(id));
            if let Some((whole, fate)) =
                entry.definition.part_of().and_then(|id| Some((id.clone(), self.fate(&id)?)))
            {
                // It stops to be a part of what is dropped.
                if matches!(object.fate, Fate::Release(..)) {
                    edges.extend(down.zip(self.down.get(&whole)).map(|(down, whole)| (*down, *whole)));
                }
                // What a relation uses it for ends before the relation changes.
                let is_used = entry.definition.place() == i32::MAX && !is_relation(id, Some(entry));
                if is_used && matches!(fate, Fate::Alter(_)) && is_relation(&whole, self.fates.before(&whole))
                {
                    edges.extend(down.zip(self.up.get(&whole)).map(|(down, whole)| (*down, *whole)));
                }
            }
            for dependency in entry.depends.iter().filter(|id| !self.is_freed(id, entry)) {
                let its = (self.down.get(dependency), self.up.get(dependency));
                // A dependent goes first. One that only changes does so before what it needed is dropped.
                if !self.freed.contains(dependency) {
                    edges.extend(down.zip(its.0).map(|(down, its)| (*down, *its)));
                }
                if self.fates.around.contains(dependency) {
                    edges.extend(down.zip(its.1).map(|(down, its)| (*down, *its)));
                }
                if self.changes_before(id, entry, dependency) {
                    edges.extend(
                        up.zip(if self.fates.around.contains(dependency) { its.1 } else { its.0 })
                            .map(|(up, its)| (*up, *its)),
                    );
                }
            }
        }
        for (id, object) in &self.fates.of {
            let (Some(entry), Some(up)) = (object.after, self.up.get(id)) else { continue };
            let needs = entry.depends.iter().filter(|need| !self.is_moved_within(id, object, need));
            let needs = needs.filter_map(|dependency| self.up.get(dependency));
            edges.extend(needs.map(|need| (*need, *up)));
        }
        for (first, second) in edges {
            self.graph.edge(first, second);
        }
    }

    /// Whether it is a partition that gets another place in `whole`, which changes after what it is used for has ended.
    fn is_moved_within(&self, id: &Id, object: &Object<'_>, whole: &Id) -> bool {
        let is_whole = |entry: Option<&Entry>| {
            entry.and_then(|entry| entry.definition.part_of()).as_ref() == Some(whole)
        };
        matches!(object.fate, Fate::Release(..))
            && is_relation(id, object.after)
            && is_whole(object.before)
            && is_whole(object.after)
            && matches!(self.fate(whole), Some(Fate::Alter(_)))
    }

    /// Whether an object is a part of one that lets go of something: the whole does so first.
    fn is_freed(&self, whole: &Id, part: &Entry) -> bool {
        matches!(self.fate(whole), Some(Fate::Release(..)))
            && part.definition.part_of().as_ref() == Some(whole)
    }

    /// A whole lets go of something before its parts, and those of what it let go of, change; it takes hold of something
    /// new when they have.
    pub(super) fn order_wholes(&mut self) {
        let (mut parts, mut within) =
            (FxHashMap::<Id, Vec<usize>>::default(), FxHashMap::<Id, Vec<usize>>::default());
        let changes = |object: &Object<'_>| matches!(object.fate, Fate::Release(..));
        if self.fates.joined.is_empty() && !self.fates.of.values().any(changes) {
            return;
        }
        for (id, object) in &self.fates.of {
            for entry in object.before.iter().chain(&object.after) {
                let vertices = [self.down.get(id), self.up.get(id)].into_iter().flatten();
                let Some(whole) = entry.definition.part_of() else { continue };
                // A partition is a part, but not within.
                if !is_relation(id, Some(entry)) {
                    within.entry(whole.clone()).or_default().extend(vertices.clone());
                }
                parts.entry(whole).or_default().extend(vertices);
            }
        }
        let no_longer = |id: &Id, one: Option<&'a Entry>, other: Option<&'a Entry>| -> Vec<usize> {
            let depends = one.iter().flat_map(|entry| &entry.depends);
            let others = depends.filter(|need| !other.is_some_and(|other| other.depends.contains(*need)));
            others.chain(one.map(|_| id)).filter_map(|whole| parts.get(whole)).flatten().copied().collect()
        };
        let mut edges = Vec::new();
        for (id, object) in self.fates.of.iter().filter(|(_, object)| changes(object)) {
            let Some(down) = self.down.get(id) else { continue };
            edges.extend(no_longer(id, object.before, object.after).into_iter().map(|after| (*down, after)));
        }
        // One that stays a part of the same is one again before that changes.
        for (id, object) in self.fates.of.iter().filter(|(_, object)| changes(object)) {
            let whole = |entry: Option<&Entry>| entry.and_then(|entry| entry.definition.part_of());
            let whole = whole(object.before).filter(|before| whole(object.after).as_ref() == Some(before));
            let (Some(whole), Some(up)) = (whole, self.up.get(id)) else { continue };
            if is_relation(id, object.after) {
                for whole in [&whole, *id] {
                    edges.extend(within.get(whole).into_iter().flatten().map(|part| (*up, *part)));
                }
            }
        }
        for id in self.fates.joined.keys() {
            let at = self.vertex(Vertex::Joined(id));
            let before = no_longer(id, self.fates.after(id), self.fates.before(id));
            edges.extend(before.into_iter().chain(self.up.get(id).copied()).map(|before| (before, at)));
        }
        edges.into_iter().for_each(|(first, second)| self.graph.edge(first, second));
    }

    /// What merges with a part that another whole passes on stands before that one does, changes after it, and goes after it.
    pub(super) fn order_merged(&mut self) {
        for (id, object) in &self.fates.of {
            let merges = |entry: Option<&'a Entry>| entry.and_then(|entry| entry.definition.merges_with());
            let (before, after) = (merges(object.before), merges(object.after));
            let (down, up) = (self.down.get(id).copied(), self.up.get(id).copied());
            let whole = object.before.and_then(|entry| entry.definition.part_of());
            let goes_with_it = whole.is_some_and(|whole| self.fate(&whole).is_some_and(Fate::drops));
            if let Some(other) = before.as_ref().filter(|_| !goes_with_it) {
                let theirs = self.down.get(other).copied();
                for (first, second) in theirs.zip(down).into_iter().chain(theirs.zip(up)) {
                    self.graph.edge(first, second);
                }
            }
            let Some((other, (theirs, own))) =
                after.and_then(|id| Some((id.clone(), self.up.get(&id).copied().zip(up)?)))
            else {
                continue;
            };
            let whole = object.after.and_then(|entry| entry.definition.part_of());
            if before.is_some() && !self.fate(&other).is_some_and(Fate::creates) {
                self.graph.edge(theirs, own);
            } else if !whole.is_some_and(|whole| self.fate(&whole).is_some_and(Fate::creates)) {
                self.graph.edge(own, theirs);
            }
        }
    }

    /// What gave way is dropped when nothing that was written against it is left.
    pub(super) fn drop_at_last(&mut self) {
        let giving_way = &self.fates.giving_way;
        let last: BTreeMap<&'a Id, usize> =
            giving_way.iter().map(|id| (*id, self.vertex(Vertex::Last(std::cmp::Reverse(id))))).collect();
        for (id, at) in &last {
            let Some(entry) = self.fates.before(id) else { continue };
            let keeps = |id: &&Id| !giving_way.contains(*id) && entry.definition.release(id, true).is_none();
            for down in entry.depends.iter().filter(keeps).filter_map(|id| self.down.get(id)) {
                self.graph.edge(*at, *down);
            }
            let dependents = self.fates.dependents(id);
            for dependent in dependents.chain([*id]) {
                let before = [self.down.get(dependent), self.up.get(dependent), last.get(dependent)];
                before.into_iter().flatten().for_each(|before| self.graph.edge(*before, *at));
            }
        }
    }

    /// A name is free when the object that had it is gone.
    pub(super) fn order_names(&mut self) {
        let mut names: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        let taken = |id: &Id, entry: Option<&Entry>| {
            let further = entry.and_then(|entry| entry.definition.takes());
            [Some(id.clone()), further].into_iter().flatten().map(|id| id.path().to_owned())
        };
        // What a part of a relation's part takes is renamed with that.
        let whole = |entry: Option<&Entry>| {
            let entry = entry.filter(|entry| entry.definition.takes().is_some());
            let whole = entry.and_then(|entry| entry.definition.part_of());
            whole.filter(|whole| whole.names().count() > 2).and_then(|whole| self.up.get(&whole)).copied()
        };
        let renames = |id: &Id, object: &Object<'_>| {
            !object.fate.creates()
                && !object.fate.drops()
                && !taken(id, object.before).eq(taken(id, object.after))
        };
        for (id, object) in &self.fates.of {
            let frees = match object.fate.drops() {
                true => self.down.get(id).copied(),
                false => whole(object.before).filter(|_| renames(id, object)),
            };
            for name in frees.iter().flat_map(|_| taken(id, object.before)) {
                names.entry(name).or_default().extend(frees);
            }
        }
        if names.is_empty() {
            return;
        }
        let mut edges = Vec::new();
        for (id, object) in
            self.fates.of.iter().filter(|(id, object)| object.fate.creates() || renames(id, object))
        {
            let ups = self.up.get(id).copied().into_iter().chain(whole(object.after));
            for up in ups {
                let free = taken(id, object.after).filter_map(|name| names.get(&name)).flatten();
                edges.extend(free.map(|free| (*free, up)));
            }
        }
        for (first, second) in edges {
            self.graph.edge(first, second);
        }
    }
}
