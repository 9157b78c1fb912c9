//! Two states, what differs between them, and what was not compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use whimbrel::__private::introspect::Unmanaged;
use whimbrel_schema::name::DEFAULT_SCHEMA;
use whimbrel_schema::object::Table;
use whimbrel_schema::plan::{self, Cycle, Form};
use whimbrel_schema::privilege::without_owners;
use whimbrel_schema::step::HazardKind;
use whimbrel_schema::{Change, Definition, Entry, Id, Kind, State, Step, change, changes, render};

use crate::failure::Failure;
use crate::output::Output;
use crate::state::{Origin, Reading, Source};

/// Leaves out of two states, and names, what is not compared: what an owner may do to its own objects, and partitions that jobs
/// make, which a database in use has and the models or migrations, though they have the partitioned table, do not.
pub fn align(before: &mut Reading, after: &mut Reading) {
    match (before.origin, after.origin) {
        (Origin::Database, Origin::Project) => leave_partitions(before, &after.state),
        (Origin::Project, Origin::Database) => leave_partitions(after, &before.state),
        _ => {}
    }
    if before.origin == Origin::Database {
        migrator_owns(&mut after.state, &before.owners.migrator);
    }
    if after.origin == Origin::Database {
        migrator_owns(&mut before.state, &after.owners.migrator);
    }
    without_owners((&mut before.state, &before.owners), (&mut after.state, &after.owners));
}

/// The role that migrates a database owns what is given to it by name.
fn migrator_owns(state: &mut State, migrator: &str) {
    for entry in state.objects.values_mut() {
        entry.owner.take_if(|owner| owner == migrator);
    }
}

fn leave_partitions(found: &mut Reading, other: &State) {
    let made_by_job = |(id, entry): (&Id, &Entry)| match &entry.definition {
        Definition::Table(Table { partition_of: Some(of), name, .. }) if !other.objects.contains_key(id) => {
            let partitioned = Id::new(Kind::Table, &of.parent);
            other
                .objects
                .contains_key(&partitioned)
                .then(|| (id.clone(), name.to_string(), of.parent.to_string()))
        }
        _ => None,
    };
    let mut partitions = BTreeSet::new();
    for (id, name, table) in found.state.objects.iter().filter_map(made_by_job) {
        found.not_compared.push(Unmanaged { kind: "partition".to_owned(), name, table: Some(table) });
        partitions.insert(id);
    }
    found.state.remove(&partitions);
}

/// What differs, and the steps that lead from the one state to the other.
#[derive(Debug, Serialize)]
pub struct Comparison {
    pub differences: Vec<Change>,
    pub steps: Vec<Step>,
    /// The steps as the text of a file.
    pub sql: String,
    pub not_compared: Vec<Unmanaged>,
    /// Why the steps may fail: dependencies on what is not read.
    pub may_fail: Vec<String>,
}

impl Comparison {
    pub fn new(from: &Reading, to: &Reading, form: Form) -> Result<Self, Failure> {
        refuse_missing_public(from, to)?;
        let steps = steps(&from.state, &to.state, form)?;
        let sql = sql(&steps);
        let may_fail = may_fail(from, to);
        let differences = changes(&from.state, &to.state);
        Ok(Comparison { differences, steps, sql, not_compared: not_compared(from, to), may_fail })
    }

    pub fn warn(&self, output: &Output) {
        for why in &self.may_fail {
            output.warn(format!("the statements may fail: {why}"));
        }
        warn_not_compared(&self.not_compared, output);
    }

    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }

    pub fn list(&self, output: &Output) {
        for difference in &self.differences {
            output.print(format!("  {difference}"));
        }
    }
}

/// What neither of two states can be compared by.
pub fn not_compared(from: &Reading, to: &Reading) -> Vec<Unmanaged> {
    let mut not_compared = [from.not_compared.as_slice(), &to.not_compared].concat();
    not_compared.extend(change::not_compared(&from.state, &to.state).into_iter().map(|(what, id)| {
        Unmanaged { kind: format!("{what} of {}", id.kind), name: id.qname().to_string(), table: None }
    }));
    not_compared.sort();
    not_compared.dedup();
    not_compared
}

