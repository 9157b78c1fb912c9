//! How what becomes of an object spreads to those that depend on it.

use std::collections::BTreeSet;

use super::{Fate, Fates, Object, common};
use crate::kind::{Alter, Id};
use crate::object::Kind;
use crate::state::{Entry, State};
use crate::step::HazardKind;

impl<'a> Fates<'a> {
    /// Objects that depend on what goes, or moves, go too; those that are still wanted come back.
    pub(super) fn spread(&mut self) {
        if self.moved.is_empty() {
            return;
        }
        while let Some(id) = self.moved.pop() {
            let drops = self.drops(id);
            for dependent in self.dependents(id).collect::<Vec<_>>() {
                let stays = !drops
                    && self.prev.objects.get(dependent).is_some_and(|entry| entry.definition.is_rebuilt());
                if !stays && !self.drops(dependent) {
                    self.release_or_replace(dependent, id);
                }
            }
        }
        self.of.sort_keys();
    }

    /// What stops to depend on it must do so before.
    pub(in crate::plan) fn blocks_dependents(&self, id: &Id) -> bool {
        let drops = self.drops(id) && !self.giving_way.contains(id);
        drops || self.around.contains(id)
    }

    /// Whether another one of its name can take its place while others use it. A sequence gives way to an identity only, a
    /// function to one with other arguments.
    fn can_give_way(&self, id: &Id) -> bool {
        let others = [Kind::Sequence, Kind::Function];
        let entry = self.prev.objects.get(id).filter(|_| !others.contains(&id.kind));
        entry.is_some_and(|entry| entry.definition.give_way().is_some())
    }

    /// It gives way, and so does what it is made of.
    fn let_give_way(&mut self, id: &'a Id) {
        let Some(entry) = self.prev.objects.get(id) else { return };
        if self.drops(id) && self.can_give_way(id) && self.giving_way.insert(id) {
            entry.depends.iter().for_each(|dependency| self.let_give_way(dependency));
        }
    }

