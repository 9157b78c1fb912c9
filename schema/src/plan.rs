//! From one state to another: what becomes of each object, in an order that dependencies allow.
//!
//! Objects are matched by identity. An object that must be dropped takes with it what depends on it; what is still
//! wanted of that is created again. Every object has at most two vertices in one graph: going *down* (it is dropped, or
//! lets go of something) and coming *up* (it is created, or changed). Dependents go down before what they depend on does
//! anything, and come up after it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::body::Bodies;
use crate::graph::Graph;
use crate::kind::Id;
use crate::object::{DefaultPrivileges, Kind};
use crate::privilege::{self, Privilege};
use crate::state::{Entry, State};
use crate::step::Step;

mod fates;
mod locks;
mod order;
mod stages;

pub use stages::{Stages, stages};

pub(crate) use fates::comment;
use fates::{Fate, Fates};

/// How steps treat those who use a database meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In one transaction; others wait where it must be so.
    Short,
    /// Each committed by itself; others hardly wait. For what is [left](Stages::middle) to a second stage.
    Online,
}

/// Objects that depend on each other in a cycle which no order resolves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("these objects depend on each other in a cycle: {}", .objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct Cycle {
    pub objects: Vec<Id>,
}

/// The steps that lead from `prev` to `next`.
///
/// # Errors
/// No order of the steps satisfies their dependencies.
pub fn plan(prev: &State, next: &State) -> Result<Vec<Step>, Cycle> {
    Ok(flat(steps_by_object(prev, next)?))
}

/// The same from the [middle](Stages::middle) of two states to either of them, or back, in the online form.
///
/// # Errors
/// As [`plan()`].
pub fn online(prev: &State, next: &State) -> Result<Vec<Step>, Cycle> {
    Ok(flat(ordered(prev, next, Form::Online)?))
}

fn flat(steps: Vec<(Id, Vec<Step>)>) -> Vec<Step> {
    steps.into_iter().flat_map(|(_, steps)| steps).collect()
}

/// The same steps, each with the object that it is about.
///
/// # Errors
/// As [`plan()`].
pub fn steps_by_object(prev: &State, next: &State) -> Result<Vec<(Id, Vec<Step>)>, Cycle> {
    ordered(prev, next, Form::Short)
}

fn ordered(prev: &State, next: &State, form: Form) -> Result<Vec<(Id, Vec<Step>)>, Cycle> {
    let mut fates = Fates::new(prev, next, form);
    let (mut apart, mut freed) = (BTreeSet::new(), BTreeSet::new());
    loop {
        let plan = Plan::new(prev, next, &fates, [&apart, &freed]);
        let cycle = match plan.graph.order(|at| plan.vertices[at].clone()) {
            Ok(order) => return Ok(plan.steps(order)),
            Err(cycle) => cycle.into_iter().collect(),
        };
        let parts = plan.parts(&cycle);
        let objects: BTreeSet<&Id> = cycle.iter().map(|at| plan.vertices[*at].id()).collect();
        // Columns keep their places where constraints can move instead.
        let places = |id: &Id| next.objects.get(id).is_some_and(|entry| entry.definition.place() != i32::MAX);
        let (columns, others): (Vec<&Id>, Vec<&Id>) = parts.into_iter().partition(|id| places(id));
        let parts = if others.is_empty() { columns } else { others };
        if !parts.is_empty() {
            apart.extend(parts);
        } else if !fates.give_way(&objects) && !fates.free(&objects, &mut freed) && !fates.replace(&objects) {
            return Err(Cycle { objects: objects.into_iter().cloned().collect() });
        }
    }
}

