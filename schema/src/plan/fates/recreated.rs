//! Objects that PostgreSQL must not find while another one is created or changed.

use std::collections::BTreeMap;

use super::{Fate, Fates};
use crate::kind::Id;
use crate::object::{Definition, Index, Kind};
use crate::state::{Entry, State};
use crate::step::{HazardKind, Step};

fn index(entry: &Entry) -> Option<&Index> {
    match &entry.definition {
        Definition::Index(index) => Some(index),
        _ => None,
    }
}

impl State {
    /// The tables of which what has this whole is in a partition, from the nearest.
    pub(in crate::plan) fn partitioned(&self, whole: Option<Id>) -> impl Iterator<Item = Id> {
        let above = |id: &Id| self.objects.get(id).and_then(|entry| entry.definition.part_of());
        std::iter::successors(whole, above).skip(1)
    }
}

impl<'a> Fates<'a> {
    /// Columns of the row type of a table that is rewritten: PostgreSQL refuses that while there are such.
    pub(super) fn replace_rows(&mut self) -> Vec<(&'a Id, &'a Id)> {
        let rewrites = |steps: &[Step]| {
            steps.iter().flat_map(|step| &step.hazards).any(|hazard| hazard.kind == HazardKind::Rewrite)
        };
        let mut pairs = Vec::new();
        for (id, object) in self.of.iter().filter(|(id, _)| id.kind == Kind::Column) {
            let (Fate::Alter(steps) | Fate::Release(_, steps)) = &object.fate else { continue };
            if !rewrites(steps) {
                continue;
            }
            let table = Id::new(Kind::Table, &id.qname());
            let is_row = |user: &Id| match self.prev.objects.get(user).map(|entry| &entry.definition) {
                Some(Definition::Column(column)) => column.is_row_of(&table.qname()),
                _ => false,
            };
            pairs.extend(self.dependents(&table).filter(|user| is_row(user)).map(|user| (*id, user)));
        }
        for (_, user) in &pairs {
            let fate = if self.next.objects.contains_key(*user) { Fate::Replace } else { Fate::Drop };
            self.set(user, fate);
        }
        self.spread();
        pairs
    }

    /// Indexes of partitions that a new one of their table would attach are created after it: pairs of it and one of those.
    pub(super) fn recreate_attached(&mut self) -> Vec<(&'a Id, &'a Id)> {
        let mut new: BTreeMap<Id, Vec<(&'a Id, &'a Index)>> = BTreeMap::new();
        for (id, object) in self.of.iter().filter(|(_, object)| object.fate.creates()) {
            if let Some(index) = object.after.and_then(index) {
                new.entry(index.on.clone()).or_default().push((id, index));
            }
        }
        if new.is_empty() {
            return Vec::new();
        }
        let mut pairs = Vec::new();
        let next = self.next;
        let indexes = next.objects.range(Id::global(Kind::Index, "")..);
        for (id, part) in indexes.map_while(|(id, entry)| Some((id, index(entry)?))) {
            let above = next.partitioned(Some(part.on.clone())).filter_map(|table| new.get(&table)).flatten();
            pairs.extend(above.filter(|(_, above)| above.attaches(part)).map(|(above, _)| (*above, id)));
        }
        for (_, id) in &pairs {
            if !self.fate(id).is_some_and(Fate::creates) {
                self.set(id, Fate::Replace);
            }
        }
        self.spread();
        pairs
    }
}
