//! From one state to another: what becomes of each object, in an order that dependencies allow.
//!
//! Objects are matched by identity. An object that must be dropped takes with it what depends on it; what is still
//! wanted of that is created again. Every object has at most two vertices in one graph: going *down* (it is dropped, or
//! lets go of something) and coming *up* (it is created, or changed). Dependents go down before what they depend on does
//! anything, and come up after it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;
use crate::kind::{Alter, Id};
use crate::object::{DefaultPrivileges, Definition};
use crate::privilege::{self, Privilege};
use crate::state::{Entry, State};
use crate::step::{HazardKind, Step};

/// Objects that depend on each other in a circle which no order resolves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("these objects depend on each other in a circle: {}", .objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct Circle {
    pub objects: Vec<Id>,
}

/// The steps that lead from `prev` to `next`.
///
/// # Errors
/// No order of the steps satisfies their dependencies.
pub fn plan(prev: &State, next: &State) -> Result<Vec<Step>, Circle> {
    let mut fates = Fates::new(prev, next);
    let mut apart = BTreeSet::new();
    loop {
        let plan = Plan::new(prev, next, &fates, &apart);
        let circle = match plan.graph.order(|at| plan.vertices[at].clone()) {
            Ok(order) => return Ok(plan.steps(order)),
            Err(circle) => circle.into_iter().collect(),
        };
        let parts = plan.parts(&circle);
        let objects: BTreeSet<&Id> = circle.iter().map(|at| plan.vertices[*at].id()).collect();
        // Columns keep their places where constraints can move instead.
        let places = |id: &Id| next.objects.get(id).is_some_and(|entry| entry.definition.place() != i32::MAX);
        let (columns, others): (Vec<&Id>, Vec<&Id>) = parts.into_iter().partition(|id| places(id));
        let parts = if others.is_empty() { columns } else { others };
        if !parts.is_empty() {
            apart.extend(parts);
        } else if !fates.give_way(&objects) && !fates.replace(&objects) {
            return Err(Circle { objects: objects.into_iter().cloned().collect() });
        }
    }
}

/// What becomes of an object that does not stay as it is.
#[derive(Debug, Clone, PartialEq)]
enum Fate {
    Create,
    Drop,
    /// Dropped and created again.
    Replace,
    Alter(Vec<Step>),
    /// It lets go of something by the first steps, and comes back by the second.
    Release(Vec<Step>, Vec<Step>),
}

impl Fate {
    fn drops(&self) -> bool {
        matches!(self, Fate::Drop | Fate::Replace)
    }

    fn creates(&self) -> bool {
        matches!(self, Fate::Create | Fate::Replace)
    }
}

struct Fates<'a> {
    prev: &'a State,
    next: &'a State,
    /// What depends on each object of the state before.
    dependents: BTreeMap<&'a Id, Vec<&'a Id>>,
    of: BTreeMap<&'a Id, Fate>,
    /// Objects that move under those that depend on them.
    moved: Vec<&'a Id>,
    /// Those among them that are altered.
    around: BTreeSet<&'a Id>,
    /// Objects that are renamed, and dropped when columns use those that took their places.
    giving_way: BTreeSet<&'a Id>,
}

