//! Objects that PostgreSQL must not find while another one is created or changed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fate, Fates, Object};
use crate::kind::Id;
use crate::object::{Definition, Kind, Table};
use crate::state::{Entry, State};
use crate::step::{HazardKind, Step};

/// Whether PostgreSQL makes an index or key of a partition a part of this one of its table.
fn attaches(above: &Entry, part: &Entry) -> bool {
    match (&above.definition, &part.definition) {
        (Definition::Index(above), Definition::Index(part)) => above.attaches(part),
        (Definition::Constraint(above), Definition::Constraint(part)) => above.attaches(part),
        _ => false,
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
    /// A check stays a table's own when a table from which it inherits gets the same one: it is dropped before.
    pub(super) fn drop_passed(&mut self, mut passed: Vec<(&'a Id, &'a Entry)>) {
        let is_own = |entry: &Entry| {
            entry.definition.merges_with().is_none_or(|other| !self.next.objects.contains_key(&other))
        };
        passed.retain(|(id, entry)| id.kind == Kind::Constraint && is_own(entry));
        for (id, entry) in passed {
            let found = self.recreated.len();
            let mut pending: Vec<Id> = entry.definition.part_of().into_iter().collect();
            while let Some(Definition::Table(table)) =
                pending.pop().and_then(|table| self.next.objects.get(&table)).map(|entry| &entry.definition)
            {
                for parent in table.inherits.iter().map(|parent| Id::new(Kind::Table, parent)) {
                    let check = parent.part(Kind::Constraint, id.name());
                    if let Some((check, Object { fate: Fate::Create, .. })) = self.of.get_key_value(&check) {
                        self.recreated.push((*check, id));
                    }
                    pending.push(parent);
                }
            }
            if self.recreated.len() > found {
                self.set(id, Fate::Drop);
            }
        }
    }

    /// The columns whose values are rows of a table, or have such within them.
    fn rows(&self, table: Id) -> Vec<&'a Id> {
        let (mut rows, mut pending) = (Vec::new(), vec![table]);
        while let Some(ty) = pending.pop() {
            for user in self.dependents(&ty) {
                match self.prev.objects.get(user).map(|entry| &entry.definition) {
                    Some(Definition::Column(column)) if column.is_of(&ty.qname()) => rows.push(user),
                    Some(Definition::Composite(_) | Definition::Domain(_)) => pending.push(user.clone()),
                    _ => {}
                }
            }
        }
        rows
    }

    /// Columns of the row type of a table that is rewritten: PostgreSQL refuses that while there are such.
    pub(super) fn replace_rows(&mut self) -> Vec<(&'a Id, &'a Id)> {
        let rewrites = |steps: &[Step]| {
            steps.iter().flat_map(|step| &step.hazards).any(|hazard| hazard.kind == HazardKind::Rewrite)
        };
        let mut pairs = Vec::new();
        for (id, object) in self.of.iter().filter(|(id, _)| id.kind == Kind::Column) {
            let rewritten = match (&object.fate, object.after) {
                (Fate::Alter(steps) | Fate::Release(_, steps), _) => rewrites(steps),
                (Fate::Create, Some(entry)) => {
                    self.is_in_existing(object) && rewrites(&self.create(entry, &[]))
                }
                _ => false,
            };
            if !rewritten {
                continue;
            }
            pairs.extend(self.rows(Id::new(Kind::Table, &id.qname())).into_iter().map(|user| (*id, user)));
        }
        for (_, user) in &pairs {
            let fate = if self.next.objects.contains_key(*user) { Fate::Replace } else { Fate::Drop };
            self.set(user, fate);
        }
        self.spread();
        pairs
    }

    /// Indexes and keys of partitions that would become parts of equal ones of their table are created after those, and
    /// after the partition is one: pairs of what they wait for and one of them.
    pub(super) fn recreate_attached(&mut self) -> Vec<(&'a Id, &'a Id)> {
        let next = self.next;
        let is_new = |id: &Id, entry: &Entry| {
            let whole = entry.definition.part_of().filter(|_| self.fate(id).is_some_and(Fate::creates));
            let whole = whole.and_then(|whole| next.objects.get(&whole));
            Table::is_partitioned(whole.map(|whole| &whole.definition))
        };
        let attached: BTreeSet<&'a Id> = self
            .joined
            .keys()
            .copied()
            .filter(|id| next.partitioned(Some((*id).clone())).next().is_some())
            .collect();
        let new = self.of.iter().any(|(id, object)| object.after.is_some_and(|after| is_new(id, after)));
        if !new && attached.is_empty() {
            return Vec::new();
        }
        let indexes = || {
            let all = next.objects.range(Id::global(Kind::Constraint, "")..);
            let indexes = all.take_while(|(id, _)| id.kind <= Kind::Index);
            indexes.filter_map(|(id, entry)| Some((id, entry, entry.definition.part_of()?)))
        };
        let mut of_table: BTreeMap<Id, Vec<(&'a Id, &'a Entry)>> = BTreeMap::new();
        for (id, entry, table) in indexes().filter(|(id, entry, _)| !attached.is_empty() || is_new(id, entry))
        {
            of_table.entry(table).or_default().push((id, entry));
        }
        let mut pairs = Vec::new();
        for (id, part, table) in indexes() {
            let mut joins = attached.get(&table);
            for table in next.partitioned(Some(table)) {
                let above = of_table.get(&table).into_iter().flatten();
                for (above, entry) in above.filter(|(_, entry)| attaches(entry, part)) {
                    pairs.extend(is_new(above, entry).then_some((*above, id)));
                    pairs.extend(joins.map(|joins| (*joins, id)));
                }
                joins = attached.get(&table).or(joins);
            }
        }
        let moved: Vec<&'a Id> =
            pairs.iter().map(|(_, id)| *id).filter(|id| !self.fate(id).is_some_and(Fate::creates)).collect();
        if moved.is_empty() {
            return pairs;
        }
        moved.into_iter().for_each(|id| self.set(id, Fate::Replace));
        self.spread();
        // What is created again may itself have parts below it.
        self.recreate_attached()
    }
}
