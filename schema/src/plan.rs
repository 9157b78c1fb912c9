//! From one state to another: what becomes of each object, in an order that dependencies allow.
//!
//! Objects are matched by identity. An object that must be dropped takes with it what depends on it; what is still
//! wanted of that is created again. Every object has at most two vertices in one graph: going *down* (it is dropped, or
//! lets go of something) and coming *up* (it is created, or changed). Dependents go down before what they depend on does
//! anything, and come up after it.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::body::Bodies;
use crate::graph::Graph;
use crate::kind::Id;
use crate::object::{DefaultPrivileges, Kind};
use crate::privilege::{self, Privilege};
use crate::state::{Entry, State};
use crate::step::{Hazard, Step};

mod computed;
mod fates;
mod locks;
mod order;
mod stages;

pub use stages::{Stages, stages};

pub(crate) use fates::comment;
use fates::{Fate, Fates, Object, owner};

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
        let cycle = match plan.graph.order(|at| plan.vertices[at]) {
            Ok(order) => return Ok(plan.steps(order)),
            Err(cycle) => cycle.into_iter().collect(),
        };
        let parts = plan.parts(&cycle);
        let objects: BTreeSet<&Id> = cycle.iter().map(|at| plan.id(plan.vertices[*at].object())).collect();
        // Columns keep their places where constraints can move instead.
        let places = |id: &Id| next.objects.get(id).is_some_and(|entry| entry.definition.place() != i32::MAX);
        let (columns, others): (Vec<&Id>, Vec<&Id>) = parts.into_iter().partition(|id| places(id));
        let parts = if others.is_empty() { columns } else { others };
        if !parts.is_empty() {
            apart.extend(parts);
        } else if !fates.give_way(&objects)
            && !fates.free(&objects, &mut freed)
            && !fates.replace(&objects, false)
            && !fates.replace(&objects, true)
        {
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
    vertices: Vec<Vertex>,
    /// The vertices of each object.
    down: Vec<Option<usize>>,
    up: Vec<Option<usize>>,
    /// Where an object is made a part of another one.
    joined: BTreeMap<&'a Id, usize>,
    bodies: OnceCell<Bodies<'a>>,
}

