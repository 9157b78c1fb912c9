//! What comes before what.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::fates::{Fate, Object};
use super::{Plan, Vertex};
use crate::kind::Id;
use crate::object::constraint::ConstraintType;
use crate::object::{Constraint, Definition, Kind};
use crate::state::Entry;

/// Whether it is a relation itself, and not a part of one.
pub(super) fn is_relation(id: &Id, entry: Option<&Entry>) -> bool {
    id.names().count() == 2 && entry.is_some_and(|entry| entry.definition.relation() == Some(id.qname()))
}

/// Whether it is a primary key, as long as which its columns are NOT NULL.
fn is_key_of_column(entry: &Entry, dependency: &Id) -> bool {
    let is_key = |constraint: &Constraint| constraint.ty == ConstraintType::PrimaryKey;
    dependency.kind == Kind::Column
        && matches!(&entry.definition, Definition::Constraint(constraint) if is_key(constraint))
}

impl<'a> Plan<'a, '_> {
    /// Whether its change is what makes an object stop depending on something that blocks its dependents.
    fn changes_before(&self, object: &Object<'_>, entry: &Entry, dependency: &Id) -> bool {
        matches!(object.fate, Fate::Alter(_) | Fate::Release(..))
            && self.fates.blocks_dependents(dependency)
            && entry.definition.release(dependency, false).is_none()
            && !object.after.is_some_and(|entry| entry.depends.contains(dependency))
    }

    pub(super) fn order_dependencies(&mut self) {
        let own = self.down.iter().zip(&self.up).filter_map(|(down, up)| (*down).zip(*up));
        let mut edges: Vec<(usize, usize)> = own.collect();
        for (at, (id, object)) in self.fates.of.iter().enumerate() {
            let Some(entry) = object.before else { continue };
            let (down, up) = (self.down[at], self.up[at]);
            let whole = entry.definition.part_of().and_then(|whole| self.fates.place(&whole));
            if let Some(whole) = whole {
                // It stops to be a part of what is dropped.
                if matches!(object.fate, Fate::Release(..)) {
                    edges.extend(down.zip(self.down[whole]));
                }
                // What a relation uses it for ends before the relation changes.
                let is_used = entry.definition.place() == i32::MAX && !is_relation(id, Some(entry));
                let Object { before, fate, .. } = self.object(whole);
                if is_used && matches!(fate, Fate::Alter(_)) && is_relation(self.id(whole), *before) {
                    edges.extend(down.zip(self.up[whole]));
                }
            }
            for its in entry.depends.iter().filter_map(|id| self.fates.place(id)) {
                let dependency = self.id(its);
                if whole == Some(its) && matches!(self.object(its).fate, Fate::Release(..)) {
                    continue;
                }
                let is_around = self.fates.around.contains(dependency);
                // A dependent goes first. One that only changes does so before what it needed is dropped.
                if !self.freed.contains(dependency) {
                    edges.extend(down.zip(self.down[its]));
                }
                if is_around || is_key_of_column(entry, dependency) {
                    edges.extend(down.zip(self.up[its]));
                }
                if self.changes_before(object, entry, dependency) {
                    edges.extend(up.zip(if is_around { self.up[its] } else { self.down[its] }));
                }
            }
        }
        for (at, (id, object)) in self.fates.of.iter().enumerate() {
            let (Some(entry), Some(up)) = (object.after, self.up[at]) else { continue };
            let needs = entry.depends.iter().filter(|need| !self.is_moved_within(id, object, need));
            edges.extend(needs.filter_map(|need| self.up(need)).map(|need| (need, up)));
        }
        self.add(edges);
    }

    fn add(&mut self, edges: Vec<(usize, usize)>) {
        edges.into_iter().for_each(|(first, second)| self.graph.edge(first, second));
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

    /// A whole lets go of something before its parts, and those of what it let go of, change; it takes hold of something
    /// new when they have.
    pub(super) fn order_wholes(&mut self) {
        let (mut parts, mut within) =
            (FxHashMap::<Id, Vec<usize>>::default(), FxHashMap::<Id, Vec<usize>>::default());
        let changes = |object: &Object<'_>| matches!(object.fate, Fate::Release(..));
        if self.fates.joined.is_empty() && !self.fates.of.values().any(changes) {
            return;
        }
        let after: BTreeSet<(&Id, &Id)> = self.fates.recreated.iter().copied().collect();
        for (at, (id, object)) in self.fates.of.iter().enumerate() {
            for entry in object.before.iter().chain(&object.after) {
                let Some(whole) = entry.definition.part_of() else { continue };
                let up = self.up[at].filter(|_| !after.contains(&(&whole, *id)));
                let vertices = self.down[at].into_iter().chain(up);
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
        // Partitions leave a table in any order.
        let leaves = |vertex: usize| match self.vertices[vertex] {
            Vertex::Down(Reverse(at)) => is_relation(self.id(at), self.object(at).before),
            _ => false,
        };
        let mut edges = Vec::new();
        for (id, object) in self.fates.of.iter().filter(|(_, object)| changes(object)) {
            let Some(down) = self.down(id) else { continue };
            let later = no_longer(id, object.before, object.after).into_iter();
            edges.extend(later.filter(|after| !leaves(*after)).map(|after| (down, after)));
        }
        // One that stays a part of the same is one again before that changes.
        for (id, object) in self.fates.of.iter().filter(|(_, object)| changes(object)) {
            let whole = |entry: Option<&Entry>| entry.and_then(|entry| entry.definition.part_of());
            let whole = whole(object.before).filter(|before| whole(object.after).as_ref() == Some(before));
            let (Some(whole), Some(up)) = (whole, self.up(id)) else { continue };
            if is_relation(id, object.after) {
                for whole in [&whole, *id] {
                    edges.extend(within.get(whole).into_iter().flatten().map(|part| (up, *part)));
                }
            }
        }
        for id in self.fates.joined.keys() {
            let Some(at) = self.fates.place(id) else { continue };
            let joined = self.vertex(Vertex::Joined(at));
            self.joined.insert(*id, joined);
            let before = no_longer(id, self.object(at).after, self.object(at).before);
            edges.extend(before.into_iter().chain(self.up[at]).map(|before| (before, joined)));
        }
        self.add(edges);
    }

    /// What merges with a part that another whole passes on stands before that one does, changes after it, and goes after it.
    pub(super) fn order_merged(&mut self) {
        let (mut edges, fates) = (Vec::new(), self.fates);
        let fate = |id: &Id| fates.fate(id);
        for (at, object) in fates.of.values().enumerate() {
            let merges = |entry: Option<&'a Entry>| entry.and_then(|entry| entry.definition.merges_with());
            let whole = |entry: Option<&'a Entry>| entry.and_then(|entry| entry.definition.part_of());
            let (before, after) = (merges(object.before), merges(object.after));
            let (down, up) = (self.down[at], self.up[at]);
            let goes_with_it = || whole(object.before).is_some_and(|whole| fates.drops(&whole));
            if let Some(other) = before.as_ref().filter(|_| !goes_with_it()) {
                let theirs = self.down(other);
                edges.extend(theirs.zip(down).into_iter().chain(theirs.zip(up)));
            }
            let Some(other) = after else { continue };
            let Some((theirs, own)) = self.up(&other).zip(up) else { continue };
            if before.is_some() && !fate(&other).is_some_and(Fate::creates) {
                edges.push((theirs, own));
            } else if !whole(object.after).is_some_and(|whole| fate(&whole).is_some_and(Fate::creates)) {
                edges.push((own, theirs));
            }
        }
        self.add(edges);
    }

    /// No table that is logged refers to one that is not, meanwhile either.
    pub(super) fn order_logged(&mut self) {
        let is_unlogged = |entry: Option<&Entry>| match entry.map(|entry| &entry.definition) {
            Some(Definition::Table(table)) => Some(table.unlogged),
            _ => None,
        };
        let mut changed = FxHashMap::default();
        for (at, (id, object)) in self.fates.of.iter().enumerate().filter(|(_, (_, it))| !it.fate.drops()) {
            let (before, after) = (is_unlogged(object.before), is_unlogged(object.after));
            if before.is_some() && before != after {
                changed.extend(after.zip(self.up[at]).map(|unlogged| (id.qname(), unlogged)));
            }
        }
        if changed.is_empty() {
            return;
        }
        let mut edges = Vec::new();
        for (id, entry) in &self.prev.objects {
            let Definition::Constraint(Constraint { table, references: Some(other), .. }) = &entry.definition
            else {
                continue;
            };
            let (own, other) = (changed.get(table), changed.get(other));
            edges.extend(self.down(id).zip(other.map(|(_, other)| *other)));
            match (own, other) {
                (Some((true, own)), Some((true, other))) => edges.push((*own, *other)),
                (Some((false, own)), Some((false, other))) => edges.push((*other, *own)),
                _ => {}
            }
        }
        edges.retain(|(first, second)| first != second);
        self.add(edges);
    }

    /// What must not be found while another one is created or changed is not there then. What a table passed on goes with its own, and its name is
    /// free then.
    pub(super) fn order_recreated(&mut self) {
        let mut edges = Vec::new();
        for (changed, id) in &self.fates.recreated {
            let changed = self.joined.get(changed).copied().or_else(|| self.up(changed));
            let (down, up) = (self.down(id), self.up(id));
            edges.extend(changed.zip(up));
            edges.extend(down.zip(changed));
        }
        for (at, (id, object)) in self.fates.of.iter().enumerate() {
            let whole =
                object.after.filter(|_| object.before.is_none()).and_then(|it| it.definition.part_of());
            let passed = |whole: &Id| {
                self.prev.objects.get(whole).is_some_and(|it| it.definition.passed().contains(id))
            };
            let Some(whole) = whole.filter(passed) else { continue };
            let above: Vec<Id> = self.prev.partitioned(Some(whole)).collect();
            for (their, (other, object)) in self.fates.of.iter().enumerate() {
                let whole = object.before.and_then(|entry| entry.definition.part_of());
                if other.kind == id.kind && object.fate.drops() && whole.is_some_and(|it| above.contains(&it))
                {
                    edges.extend(self.down[their].zip(self.up[at]));
                }
            }
        }
        self.add(edges);
    }

    /// What gave way is dropped when nothing that was written against it is left.
    pub(super) fn drop_at_last(&mut self) {
        let giving_way = &self.fates.giving_way;
        let places = giving_way.iter().filter_map(|id| Some((*id, self.fates.place(id)?)));
        let places: Vec<(&'a Id, usize)> = places.collect();
        let last = places.into_iter().map(|(id, at)| (id, self.vertex(Vertex::Last(Reverse(at)))));
        let last: BTreeMap<&'a Id, usize> = last.collect();
        let mut edges = Vec::new();
        for (id, at) in &last {
            let Some(entry) = self.fates.before(id) else { continue };
            let keeps = |id: &&Id| !giving_way.contains(*id) && entry.definition.release(id, true).is_none();
            let downs = entry.depends.iter().filter(keeps).filter_map(|id| self.down(id));
            edges.extend(downs.map(|down| (*at, down)));
            for dependent in self.fates.dependents(id).chain([*id]) {
                let before = [self.down(dependent), self.up(dependent), last.get(dependent).copied()];
                edges.extend(before.into_iter().flatten().map(|before| (before, *at)));
            }
        }
        self.add(edges);
    }

    /// A name is free when the object that had it is gone.
    pub(super) fn order_names(&mut self) {
        let mut names: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        let taken = |id: &Id, entry: Option<&Entry>| {
            let further = entry.map(|entry| entry.definition.takes()).unwrap_or_default();
            [id.clone()].into_iter().chain(further).map(|id| id.path().to_owned())
        };
        // What a part of a relation's part takes is renamed with that.
        let whole = |entry: Option<&Entry>| {
            let entry = entry.filter(|entry| !entry.definition.takes().is_empty());
            let whole = entry.and_then(|entry| entry.definition.part_of());
            whole.filter(|whole| whole.names().count() > 2).and_then(|whole| self.up(&whole))
        };
        let renames = |id: &Id, object: &Object<'_>| {
            !object.fate.creates()
                && !object.fate.drops()
                && !taken(id, object.before).eq(taken(id, object.after))
        };
        for (at, (id, object)) in self.fates.of.iter().enumerate() {
            let frees = match object.fate.drops() {
                true => self.down[at],
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
        for (at, (id, object)) in self.fates.of.iter().enumerate() {
            if !object.fate.creates() && !renames(id, object) {
                continue;
            }
            let ups = self.up[at].into_iter().chain(whole(object.after));
            for up in ups {
                let free = taken(id, object.after).filter_map(|name| names.get(&name)).flatten();
                edges.extend(free.map(|free| (*free, up)));
            }
        }
        self.add(edges);
    }
}
