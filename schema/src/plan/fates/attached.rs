//! Indexes of partitions that a new one of their table would attach.

use std::collections::BTreeMap;

use super::{Fate, Fates};
use crate::kind::Id;
use crate::object::{Definition, Index, Kind};
use crate::state::{Entry, State};

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
    /// They are created after it: pairs of the new index and one of a partition.
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
