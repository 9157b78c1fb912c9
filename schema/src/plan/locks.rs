//! What only a plan knows of locks: what is new, what goes with the whole, and who uses a type.

use std::collections::BTreeSet;

use super::Plan;
use super::order::is_relation;
use crate::kind::Id;
use crate::name::QName;
use crate::step::{Hazard, HazardKind, Locked, Step};

impl Plan<'_, '_> {
    /// The relations that are created: nobody uses them yet.
    pub(super) fn created(&self) -> BTreeSet<QName> {
        let created = self.fates.of.iter();
        let created = created.filter(|(id, object)| object.fate.creates() && is_relation(id, object.after));
        created.map(|(id, _)| id.qname()).collect()
    }

    /// A lock on a type is one on the tables that have it when the vertices that are `done` have been passed.
    pub(super) fn spread_locks(&self, of: usize, done: &[bool], steps: &mut [Step]) {
        let (of, Some(entry)) = (self.id(of), self.object(of).before) else { return };
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
    fn users(&self, of: &Id, done: &[bool]) -> BTreeSet<QName> {
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

    /// Whether an object no longer uses a type when the vertices that are `done` have been passed.
    fn stopped_using(&self, id: &Id, of: &Id, done: &[bool]) -> bool {
        let is_done = |vertex: Option<usize>| vertex.is_some_and(|vertex| done[vertex]);
        if self.fates.drops(id) {
            return is_done(self.down(id));
        }
        let stays = self.next.objects.get(id).is_some_and(|entry| entry.depends.contains(of));
        !stays && is_done(self.up(id))
    }

    /// What depends on a column and stays is rebuilt with it, and may read the table.
    pub(super) fn warn_of_rebuilt(&self, column: &Id, step: &mut Step) {
        let Some(collation) = step.rebuilds else { return };
        let mut readers = BTreeSet::new();
        let mut pending = vec![column];
        while let Some(column) = pending.pop() {
            for id in self.fates.dependents(column) {
                let Some(entry) = self.prev.objects.get(id).filter(|_| !self.fates.drops(id)) else {
                    continue;
                };
                let definition = &entry.definition;
                let passed = [definition.comes_with(), definition.merges_with()];
                if passed.iter().flatten().any(|from| from == column) {
                    pending.push(id);
                } else if definition.is_rebuilt() && definition.reads_when_rebuilt(collation) {
                    readers.insert(id.name());
                }
            }
        }
        if !readers.is_empty() {
            let (table, readers) = (column.qname(), readers.into_iter().collect::<Vec<_>>().join(", "));
            let message =
                format!("blocks reads and writes of {table} while all rows are read again for {readers}");
            step.hazards.push(Hazard { kind: HazardKind::LongLock, message });
        }
    }

    /// What goes with the whole is locked as if it went by itself.
    pub(super) fn drop_whole(&self, whole: usize, parts: &[usize]) -> Vec<Step> {
        let drop = |at: usize| match (self.object(at).before, self.object(at).after) {
            (Some(before), Some(after)) => before.definition.drop_for(&after.definition),
            (Some(before), None) => before.definition.drop(),
            (None, _) => Vec::new(),
        };
        let mut steps = drop(whole);
        let Some(step) = steps.first_mut() else { return steps };
        let mut locked: BTreeSet<QName> = step.locks.iter().map(|locked| locked.on.clone()).collect();
        for lock in
            parts.iter().filter(|at| **at != whole).flat_map(|at| drop(*at)).flat_map(|step| step.locks)
        {
            if locked.insert(lock.on.clone()) {
                step.locks.push(lock);
            }
        }
        steps
    }
}