/// What is not read and prevents what is to be dropped or changed, or is not there for what is to be created.
fn may_fail(from: &Reading, to: &Reading) -> Vec<String> {
    let forbidden = change::forbidden_by_dependents(&from.state, &to.state);
    let dependents = from.outside.iter().filter(|one| !one.needs && forbidden.contains(&one.object));
    let dependents =
        dependents.map(|one| format!("{} depends on {}, and is not changed", one.other, one.object));
    let holds = |reading: &Reading, name: &str| {
        let is = |one: &Unmanaged| {
            name.strip_prefix(&one.to_string()).is_some_and(|rest| !rest.starts_with(|c| c != ' '))
        };
        reading.not_compared.iter().any(is)
    };
    let is_new = |id: &Id| from.state.objects.get(id) != to.state.objects.get(id);
    // What a database of a snapshot held beside it is not known.
    let needed = to.outside.iter().filter(|one| one.needs && from.server.is_some() && is_new(&one.object));
    let needed = needed.filter(|one| holds(to, &one.other) && !holds(from, &one.other));
    let needed = needed.map(|one| format!("{} needs {}, which is not managed", one.object, one.other));
    dependents.chain(needed).collect()
}

pub fn steps(from: &State, to: &State, form: Form) -> Result<Vec<Step>, Failure> {
    let stages = || -> Result<Vec<Step>, Cycle> {
        let middle = plan::stages(from, to).middle;
        Ok([plan::plan(from, &middle)?, plan::online(&middle, to)?].concat())
    };
    let steps = if form == Form::Short { plan::plan(from, to) } else { stages() };
    steps.map_err(|cycle| {
        Failure::new("no order of statements leads from one state to the other").caused_by(&cycle)
    })
}

/// What steps lose.
pub fn losses(steps: &[Step]) -> impl Iterator<Item = &str> {
    let hazards = steps.iter().flat_map(|step| &step.hazards);
    hazards.filter(|hazard| hazard.kind == HazardKind::DataLoss).map(|hazard| hazard.message.as_str())
}

/// The text of a script, whose comments name the locks, too.
pub fn sql(steps: &[Step]) -> String {
    let losses: Vec<String> = losses(steps).map(str::to_owned).collect();
    let mut steps = steps.to_vec();
    for step in &mut steps {
        let lock = step.strongest_lock();
        if let Some(name) = lock.name() {
            step.comment.push_str(&format!(" Lock: {name}, {}.", lock.effect()));
        }
    }
    render::script(&steps, &losses)
}

/// No statement creates or drops the schema public.
fn refuse_missing_public(from: &Reading, to: &Reading) -> Result<(), Failure> {
    let public = Id::global(Kind::Namespace, DEFAULT_SCHEMA);
    let has = |reading: &Reading| reading.server.map(|_| reading.state.objects.contains_key(&public));
    match has(from).zip(has(to)) {
        Some((before, after)) if before != after => Err(Failure::new(
            "only one of the two states has the schema public, which is taken to be always there",
        )
        .hint("`CREATE SCHEMA public` in the other one; it may be empty")),
        _ => Ok(()),
    }
}

/// Names what a state does not carry, one line a kind.
pub fn warn_not_compared(not_compared: &[Unmanaged], output: &Output) {
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for Unmanaged { kind, name, table } in not_compared {
        let table = table.as_ref().map(|table| format!(" on {table}")).unwrap_or_default();
        kinds.entry(kind).or_default().push(format!("{name}{table}"));
    }
    for (kind, names) in kinds {
        output.warn(format!("not compared: {kind} {}", names.join(", ")));
    }
}

/// Servers of different versions print some texts, and make the schema public, differently.
pub fn warn_versions(sides: [(&str, &Reading); 2], output: &Output) {
    let [(from, before), (to, after)] = sides;
    if let (Some(before), Some(after)) = (before.server, after.server)
        && before != after
    {
        output.warn(format!(
            "{from} was read from PostgreSQL {before}, {to} from PostgreSQL {after}: a difference may come from that"
        ));
    }
}

/// `--offline`: only what needs no server.
pub fn refuse_servers(sources: [&Source; 2]) -> Result<(), Failure> {
    match sources.into_iter().find(|source| !matches!(source, Source::Snapshot(_))) {
        None => Ok(()),
        Some(source) => {
            Err(Failure::new(format!("{source} needs a server, and --offline compares snapshots"))
                .hint("`whimbrel snapshot STATE > FILE` writes one"))
        }
    }
}
