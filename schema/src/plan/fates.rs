//! What becomes of each object.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::kind::{Alter, Id};
use crate::object::Definition;
use crate::privilege;
use crate::state::{Entry, State};
use crate::step::{HazardKind, Step};

/// What becomes of an object that does not stay as it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate {
    Create,
    Drop,
    /// Dropped and created again.
    Replace,
    Alter(Vec<Step>),
    /// It lets go of something by the first steps, and comes back by the second.
    Release(Vec<Step>, Vec<Step>),
}

impl Fate {
    pub(super) fn drops(&self) -> bool {
        matches!(self, Fate::Drop | Fate::Replace)
    }

    pub(super) fn creates(&self) -> bool {
        matches!(self, Fate::Create | Fate::Replace)
    }
}

pub(super) struct Fates<'a> {
    prev: &'a State,
    next: &'a State,
    /// What depends on each object of the state before.
    pub(super) dependents: BTreeMap<&'a Id, Vec<&'a Id>>,
    pub(super) of: BTreeMap<&'a Id, Fate>,
    /// Objects that move under those that depend on them.
    moved: Vec<&'a Id>,
    /// Those among them that are altered.
    pub(super) around: BTreeSet<&'a Id>,
    /// Objects that are renamed, and dropped when columns use those that took their places.
    pub(super) giving_way: BTreeSet<&'a Id>,
}

impl<'a> Fates<'a> {
    pub(super) fn new(prev: &'a State, next: &'a State) -> Self {
        let mut fates = Fates {
            prev,
            next,
            dependents: BTreeMap::new(),
            of: BTreeMap::new(),
            moved: Vec::new(),
            around: BTreeSet::new(),
            giving_way: BTreeSet::new(),
        };
        for (id, entry) in &prev.objects {
            for dependency in &entry.depends {
                fates.dependents.entry(dependency).or_default().push(id);
            }
            match next.objects.get(id) {
                None => fates.set(id, Fate::Drop),
                Some(after) => fates.compare(id, entry, after),
            }
        }
        for id in next.objects.keys() {
            if !prev.objects.contains_key(id) {
                fates.of.insert(id, Fate::Create);
            }
        }
        fates.spread();
        fates.recreate_uncommitted();
        fates
    }

    /// What is used as it is only after the transaction is created again instead of altered.
    fn recreate_uncommitted(&mut self) {
        let altered: Vec<&'a Id> =
            self.of.iter().filter(|(_, fate)| matches!(fate, Fate::Alter(_))).map(|(id, _)| *id).collect();
        for id in altered {
            let (Some(before), Some(after)) = (self.prev.objects.get(id), self.next.objects.get(id)) else {
                continue;
            };
            let uses = |entry: &Entry| {
                // A name in quotation marks is escaped in JSON.
                let text =
                    || serde_json::to_string(&entry.definition).unwrap_or_default().replace("\\\"", "\"");
                entry.depends.contains(id) && before.definition.is_uncommitted(&after.definition, &text())
            };
            let changed = self.of.keys().filter_map(|id| self.next.objects.get(*id));
            if changed.into_iter().any(uses) {
                self.set(id, Fate::Replace);
            }
        }
        self.spread();
    }

    /// Revoking a privilege on the whole revokes it on its parts.
    fn loses_privileges(&self, after: &Entry) -> bool {
        let privileges = |state: &State, id: &Id| state.objects.get(id).map(|entry| entry.privileges.clone());
        let whole = after.definition.part_of().filter(|_| !after.privileges.is_empty());
        whole.is_some_and(|id| privileges(self.prev, &id) != privileges(self.next, &id))
    }

    fn compare(&mut self, id: &'a Id, before: &'a Entry, after: &Entry) {
        let mut before = Cow::Borrowed(before);
        if self.loses_privileges(after) {
            before.to_mut().privileges.retain(|privilege| !after.privileges.contains(privilege));
        }
        let before = before.as_ref();
        if before == after {
            return;
        }
        let (down, mut up, moved) = match before.definition.alter(&after.definition) {
            Alter::Same => (Vec::new(), Vec::new(), false),
            Alter::InPlace(steps) => (Vec::new(), steps, false),
            Alter::Split(down, up) => (down, up, false),
            Alter::Around(down, up) => (down, up, true),
            Alter::Replace => return self.set(id, Fate::Replace),
        };
        up.extend(common(before, after));
        if moved {
            self.moved.push(id);
            self.around.insert(id);
        }
        if !down.is_empty() {
            self.of.insert(id, Fate::Release(down, up));
        } else if !up.is_empty() {
            self.of.insert(id, Fate::Alter(up));
        }
    }