/// What happens to an object, by its place among the fates, which are in the order of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Vertex {
    Down(Reverse<usize>),
    Up(usize),
    /// What is said of an object when others are there.
    Later(usize),
    /// What is done when an object consists of what it is to.
    Joined(usize),
    /// What gave way is dropped.
    Last(Reverse<usize>),
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
        let (down, up) = (vec![None; fates.of.len()], vec![None; fates.of.len()]);
        let (joined, bodies) = (BTreeMap::new(), OnceCell::new());
        let mut plan =
            Plan { prev, next, fates, apart, freed, defaults, graph, vertices, down, up, joined, bodies };
        plan.go_down();
        plan.come_up();
        plan.order_names();
        plan.order_wholes();
        plan.order_merged();
        plan.order_recreated();
        plan.order_logged();
        plan.drop_at_last();
        plan
    }

    fn bodies(&self) -> &Bodies<'a> {
        self.bodies.get_or_init(|| Bodies::new(self.prev, self.next))
    }

    fn fate(&self, id: &Id) -> Option<&'p Fate> {
        self.fates.fate(id)
    }

    fn id(&self, at: usize) -> &'a Id {
        self.fates.of.keys()[at]
    }

    fn object(&self, at: usize) -> &'p Object<'a> {
        &self.fates.of[at]
    }

    fn down(&self, id: &Id) -> Option<usize> {
        self.down[self.fates.place(id)?]
    }

    fn up(&self, id: &Id) -> Option<usize> {
        self.up[self.fates.place(id)?]
    }

    fn vertex(&mut self, vertex: Vertex) -> usize {
        self.vertices.push(vertex);
        self.graph.vertex()
    }

    /// The outermost object with which this one is dropped.
    fn dropped_with(&self, at: usize) -> usize {
        let part_of = |at: usize| self.object(at).before.and_then(|entry| entry.definition.part_of());
        let mut whole = at;
        while let Some(parent) = part_of(whole).and_then(|parent| self.fates.place(&parent))
            && self.object(parent).fate.drops()
            && !self.apart.contains(self.id(whole))
        {
            whole = parent;
        }
        whole
    }

    /// The parts in a cycle that need something else in it: they are the links.
    fn parts(&self, cycle: &BTreeSet<usize>) -> Vec<&'a Id> {
        let link = |at: usize, entry: Option<&Entry>, vertices: &[Option<usize>]| {
            let whole = vertices[at].filter(|of| cycle.contains(of) && self.vertices[*of].object() != at);
            let depends = entry.filter(|_| whole.is_some()).map(|entry| &entry.depends);
            let others =
                depends.into_iter().flatten().filter_map(|other| vertices[self.fates.place(other)?]);
            others.into_iter().any(|other| Some(other) != whole && cycle.contains(&other))
        };
        let objects = self.fates.of.iter().enumerate();
        let links = objects.filter(|(at, (_, object))| {
            link(*at, object.before, &self.down) || link(*at, object.after, &self.up)
        });
        links.map(|(_, (id, _))| *id).collect()
    }

    fn go_down(&mut self) {
        for (at, object) in self.fates.of.values().enumerate() {
            let whole = match object.fate {
                Fate::Drop | Fate::Replace => self.dropped_with(at),
                Fate::Release(..) => at,
                Fate::Create | Fate::Alter(_) => continue,
            };
            let vertex = self.down[whole].unwrap_or_else(|| self.vertex(Vertex::Down(Reverse(whole))));
            (self.down[whole], self.down[at]) = (Some(vertex), Some(vertex));
        }
    }

    /// The object in whose CREATE statement this one has its clause.
    fn created_with(&self, at: usize) -> usize {
        let entry = self.object(at).after.filter(|_| !self.apart.contains(self.id(at)));
        let parent = entry.filter(|entry| entry.definition.clause().is_some());
        let parent = parent.and_then(|entry| self.fates.place(&entry.definition.part_of()?));
        parent.filter(|parent| self.object(*parent).fate.creates()).unwrap_or(at)
    }

    fn come_up(&mut self) {
        for (at, object) in self.fates.of.values().enumerate() {
            if object.fate == Fate::Drop {
                continue;
            }
            let whole = if object.fate.creates() { self.created_with(at) } else { at };
            let vertex = self.up[whole].unwrap_or_else(|| self.vertex(Vertex::Up(whole)));
            (self.up[whole], self.up[at]) = (Some(vertex), Some(vertex));
        }
        self.order_dependencies();
        for (at, object) in self.fates.of.values().enumerate() {
            let later = object.after.and_then(|entry| entry.definition.later());
            let before = object.before.and_then(|entry| entry.definition.later());
            if let Some(later) = later.filter(|later| object.fate.creates() || before.as_ref() != Some(later))
            {
                let vertex = self.vertex(Vertex::Later(at));
                let needs = later.depends.iter().filter_map(|id| self.up(id)).chain(self.up[at]);
                for need in needs.collect::<Vec<_>>() {
                    self.graph.edge(need, vertex);
                }
            }
        }
    }

    fn steps(&self, order: Vec<usize>) -> Vec<(Id, Vec<Step>)> {
        let (gone, parts) = (self.by_vertex(&self.down), self.by_vertex(&self.up));
        let steps = |vertex: usize| match self.vertices[vertex] {
            Vertex::Down(Reverse(at)) => self.down_steps(at, &gone[vertex]),
            Vertex::Up(at) => self.up_steps(at, &parts[vertex]),
            Vertex::Joined(at) => self.fates.joined.get(self.id(at)).cloned().unwrap_or_default(),
            Vertex::Last(Reverse(at)) => {
                let ways = self.object(at).before.and_then(|entry| entry.definition.give_way());
                let mut steps = self.assign(at).1;
                steps.extend(ways.map(|(_, last)| last).unwrap_or_default());
                if let Some(step) = steps.last_mut() {
                    step.hazards.extend(self.lost_with(at));
                }
                steps
            }
            Vertex::Later(at) => {
                let later = self.object(at).after.and_then(|entry| entry.definition.later());
                later.map_or_else(Vec::new, |later| {
                    let existed = later.depends.iter().all(|id| self.prev.objects.contains_key(id));
                    let creates =
                        self.object(at).fate.creates() && !self.fates.standing.contains(self.id(at));
                    let further = if existed && creates { later.of_existing } else { Vec::new() };
                    later.steps.into_iter().chain(further).collect()
                })
            }
        };
        let (created, mut done) = (self.created(), vec![false; self.vertices.len()]);
        let locked = |vertex: usize| {
            let (at, mut steps) = (self.vertices[vertex].object(), steps(vertex));
            self.spread_locks(at, &done, &mut steps);
            done[vertex] = true;
            if matches!(self.vertices[vertex], Vertex::Up(_) | Vertex::Later(_) | Vertex::Joined(_)) {
                steps.iter_mut().for_each(|step| step.locks.retain(|locked| !created.contains(&locked.on)));
            }
            (self.id(at).clone(), steps)
        };
        order.into_iter().map(locked).collect()
    }

    /// The objects that are at each vertex.
    fn by_vertex(&self, vertices: &[Option<usize>]) -> Vec<Vec<usize>> {
        let mut objects = vec![Vec::new(); self.vertices.len()];
        for (at, vertex) in vertices.iter().enumerate() {
            if let Some(vertex) = vertex {
                objects[*vertex].push(at);
            }
        }
        objects
    }

    fn down_steps(&self, at: usize, parts: &[usize]) -> Vec<Step> {
        let mut steps = self.go_steps(at, parts);
        if let Some(step) = steps.last_mut() {
            step.hazards.extend(self.fates.converts(self.id(at)));
        }
        steps
    }

    fn go_steps(&self, at: usize, parts: &[usize]) -> Vec<Step> {
        let (id, object) = (self.id(at), self.object(at));
        match (&object.fate, object.before) {
            (Fate::Release(down, _), _) => down.clone(),
            (_, Some(entry)) if self.fates.giving_way.contains(id) => {
                entry.definition.give_way().map_or_else(Vec::new, |(first, _)| first)
            }
            (Fate::Drop, Some(_)) => {
                let online = self.fates.online_steps(object);
                let mut steps = online.unwrap_or_else(|| self.drop_whole(at, parts));
                if let Some(step) = steps.last_mut() {
                    self.bodies().warn(step, id, id.name());
                }
                steps
            }
            (_, Some(_)) => self.drop_whole(at, parts),
            (_, None) => Vec::new(),
        }
    }

    /// What the values of a type lose when another one takes its place.
    fn lost_with(&self, at: usize) -> Vec<Hazard> {
        let (id, object) = (self.id(at), self.object(at));
        let Some((before, after)) = object.before.zip(object.after) else { return Vec::new() };
        let steps = before.definition.drop_for(&after.definition);
        let hazards = steps.into_iter().flat_map(|step| step.hazards);
        if self.fates.is_held(id, true) { hazards.collect() } else { Vec::new() }
    }

    /// How the values of what gave way become those of what takes its place, and what is removed then.
    fn assign(&self, at: usize) -> (Vec<Step>, Vec<Step>) {
        let (id, object) = (self.id(at), self.object(at));
        let replaced = |ty: &str| {
            let ty = ty.trim_end_matches("[]");
            self.fates.giving_way.iter().find(|id| id.qname().type_sql() == ty).map(|id| id.kind)
        };
        match object.before.zip(object.after) {
            Some((before, after)) if self.fates.giving_way.contains(id) && self.fates.is_held(id, true) => {
                after.definition.assign(&before.definition, &replaced)
            }
            _ => (Vec::new(), Vec::new()),
        }
    }

    fn up_steps(&self, at: usize, parts: &[usize]) -> Vec<Step> {
        let object = self.object(at);
        let mut steps = match (&object.fate, object.after) {
            (Fate::Alter(steps) | Fate::Release(_, steps), _) => {
                let mut steps = steps.clone();
                steps.iter_mut().for_each(|step| self.warn_of_rebuilt(self.id(at), step));
                steps
            }
            (Fate::Create | Fate::Replace, Some(entry)) => {
                let mut steps = self.create(at, entry, parts);
                steps.extend(self.assign(at).0);
                if self.is_in_new(entry) {
                    steps.iter_mut().for_each(Step::harmless);
                }
                steps
            }
            _ => Vec::new(),
        };
        self.warn_of_computed(at, &mut steps);
        steps
    }

    /// Whether it is a part of something that is created as well, and so has no rows, and depends on nothing that has.
    fn is_in_new(&self, entry: &Entry) -> bool {
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

    fn create(&self, at: usize, entry: &Entry, parts: &[usize]) -> Vec<Step> {
        let parts = parts.iter().filter(|part| **part != at);
        let mut parts: Vec<&Entry> = parts.filter_map(|part| self.object(*part).after).collect();
        parts.sort_by_key(|part| part.definition.place());
        let mut clauses: Vec<String> = parts.iter().filter_map(|part| part.definition.clause()).collect();
        clauses.retain(|clause| !clause.is_empty());
        let online = self.fates.online_steps(self.object(at));
        let mut steps = online.unwrap_or_else(|| self.fates.create(entry, &clauses));
        // A function may read the table, where an index that is made in the same statement has no rows yet.
        let calls = |id: &Id| id.kind == Kind::Function;
        let of_type = |id: &Id| self.next.objects.get(id).filter(|_| id.kind == Kind::Domain);
        let types = entry.depends.iter().filter_map(of_type).flat_map(|ty| &ty.depends);
        if entry.depends.iter().chain(types).any(calls)
            && let Some(first) = steps.first_mut()
        {
            *first = first.clone().alone();
        }
        steps.extend(parts.iter().flat_map(|part| part.definition.after_create()));
        for entry in [entry].into_iter().chain(parts) {
            let role = self.next.owner(entry);
            if role.is_some() && entry.definition.has_owner() {
                let mut owner = owner(&entry.definition, role);
                owner.locks.clear();
                steps.push(owner);
            }
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
            steps.extend(privilege::change(
                &what,
                (role, role),
                &self.given(entry),
                &entry.privileges,
                target,
            ));
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

impl Vertex {
    fn object(self) -> usize {
        match self {
            Vertex::Down(Reverse(at)) | Vertex::Last(Reverse(at)) => at,
            Vertex::Up(at) | Vertex::Later(at) | Vertex::Joined(at) => at,
        }
    }
}
