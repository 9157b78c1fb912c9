//! What only a plan knows of locks: what is new, what goes with the whole, and who uses a type.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::Plan;
use super::order::is_relation;
use crate::kind::Id;
use crate::name::QName;
use crate::step::{Locked, Step};

impl Plan<'_, '_> {
    /// The relations that are created: nobody uses them yet.
    pub(super) fn created(&self) -> BTreeSet<QName> {
        let created = self.fates.of.iter();
        let created = created.filter(|(id, object)| object.fate.creates() && is_relation(id, object.after));
        created.map(|(id, _)| id.qname()).collect()
    }

    /// A lock on a type is one on the tables that have it when all vertices in `done` have been passed.
    pub(super) fn spread_locks(&self, of: &Id, done: &BTreeSet<usize>, steps: &mut [Step]) {
        let Some(entry) = self.prev.objects.get(of) else { return };
        let (name, is_relation) = (of.qname(), entry.definition.relation().is_some());
        for step in steps.iter_mut().filter(|_| !is_relation) {
            let Some(at) = step.locks.iter().position(|locked| locked.on == name) else { continue };
            let lock = step.locks.remove(at).lock;
            let users = self.users(of, done);
            if users.is_empty() {
                step.hazards.clear();
            }
            step.locks.extend(users.into_iter().map(|on| Locked { on, lock }));
        }
    }

    /// The relations whose parts are of a type, or of one that is made of it.
    fn users(&self, of: &Id, done: &BTreeSet<usize>) -> BTreeSet<QName> {
        let (mut users, mut seen, mut pending) = (BTreeSet::new(), BTreeSet::from([of]), vec![of]);
        while let Some(of) = pending.pop() {
            for id in self.fates.dependents(of) {
                let Some(entry) = self.prev.objects.get(id) else { continue };
                if self.stopped_using(id, of, done) {
                    continue;
                }
                match entry.definition.relation() {
                    Some(name) if id.names().count() > 2 => drop(users.insert(name)),
                    Some(_) => {}
                    None if seen.insert(id) => pending.push(id),
                    None => {}
                }
            }
        }
        users
    }

    /// Whether an object no longer uses a type when all vertices in `done` have been passed.
    fn stopped_using(&self, id: &Id, of: &Id, done: &BTreeSet<usize>) -> bool {
        let is_done = |vertices: &FxHashMap<&Id, usize>| vertices.get(id).is_some_and(|at| done.contains(at));
        match self.fate(id) {
            Some(fate) if fate.drops() => is_done(&self.down),
            _ => {
                let stays = self.next.objects.get(id).is_some_and(|entry| entry.depends.contains(of));
                !stays && is_done(&self.up)
            }
        }
    }

    /// What goes with the whole is locked as if it went by itself.
    pub(super) fn drop_whole(&self, whole: &Id, parts: &[&Id]) -> Vec<Step> {
        let drop = |id: &Id| match (self.prev.objects.get(id), self.next.objects.get(id)) {
            (Some(before), Some(after)) => before.definition.drop_for(&after.definition),
            (Some(before), None) => before.definition.drop(),
            (None, _) => Vec::new(),
        };
        let mut steps = drop(whole);
        let Some(step) = steps.first_mut() else { return steps };
        let mut locked: BTreeSet<QName> = step.locks.iter().map(|locked| locked.on.clone()).collect();
        for lock in
            parts.iter().filter(|id| **id != whole).flat_map(|id| drop(id)).flat_map(|step| step.locks)
        {
            if locked.insert(lock.on.clone()) {
                step.locks.push(lock);
            }
        }
        steps
    }
}