    fn set(&mut self, id: &'a Id, fate: Fate) {
        self.of.insert(id, fate);
        self.moved.push(id);
    }

    /// Objects that depend on what goes, or moves, go too; those that are still wanted come back.
    fn spread(&mut self) {
        while let Some(id) = self.moved.pop() {
            let drops = self.of.get(id).is_some_and(Fate::drops);
            for dependent in self.dependents.get(id).cloned().unwrap_or_default() {
                let stays = !drops
                    && self.prev.objects.get(dependent).is_some_and(|entry| entry.definition.is_rebuilt());
                if !stays && !self.of.get(dependent).is_some_and(Fate::drops) {
                    self.release_or_replace(dependent, id);
                }
            }
        }
    }

    /// What stops to depend on it must do so before.
    pub(super) fn blocks_dependents(&self, id: &Id) -> bool {
        let drops = self.of.get(id).is_some_and(Fate::drops) && !self.giving_way.contains(id);
        drops || self.around.contains(id)
    }

    /// It gives way, and so does what it is made of.
    fn let_give_way(&mut self, id: &'a Id) {
        let Some(entry) = self.prev.objects.get(id) else { return };
        let gives_way = entry.definition.give_way().is_some() && self.of.get(id).is_some_and(Fate::drops);
        if gives_way && self.giving_way.insert(id) {
            entry.depends.iter().for_each(|dependency| self.let_give_way(dependency));
        }
    }

    /// What is dropped among these objects, in a cycle, gives way where it can.
    pub(super) fn give_way(&mut self, cycle: &BTreeSet<&'a Id>) -> bool {
        let before = self.giving_way.len();
        for id in cycle {
            self.let_give_way(id);
        }
        self.giving_way.len() > before
    }

    /// What would be changed among these objects, in a cycle, is dropped and created where nothing is lost by it.
    pub(super) fn replace(&mut self, cycle: &BTreeSet<&'a Id>) -> bool {
        let lossless = |id: &Id| {
            let steps = self.prev.objects.get(id).map(|entry| entry.definition.drop()).unwrap_or_default();
            steps.iter().flat_map(|step| &step.hazards).all(|hazard| hazard.kind != HazardKind::DataLoss)
        };
        let changes = |id: &&&Id| matches!(self.of.get(**id), Some(Fate::Alter(_) | Fate::Release(..)));
        let chosen: Vec<&'a Id> = cycle.iter().filter(changes).filter(|id| lossless(id)).copied().collect();
        for id in &chosen {
            self.set(id, Fate::Replace);
        }
        self.spread();
        !chosen.is_empty()
    }

    fn release_or_replace(&mut self, dependent: &'a Id, dependency: &'a Id) {
        let (Some(before), Some(after)) =
            (self.prev.objects.get(dependent), self.next.objects.get(dependent))
        else {
            return;
        };
        let returns = after.depends.contains(dependency) && self.next.objects.contains_key(dependency);
        let Some((released, mut down)) = before.definition.release(dependency, returns) else {
            let changes = matches!(self.of.get(dependent), Some(Fate::Alter(_) | Fate::Release(..)));
            if returns || !changes {
                self.set(dependent, Fate::Replace);
            }
            return;
        };
        let gives_way =
            self.prev.objects.get(dependency).is_some_and(|entry| entry.definition.give_way().is_some());
        match self.of.get(dependency).is_some_and(Fate::drops) {
            true if gives_way && returns => self.let_give_way(dependency),
            false if gives_way => return,
            _ => {}
        }
        // Several things may have to be let go of.
        if let Some(Fate::Release(earlier, _)) = self.of.get(dependent) {
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
            Alter::Replace => return self.set(dependent, Fate::Replace),
        };
        up.extend(common(before, after));
        self.of.insert(dependent, Fate::Release(down, up));
    }
}

/// Changes of what any object can have.
fn common(before: &Entry, after: &Entry) -> Vec<Step> {
    let mut steps = Vec::new();
    let definition = &after.definition;
    if before.comment != after.comment {
        steps.push(comment(definition, after.comment.as_deref()));
    }
    let what = definition.id().to_string();
    let target = |privilege: &str| definition.grant(privilege);
    steps.extend(privilege::change(&what, &before.privileges, &after.privileges, target));
    steps
}

pub(super) fn comment(definition: &Definition, text: Option<&str>) -> Step {
    let text = text.map_or_else(|| "NULL".to_owned(), crate::name::literal);
    Step::new(
        format!("Comment on {}.", definition.id()),
        format!("COMMENT ON {} IS {text}", definition.address()),
    )
}