impl<'a> Fates<'a> {
    fn new(prev: &'a State, next: &'a State) -> Self {
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
                let text = || serde_json::to_string(&entry.definition).unwrap_or_default();
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
                    self.push_aside(dependent, id);
                }
            }
        }
    }

    /// What stops to depend on it must do so before.
    fn lets_nobody_stay(&self, id: &Id) -> bool {
        let drops = self.of.get(id).is_some_and(Fate::drops) && !self.giving_way.contains(id);
        drops || self.around.contains(id)
    }

    /// It gives way, and so does what it is made of.
    fn let_give_way(&mut self, id: &'a Id) {
        let Some(entry) = self.prev.objects.get(id) else { return };
        if entry.definition.give_way().is_some() && self.of.get(id).is_some_and(Fate::drops) {
            self.giving_way.insert(id);
            for dependency in &entry.depends {
                self.let_give_way(dependency);
            }
        }
    }

    /// What is dropped among these objects, in a circle, gives way where it can.
    fn give_way(&mut self, circle: &BTreeSet<&'a Id>) -> bool {
        let before = self.giving_way.len();
        for id in circle {
            self.let_give_way(id);
        }
        self.giving_way.len() > before
    }

    /// What would be changed among these objects, in a circle, is dropped and created where nothing is lost by it.
    fn replace(&mut self, circle: &BTreeSet<&'a Id>) -> bool {
        let lossless = |id: &Id| {
            let steps = self.prev.objects.get(id).map(|entry| entry.definition.drop()).unwrap_or_default();
            steps.iter().flat_map(|step| &step.hazards).all(|hazard| hazard.kind != HazardKind::DataLoss)
        };
        let changes = |id: &&&Id| matches!(self.of.get(**id), Some(Fate::Alter(_) | Fate::Release(..)));
        let chosen: Vec<&'a Id> = circle.iter().filter(changes).filter(|id| lossless(id)).copied().collect();
        for id in &chosen {
            self.set(id, Fate::Replace);
        }
        self.spread();
        !chosen.is_empty()
    }

    fn push_aside(&mut self, dependent: &'a Id, dependency: &'a Id) {
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

fn comment(definition: &Definition, text: Option<&str>) -> Step {
    let text = text.map_or_else(|| "NULL".to_owned(), crate::name::literal);
    Step::new(
        format!("Comment on {}.", definition.id()),
        format!("COMMENT ON {} IS {text}", definition.address()),
    )
}

struct Plan<'a, 'p> {
    prev: &'a State,
    next: &'a State,
    fates: &'p Fates<'a>,
    /// Parts that are created and dropped by statements of their own.
    apart: &'p BTreeSet<&'a Id>,
    /// Those in force while objects are created.
    defaults: Vec<&'a DefaultPrivileges>,
    graph: Graph,
    vertices: Vec<Vertex<'a>>,
    down: BTreeMap<&'a Id, usize>,
    up: BTreeMap<&'a Id, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Vertex<'a> {
    Down(std::cmp::Reverse<&'a Id>),
    Up(&'a Id),
    /// What is said of an object when others are there.
    Later(&'a Id),
    /// What gave way is dropped.
    Last(std::cmp::Reverse<&'a Id>),
}

impl<'a, 'p> Plan<'a, 'p> {
    fn new(prev: &'a State, next: &'a State, fates: &'p Fates<'a>, apart: &'p BTreeSet<&'a Id>) -> Self {
        let stays = |id: &Id| !fates.of.get(id).is_some_and(Fate::drops);
        let defaults = prev.objects.iter().filter(|(id, _)| stays(id));
        let defaults = defaults.filter_map(|(_, entry)| entry.definition.default_privileges()).collect();
        let (graph, vertices) = (Graph::default(), Vec::new());
        let (down, up) = (BTreeMap::new(), BTreeMap::new());
        let mut plan = Plan { prev, next, fates, apart, defaults, graph, vertices, down, up };
        plan.go_down();
        plan.come_up();
        plan.order_names();
        plan.drop_at_last();
        plan
    }

    fn fate(&self, id: &Id) -> Option<&'p Fate> {
        self.fates.of.get(id)
    }

    fn vertex(&mut self, vertex: Vertex<'a>) -> usize {
        self.vertices.push(vertex);
        self.graph.vertex()
    }

    /// The outermost object with which this one is dropped.
    fn dropped_with(&self, id: &'a Id) -> &'a Id {
        let mut whole = id;
        while let Some((parent, _)) = self
            .prev
            .objects
            .get(whole)
            .and_then(|entry| entry.definition.part_of())
            .and_then(|parent| self.prev.objects.get_key_value(&parent))
            && self.fate(parent).is_some_and(Fate::drops)
            && !self.apart.contains(whole)
        {
            whole = parent;
        }
        whole
    }

    /// The parts in a circle that need something else in it: they are the links.
    fn parts(&self, circle: &BTreeSet<usize>) -> Vec<&'a Id> {
        let link = |id: &Id, state: &State, at: &BTreeMap<&'a Id, usize>| {
            let whole = at.get(id).filter(|at| circle.contains(at) && self.vertices[**at].id() != id);
            let depends = state.objects.get(id).filter(|_| whole.is_some()).map(|entry| &entry.depends);
            let others = depends.into_iter().flatten().filter_map(|other| at.get(other));
            others.into_iter().any(|other| Some(other) != whole && circle.contains(other))
        };
        let links = self.fates.of.keys();
        links.filter(|id| link(id, self.prev, &self.down) || link(id, self.next, &self.up)).copied().collect()
    }

    fn go_down(&mut self) {
        for (id, fate) in &self.fates.of {
            match fate {
                Fate::Drop | Fate::Replace => {
                    let whole = self.dropped_with(id);
                    let at = match self.down.get(whole) {
                        Some(at) => *at,
                        None => self.vertex(Vertex::Down(std::cmp::Reverse(whole))),
                    };
                    self.down.insert(whole, at);
                    self.down.insert(id, at);
                }
                Fate::Release(..) => {
                    let at = self.vertex(Vertex::Down(std::cmp::Reverse(id)));
                    self.down.insert(id, at);
                }
                Fate::Create | Fate::Alter(_) => {}
            }
        }
    }

    /// The object in whose CREATE statement this one has its clause.
    fn created_with(&self, id: &'a Id) -> &'a Id {
        let entry = self.next.objects.get(id).filter(|_| !self.apart.contains(id));
        let parent = entry.filter(|entry| entry.definition.clause().is_some());
        let parent = parent.and_then(|entry| entry.definition.part_of());
        let parent = parent.and_then(|parent| self.next.objects.get_key_value(&parent));
        match parent {
            Some((parent, _)) if self.fate(parent).is_some_and(Fate::creates) => parent,
            _ => id,
        }
    }

    fn come_up(&mut self) {
        for (id, fate) in &self.fates.of {
            if *fate == Fate::Drop {
                continue;
            }
            let whole = if fate.creates() { self.created_with(id) } else { *id };
            let at = match self.up.get(whole) {
                Some(at) => *at,
                None => self.vertex(Vertex::Up(whole)),
            };
            self.up.insert(whole, at);
            self.up.insert(id, at);
        }
        self.order_dependencies();
        for (id, fate) in &self.fates.of {
            let later = self.next.objects.get(*id).filter(|_| fate.creates());
            if let Some(later) = later.and_then(|entry| entry.definition.later()) {
                let at = self.vertex(Vertex::Later(id));
                let needs = later.depends.iter().chain([*id]);
                let needs: Vec<usize> = needs.filter_map(|id| self.up.get(id)).copied().collect();
                for need in needs {
                    self.graph.edge(need, at);
                }
            }
        }
    }

    /// Whether its change is what makes an object stop to depend on something that lets nobody stay.
    fn changes_before(&self, id: &Id, entry: &Entry, dependency: &Id) -> bool {
        matches!(self.fate(id), Some(Fate::Alter(_) | Fate::Release(..)))
            && self.fates.lets_nobody_stay(dependency)
            && entry.definition.release(dependency, false).is_none()
            && !self.next.objects.get(id).is_some_and(|entry| entry.depends.contains(dependency))
    }

    fn order_dependencies(&mut self) {
        let mut edges = Vec::new();
        for (id, down) in &self.down {
            edges.extend(self.up.get(id).map(|up| (*down, *up)));
        }
        for (id, entry) in &self.prev.objects {
            let (down, up) = (self.down.get(id), self.up.get(id));
            for dependency in &entry.depends {
                let its = (self.down.get(dependency), self.up.get(dependency));
                // A dependent goes first. One that only changes does so before what it needed is dropped.
                edges.extend(down.zip(its.0).map(|(down, its)| (*down, *its)));
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
        for (id, entry) in &self.next.objects {
            for dependency in &entry.depends {
                edges.extend(self.up.get(dependency).zip(self.up.get(id)).map(|(its, up)| (*its, *up)));
            }
        }
        for (first, second) in edges {
            self.graph.edge(first, second);
        }
    }

    /// What gave way is dropped when nothing that was written against it is left.
    fn drop_at_last(&mut self) {
        let giving_way = &self.fates.giving_way;
        let last: BTreeMap<&'a Id, usize> =
            giving_way.iter().map(|id| (*id, self.vertex(Vertex::Last(std::cmp::Reverse(id))))).collect();
        for (id, at) in &last {
            let Some(entry) = self.prev.objects.get(*id) else { continue };
            let keeps = |id: &&Id| !giving_way.contains(*id) && entry.definition.release(id, true).is_none();
            for down in entry.depends.iter().filter(keeps).filter_map(|id| self.down.get(id)) {
                self.graph.edge(*at, *down);
            }
            let dependents = self.fates.dependents.get(id).into_iter().flatten();
            for dependent in dependents.chain([id]) {
                let before = [self.down.get(dependent), self.up.get(dependent), last.get(dependent)];
                before.into_iter().flatten().for_each(|before| self.graph.edge(*before, *at));
            }
        }
    }

    /// A name is free when the object that had it is gone.
    fn order_names(&mut self) {
        let mut names: BTreeMap<&[String], Vec<usize>> = BTreeMap::new();
        for (id, down) in &self.down {
            if self.fate(id).is_some_and(Fate::drops) {
                names.entry(&id.path).or_default().push(*down);
            }
        }
        let mut edges = Vec::new();
        for (id, up) in &self.up {
            if self.fate(id).is_some_and(Fate::creates) {
                let downs = names.get(id.path.as_slice()).into_iter().flatten();
                edges.extend(downs.map(|down| (*down, *up)));
            }
        }
        for (first, second) in edges {
            self.graph.edge(first, second);
        }
    }

    fn steps(&self, order: Vec<usize>) -> Vec<Step> {
        let mut parts: BTreeMap<usize, Vec<&'a Id>> = BTreeMap::new();
        for (id, at) in &self.up {
            parts.entry(*at).or_default().push(id);
        }
        let mut steps = Vec::new();
        for at in order {
            match self.vertices[at] {
                Vertex::Down(std::cmp::Reverse(id)) => steps.extend(self.down_steps(id)),
                Vertex::Up(id) => steps.extend(self.up_steps(id, parts.get(&at).map_or(&[], Vec::as_slice))),
                Vertex::Last(std::cmp::Reverse(id)) => {
                    let ways = self.prev.objects.get(id).and_then(|entry| entry.definition.give_way());
                    steps.extend(ways.into_iter().flat_map(|(_, last)| last));
                }
                Vertex::Later(id) => {
                    let later = self.next.objects.get(id).and_then(|entry| entry.definition.later());
                    steps.extend(later.into_iter().flat_map(|later| later.steps));
                }
            }
        }
        steps
    }

    fn down_steps(&self, id: &Id) -> Vec<Step> {
        match (self.fate(id), self.prev.objects.get(id)) {
            (Some(Fate::Release(down, _)), _) => down.clone(),
            (_, Some(entry)) if self.fates.giving_way.contains(id) => {
                entry.definition.give_way().map_or_else(Vec::new, |(first, _)| first)
            }
            (_, Some(entry)) => entry.definition.drop(),
            (_, None) => Vec::new(),
        }
    }

    fn up_steps(&self, id: &Id, parts: &[&'a Id]) -> Vec<Step> {
        match self.fate(id) {
            Some(Fate::Alter(steps) | Fate::Release(_, steps)) => steps.clone(),
            Some(Fate::Create | Fate::Replace) => {
                let mut steps = self.create(id, parts);
                if self.is_in_new(id) {
                    steps.iter_mut().for_each(Step::harmless);
                }
                steps
            }
            Some(Fate::Drop) | None => Vec::new(),
        }
    }

    /// Whether it is a part of something that is created as well, and so has no rows, and depends on nothing that has.
    fn is_in_new(&self, id: &Id) -> bool {
        let Some(entry) = self.next.objects.get(id) else { return false };
        let is_new = |id: &Id| matches!(self.fate(id), Some(Fate::Create));
        entry.definition.part_of().is_some_and(|whole| is_new(&whole) && entry.depends.iter().all(is_new))
    }

    fn create(&self, id: &Id, parts: &[&'a Id]) -> Vec<Step> {
        let Some(entry) = self.next.objects.get(id) else { return Vec::new() };
        let mut parts: Vec<&Entry> = parts
            .iter()
            .filter(|part| **part != id)
            .filter_map(|part| self.next.objects.get(*part))
            .collect();
        parts.sort_by_key(|part| part.definition.place());
        let mut clauses: Vec<String> = parts.iter().filter_map(|part| part.definition.clause()).collect();
        clauses.retain(|clause| !clause.is_empty());
        let mut steps = entry.definition.create(&clauses);
        steps.extend(parts.iter().flat_map(|part| part.definition.after_create()));
        for entry in [entry].into_iter().chain(parts) {
            if let Some(text) = &entry.comment {
                steps.push(comment(&entry.definition, Some(text)));
            }
            let what = entry.definition.id().to_string();
            let target = |privilege: &str| entry.definition.grant(privilege);
            steps.extend(privilege::change(&what, &self.given(entry), &entry.privileges, target));
        }
        steps
    }

    /// The privileges that a new object gets from the default privileges in force while it is created.
    fn given(&self, entry: &Entry) -> Vec<Privilege> {
        let Some(class) = entry.definition.acl_class() else { return Vec::new() };
        let id = entry.definition.id();
        let schema = id.path.first().map(String::as_str);
        let given = self.defaults.iter().filter(|defaults| defaults.apply(class, schema));
        given.flat_map(|defaults| defaults.privileges.iter().cloned()).collect()
    }
}

impl<'a> Vertex<'a> {
    fn id(&self) -> &'a Id {
        match self {
            Vertex::Down(std::cmp::Reverse(id)) | Vertex::Last(std::cmp::Reverse(id)) => id,
            Vertex::Up(id) | Vertex::Later(id) => id,
        }
    }
}
