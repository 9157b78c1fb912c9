//! From one state to another: what becomes of each object, in an order that dependencies allow.
//!
//! Objects are matched by identity. An object that must be dropped takes with it what depends on it; what is still
//! wanted of that is created again. Every object has at most two vertices in one graph: going *down* (it is dropped, or
//! lets go of something) and coming *up* (it is created, or changed). Dependents go down before what they depend on does
//! anything, and come up after it.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;
use crate::kind::{Alter, Id};
use crate::object::Definition;
use crate::privilege::{self, Privilege};
use crate::state::{Entry, State};
use crate::step::Step;

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
    let fates = Fates::new(prev, next);
    Plan::new(prev, next, &fates.of).steps()
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
}

impl<'a> Fates<'a> {
    fn new(prev: &'a State, next: &'a State) -> Self {
        let mut fates =
            Fates { prev, next, dependents: BTreeMap::new(), of: BTreeMap::new(), moved: Vec::new() };
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
        fates
    }

    fn compare(&mut self, id: &'a Id, before: &Entry, after: &Entry) {
        if before == after {
            return;
        }
        let (down, mut up, moved) = match before.definition.alter(&after.definition) {
            Alter::Same => (Vec::new(), Vec::new(), false),
            Alter::InPlace(steps) => (Vec::new(), steps, false),
            Alter::Split(down, up) => (down, up, false),
            Alter::Around(steps) => (Vec::new(), steps, true),
            Alter::Replace => return self.set(id, Fate::Replace),
        };
        up.extend(common(before, after));
        if moved {
            self.moved.push(id);
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
                let stays = !drops && dependent.kind.is_rebuilt();
                if !stays && !self.of.get(dependent).is_some_and(Fate::drops) {
                    self.push_aside(dependent, id);
                }
            }
        }
    }

    fn push_aside(&mut self, dependent: &'a Id, dependency: &Id) {
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
        // Several things may have to be let go of.
        if let Some(Fate::Release(earlier, _)) = self.of.get(dependent) {
            let new = earlier.iter().filter(|step| !down.contains(step)).cloned().collect::<Vec<_>>();
            down.splice(0..0, new);
        }
        let mut up = match released.alter(&after.definition) {
            Alter::Same => Vec::new(),
            Alter::InPlace(steps) | Alter::Around(steps) => steps,
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

struct Plan<'a> {
    prev: &'a State,
    next: &'a State,
    fates: &'a BTreeMap<&'a Id, Fate>,
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
}

impl<'a> Plan<'a> {
    fn new(prev: &'a State, next: &'a State, fates: &'a BTreeMap<&'a Id, Fate>) -> Self {
        let (graph, vertices) = (Graph::default(), Vec::new());
        let mut plan =
            Plan { prev, next, fates, graph, vertices, down: BTreeMap::new(), up: BTreeMap::new() };
        plan.go_down();
        plan.come_up();
        plan.order_names();
        plan
    }

    fn fate(&self, id: &Id) -> Option<&'a Fate> {
        self.fates.get(id)
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
            && !self.is_detached(whole)
        {
            whole = parent;
        }
        whole
    }

    /// A part that refers to an object which is dropped too, and not with the same whole, is dropped before both: they
    /// may refer to each other.
    fn is_detached(&self, part: &Id) -> bool {
        let Some(entry) = self.prev.objects.get(part) else { return false };
        let Some(parent) = entry.definition.part_of() else { return false };
        entry.definition.clause().is_none()
            && entry.depends.iter().any(|other| {
                self.fate(other).is_some_and(Fate::drops)
                    && !is_within(other, &parent)
                    && other.kind == parent.kind
            })
    }

    fn go_down(&mut self) {
        for (id, fate) in self.fates {
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
        let entry = &self.next.objects.get(id);
        let parent = entry.filter(|entry| entry.definition.clause().is_some());
        let parent = parent.and_then(|entry| entry.definition.part_of());
        let parent = parent.and_then(|parent| self.next.objects.get_key_value(&parent));
        match parent {
            Some((parent, _)) if self.fate(parent).is_some_and(Fate::creates) => parent,
            _ => id,
        }
    }

    fn come_up(&mut self) {
        for (id, fate) in self.fates {
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
        for (id, fate) in self.fates {
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
                edges.extend(down.zip(its.1).map(|(down, its)| (*down, *its)));
                if down.is_none() && !self.next.objects.contains_key(dependency) {
                    edges.extend(up.zip(its.0).map(|(up, its)| (*up, *its)));
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

    fn steps(mut self) -> Result<Vec<Step>, Circle> {
        let mut parts: BTreeMap<usize, Vec<&'a Id>> = BTreeMap::new();
        for (id, at) in &self.up {
            parts.entry(*at).or_default().push(id);
        }
        let vertices = std::mem::take(&mut self.vertices);
        let order = self.graph.order(|at| vertices[at].clone()).map_err(|circle| {
            let objects: BTreeSet<Id> = circle.into_iter().map(|at| vertices[at].id().clone()).collect();
            Circle { objects: objects.into_iter().collect() }
        })?;
        let mut steps = Vec::new();
        for at in order {
            match vertices[at] {
                Vertex::Down(std::cmp::Reverse(id)) => steps.extend(self.down_steps(id)),
                Vertex::Up(id) => steps.extend(self.up_steps(id, parts.get(&at).map_or(&[], Vec::as_slice))),
                Vertex::Later(id) => {
                    let later = self.next.objects.get(id).and_then(|entry| entry.definition.later());
                    steps.extend(later.into_iter().flat_map(|later| later.steps));
                }
            }
        }
        Ok(steps)
    }

    fn down_steps(&self, id: &Id) -> Vec<Step> {
        match (self.fate(id), self.prev.objects.get(id)) {
            (Some(Fate::Release(down, _)), _) => down.clone(),
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
        let defaults = self.prev.objects.iter().filter(|(id, _)| !self.fate(id).is_some_and(Fate::drops));
        let defaults = defaults.filter_map(|(_, entry)| entry.definition.default_privileges());
        let given = defaults.filter(|defaults| defaults.apply(class, schema));
        given.flat_map(|defaults| defaults.privileges.iter().cloned()).collect()
    }
}

impl<'a> Vertex<'a> {
    fn id(&self) -> &'a Id {
        match self {
            Vertex::Down(std::cmp::Reverse(id)) | Vertex::Up(id) | Vertex::Later(id) => id,
        }
    }
}

fn is_within(id: &Id, whole: &Id) -> bool {
    id.path.starts_with(&whole.path)
}