    /// Whether one of its name is created.
    fn is_overloaded(&self, id: &Id) -> bool {
        let name = self.prev.objects.get(id).map(|entry| entry.definition.takes());
        let is_another = |object: &Object<'_>| {
            object.fate.creates() && object.after.map(|entry| entry.definition.takes()) == name
        };
        self.of.iter().any(|(other, object)| other.kind == Kind::Function && is_another(object))
    }

    /// What is dropped among these objects, in a cycle, gives way where it can.
    pub(in crate::plan) fn give_way(&mut self, cycle: &BTreeSet<&'a Id>) -> bool {
        let before = self.giving_way.len();
        for id in cycle {
            self.let_give_way(id);
            if id.kind == Kind::Function && self.fate(id) == Some(&Fate::Drop) && self.is_overloaded(id) {
                self.giving_way.insert(id);
            }
        }
        self.giving_way.len() > before
    }

    /// What stops to be a part of something among these objects, in a cycle, does so while others still depend on it.
    pub(in crate::plan) fn free(&self, cycle: &BTreeSet<&'a Id>, freed: &mut BTreeSet<&'a Id>) -> bool {
        let stops = |id: &&&Id| {
            let whole = |entry: Option<&Entry>| entry.and_then(|entry| entry.definition.part_of());
            matches!(self.fate(id), Some(Fate::Release(..)))
                && whole(self.before(id)) != whole(self.after(id))
        };
        let before = freed.len();
        freed.extend(cycle.iter().filter(stops).copied());
        freed.len() > before
    }

    /// What would be changed among these objects, in a cycle, is dropped and created where nothing is lost by it; at last
    /// columns are, too, whose type is made of what is dropped.
    pub(in crate::plan) fn replace(&mut self, cycle: &BTreeSet<&'a Id>, columns: bool) -> bool {
        let changes = |id: &&&Id| matches!(self.fate(id), Some(Fate::Alter(_) | Fate::Release(..)));
        let chosen: Vec<&'a Id> = cycle
            .iter()
            .filter(changes)
            .filter(|id| columns && id.kind == Kind::Column || self.is_lossless(id))
            .copied()
            .collect();
        if columns && !chosen.is_empty() {
            self.giving_way.retain(|id| !cycle.contains(id));
        }
        for id in &chosen {
            self.set(id, Fate::Replace);
        }
        self.spread();
        !chosen.is_empty()
    }

    /// Whether nothing is lost when it is dropped and created again.
    fn is_lossless(&self, id: &Id) -> bool {
        let steps = self.prev.objects.get(id).map(|entry| entry.definition.drop()).unwrap_or_default();
        steps.iter().flat_map(|step| &step.hazards).all(|hazard| hazard.kind != HazardKind::DataLoss)
    }

    /// Whether another one of the same name takes its place, or that of its type.
    fn becomes_another(&self, id: &Id) -> bool {
        match (self.prev.objects.get(id), self.next.objects.get(id)) {
            (Some(before), Some(after)) if self.around.contains(id) => {
                !matches!(before.definition.alter(&after.definition), Alter::Around(..))
            }
            (Some(_), Some(_)) => self.drops(id),
            _ => false,
        }
    }

    /// Whether it is one with another part whose whole its own leaves.
    fn parts_with(&self, before: &Entry, other: &Id) -> bool {
        let with = [before.definition.comes_with(), before.definition.merges_with()];
        let needs = |state: &State, whole: &Id, their: &Id| {
            state.objects.get(whole).is_some_and(|entry| entry.depends.contains(their))
        };
        let leaves = |whole: Id| {
            let their = Id::new(whole.kind, &other.qname());
            needs(self.prev, &whole, &their) && !needs(self.next, &whole, &their)
        };
        with.contains(&Some(other.clone())) && before.definition.part_of().is_some_and(leaves)
    }

    fn release_or_replace(&mut self, dependent: &'a Id, dependency: &'a Id) {
        let (Some(before), Some(after)) =
            (self.prev.objects.get(dependent), self.next.objects.get(dependent))
        else {
            return;
        };
        if self.parts_with(before, dependency) {
            return;
        }
        let whole = before.definition.part_of().and_then(|whole| self.prev.objects.get_key_value(&whole));
        if let Some((whole, entry)) = whole
            && self.drops(dependency)
            && entry.definition.fixes(&dependency.qname())
        {
            if !self.drops(whole) {
                self.set(whole, Fate::Replace);
            }
            return;
        }
        let later = || after.definition.later().is_some_and(|later| later.depends.contains(dependency));
        let needed = after.depends.contains(dependency) || later();
        let returns = needed && self.next.objects.contains_key(dependency);
        let remains = self.released.get(dependent).unwrap_or(&before.definition);
        let Some((released, mut down)) = remains.release(dependency, returns) else {
            let changes = matches!(self.fate(dependent), Some(Fate::Alter(_) | Fate::Release(..)))
                && !before.definition.keeps_needs();
            if returns || !changes || (self.becomes_another(dependency) && self.is_lossless(dependent)) {
                self.set(dependent, Fate::Replace);
                // A column of a view goes with the view.
                let whole = before.definition.part_of().filter(|_| before.definition.drop().is_empty());
                let whole = whole.filter(|_| before.definition.place() == i32::MAX);
                if let Some((whole, _)) = whole.and_then(|whole| self.prev.objects.get_key_value(&whole))
                    && !self.drops(whole)
                {
                    self.release_or_replace(whole, dependency);
                }
            }
            return;
        };
        let gives_way = self.can_give_way(dependency);
        match self.drops(dependency) {
            true if gives_way && returns => self.let_give_way(dependency),
            false if gives_way => return,
            _ => {}
        }
        // Several things may have to be let go of.
        if let Some(Fate::Release(earlier, _)) = self.fate(dependent) {
            let new = earlier.iter().filter(|step| !down.contains(step)).cloned().collect::<Vec<_>>();
            down.splice(0..0, new);
        }
        let mut up = match released.alter(&after.definition) {
            Alter::Same => Vec::new(),
            Alter::InPlace(steps) => steps,
            Alter::Around(early, steps) => {
                self.moved.push(dependent);
                self.around.insert(dependent);
                down.extend(early);
                steps
            }
            Alter::Split(early, steps) => {
                down.extend(early);
                steps
            }
            Alter::Joined(early, steps, last) => {
                down.extend(early);
                self.joined.insert(dependent, last);
                steps
            }
            Alter::Replace => return self.set(dependent, Fate::Replace),
        };
        up.extend(common(&self.kept(before, after), after, self.next.owner(after)));
        self.released.insert(dependent, released);
        self.insert(dependent, Fate::Release(down, up));
    }
}