struct Plan<'a, 'p> {
    prev: &'a State,
    next: &'a State,
    fates: &'p Fates<'a>,
    /// Parts that are created and dropped by statements of their own.
    apart: &'p BTreeSet<&'a Id>,
    /// Objects that stop to be parts while others still depend on them.
    freed: &'p BTreeSet<&'a Id>,
    /// Those in force while objects are created.
    defaults: Vec<&'a DefaultPrivileges>,
    graph: Graph,
    vertices: Vec<Vertex<'a>>,
    down: FxHashMap<&'a Id, usize>,
    up: FxHashMap<&'a Id, usize>,
    bodies: OnceCell<Bodies<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Vertex<'a> {
    Down(std::cmp::Reverse<&'a Id>),
    Up(&'a Id),
    /// What is said of an object when others are there.
    Later(&'a Id),
    /// What is done when an object consists of what it is to.
    Joined(&'a Id),
    /// What gave way is dropped.
    Last(std::cmp::Reverse<&'a Id>),
}

impl<'a, 'p> Plan<'a, 'p> {
    fn new(
        prev: &'a State,
        next: &'a State,
        fates: &'p Fates<'a>,
        [apart, freed]: [&'p BTreeSet<&'a Id>; 2],
    ) -> Self {
        let stays = |id: &Id| !fates.drops(id);
        let defaults = prev.objects.range(Id::global(Kind::DefaultPrivileges, "")..);
        let defaults = defaults.filter(|(id, _)| stays(id));
        let defaults = defaults.filter_map(|(_, entry)| entry.definition.default_privileges()).collect();
        let (graph, vertices) = (Graph::default(), Vec::new());
        let (down, up) = (FxHashMap::default(), FxHashMap::default());
        let bodies = OnceCell::new();
        let mut plan = Plan { prev, next, fates, apart, freed, defaults, graph, vertices, down, up, bodies };
        plan.go_down();
        plan.come_up();
        plan.order_names();
        plan.order_wholes();
        plan.order_merged();
        plan.drop_at_last();
        plan
    }

    fn fate(&self, id: &Id) -> Option<&'p Fate> {
        self.fates.fate(id)
    }

    fn vertex(&mut self, vertex: Vertex<'a>) -> usize {
        self.vertices.push(vertex);
        self.graph.vertex()
    }

    /// The outermost object with which this one is dropped.
    fn dropped_with(&self, id: &'a Id) -> &'a Id {
        let mut whole = id;
        while let Some((parent, _)) = self
            .fates
            .before(whole)
            .and_then(|entry| entry.definition.part_of())
            .and_then(|parent| self.fates.of.get_key_value(&parent))
            && self.fates.drops(parent)
            && !self.apart.contains(whole)
        {
            whole = parent;
        }
        whole
    }

    /// The parts in a cycle that need something else in it: they are the links.
    fn parts(&self, cycle: &BTreeSet<usize>) -> Vec<&'a Id> {
        let link = |id: &Id, state: &State, at: &FxHashMap<&'a Id, usize>| {
            let whole = at.get(id).filter(|at| cycle.contains(at) && self.vertices[**at].id() != id);
            let depends = state.objects.get(id).filter(|_| whole.is_some()).map(|entry| &entry.depends);
            let others = depends.into_iter().flatten().filter_map(|other| at.get(other));
            others.into_iter().any(|other| Some(other) != whole && cycle.contains(other))
        };
        let links = self.fates.of.keys();
        links.filter(|id| link(id, self.prev, &self.down) || link(id, self.next, &self.up)).copied().collect()
    }

    fn go_down(&mut self) {
        for (id, object) in &self.fates.of {
            match object.fate {
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
        let entry = self.fates.after(id).filter(|_| !self.apart.contains(id));
        let parent = entry.filter(|entry| entry.definition.clause().is_some());
        let parent = parent.and_then(|entry| entry.definition.part_of());
        match parent.and_then(|parent| self.fates.of.get_key_value(&parent)) {
            Some((parent, object)) if object.fate.creates() => parent,
            _ => id,
        }
    }

    fn come_up(&mut self) {
        for (id, object) in &self.fates.of {
            if object.fate == Fate::Drop {
                continue;
            }
            let whole = if object.fate.creates() { self.created_with(id) } else { *id };
            let at = match self.up.get(whole) {
                Some(at) => *at,
                None => self.vertex(Vertex::Up(whole)),
            };
            self.up.insert(whole, at);
            self.up.insert(id, at);
        }
        self.order_dependencies();
        for (id, object) in &self.fates.of {
            let later = object.after.and_then(|entry| entry.definition.later());
            let before = object.before.and_then(|entry| entry.definition.later());
            if let Some(later) = later.filter(|later| object.fate.creates() || before.as_ref() != Some(later))
            {
                let at = self.vertex(Vertex::Later(id));
                let needs = later.depends.iter().chain([*id]);
                let needs: Vec<usize> = needs.filter_map(|id| self.up.get(id)).copied().collect();
                for need in needs {
                    self.graph.edge(need, at);
                }
            }
        }
    }

    fn steps(&self, order: Vec<usize>) -> Vec<(Id, Vec<Step>)> {
        let (gone, parts) = (self.by_vertex(&self.down), self.by_vertex(&self.up));
        let at_vertex = |map: &BTreeMap<usize, Vec<&'a Id>>, at| map.get(&at).cloned().unwrap_or_default();
        let steps = |at: usize| match self.vertices[at] {
            Vertex::Down(std::cmp::Reverse(id)) => self.down_steps(id, &at_vertex(&gone, at)),
            Vertex::Up(id) => self.up_steps(id, &at_vertex(&parts, at)),
            Vertex::Joined(id) => self.fates.joined.get(id).cloned().unwrap_or_default(),
            Vertex::Last(std::cmp::Reverse(id)) => {
                let ways = self.fates.before(id).and_then(|entry| entry.definition.give_way());
                ways.map(|(_, last)| last).unwrap_or_default()
            }
            Vertex::Later(id) => {
                let later = self.fates.after(id).and_then(|entry| entry.definition.later());
                later.map_or_else(Vec::new, |later| {
                    let existed = later.depends.iter().all(|id| self.prev.objects.contains_key(id));
                    let creates = self.fate(id).is_some_and(Fate::creates);
                    let further = if existed && creates { later.of_existing } else { Vec::new() };
                    later.steps.into_iter().chain(further).collect()
                })
            }
        };
        let (created, mut done) = (self.created(), BTreeSet::new());
        let locked = |at: usize| {
            let (id, mut steps) = (self.vertices[at].id(), steps(at));
            self.spread_locks(id, &done, &mut steps);
            done.insert(at);
            if matches!(self.vertices[at], Vertex::Up(_) | Vertex::Later(_) | Vertex::Joined(_)) {
                steps.iter_mut().for_each(|step| step.locks.retain(|locked| !created.contains(&locked.on)));
            }
            (id.clone(), steps)
        };
        order.into_iter().map(locked).collect()
    }

    /// The objects that are at each vertex.
    fn by_vertex(&self, vertices: &FxHashMap<&'a Id, usize>) -> BTreeMap<usize, Vec<&'a Id>> {
        let mut objects: BTreeMap<usize, Vec<&'a Id>> = BTreeMap::new();
        for id in self.fates.of.keys() {
            if let Some(at) = vertices.get(id) {
                objects.entry(*at).or_default().push(id);
            }
        }
        objects
    }

    fn down_steps(&self, id: &Id, parts: &[&Id]) -> Vec<Step> {
        match (self.fate(id), self.fates.before(id)) {
            (Some(Fate::Release(down, _)), _) => down.clone(),
            (_, Some(entry)) if self.fates.giving_way.contains(id) => {
                entry.definition.give_way().map_or_else(Vec::new, |(first, _)| first)
            }
            (Some(Fate::Drop), Some(_)) => {
                let online = self.fates.online_steps(id);
                let mut steps = online.unwrap_or_else(|| self.drop_whole(id, parts));
                let bodies = self.bodies.get_or_init(|| Bodies::new(self.prev, self.next));
                if let Some(step) = steps.last_mut() {
                    bodies.warn(step, id, id.name());
                }
                steps
            }
            (_, Some(_)) => self.drop_whole(id, parts),
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
        let Some(entry) = self.fates.after(id) else { return false };
        let is_new = |id: &Id| matches!(self.fate(id), Some(Fate::Create));
        entry.definition.part_of().is_some_and(|whole| is_new(&whole) && !self.reads_rows(&whole))
            && entry.depends.iter().all(is_new)
    }

    /// Whether something is filled from relations that were there before.
    fn reads_rows(&self, id: &Id) -> bool {
        let filled = self.fates.after(id).filter(|entry| entry.definition.reads_rows());
        let mut pending: Vec<&Id> = filled.into_iter().flat_map(|entry| &entry.depends).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = pending.pop() {
            let entry = self.next.objects.get(id).filter(|entry| entry.definition.relation().is_some());
            let Some(entry) = entry.filter(|_| seen.insert(id)) else { continue };
            if !matches!(self.fate(id), Some(Fate::Create)) {
                return true;
            }
            pending.extend(&entry.depends);
        }
        false
    }

    fn create(&self, id: &Id, parts: &[&'a Id]) -> Vec<Step> {
        let Some(entry) = self.fates.after(id) else { return Vec::new() };
        let mut parts: Vec<&Entry> =
            parts.iter().filter(|part| **part != id).filter_map(|part| self.fates.after(part)).collect();
        parts.sort_by_key(|part| part.definition.place());
        let mut clauses: Vec<String> = parts.iter().filter_map(|part| part.definition.clause()).collect();
        clauses.retain(|clause| !clause.is_empty());
        let computed =
            |id: &Id| self.next.objects.get(id).is_some_and(|entry| entry.definition.is_computed());
        let mut steps = match self.fates.online_steps(id) {
            Some(steps) => steps,
            None if entry.depends.iter().any(computed) => entry.definition.create_with_computed(&clauses),
            None => entry.definition.create(&clauses),
        };
        steps.extend(parts.iter().flat_map(|part| part.definition.after_create()));
        for entry in [entry].into_iter().chain(parts) {
            if let Some(text) = &entry.comment {
                let mut comment = comment(&entry.definition, Some(text));
                // It is new itself, and not only a part of something.
                if entry.definition.id().names().count() < 3 {
                    comment.locks.clear();
                }
                steps.push(comment);
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
        let schema = Some(id.outermost());
        let given = self.defaults.iter().filter(|defaults| defaults.apply(class, schema));
        privilege::together(given.flat_map(|defaults| defaults.privileges.iter().cloned()).collect())
    }
}

impl<'a> Vertex<'a> {
    fn id(&self) -> &'a Id {
        match self {
            Vertex::Down(std::cmp::Reverse(id)) | Vertex::Last(std::cmp::Reverse(id)) => id,
            Vertex::Up(id) | Vertex::Later(id) | Vertex::Joined(id) => id,
        }
    }
}
