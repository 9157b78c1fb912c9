//! From two schemas to the files of a migration. Pure: the caller owns names, time and files.

use serde::Serialize;
use whimbrel_schema::body::Bodies;
use whimbrel_schema::change::Action;
use whimbrel_schema::plan::{Cycle, Form};
use whimbrel_schema::rename::Rename;
use whimbrel_schema::render::file;
use whimbrel_schema::step::{Hazard, HazardKind};
use whimbrel_schema::{Change, Id, State, Step, changes, plan, rename};

use crate::chain::{ChainFile, Head, Meta};
use crate::expand;
use crate::model::{Hints, Schema};
use crate::objects::state;
use crate::renames::Renamed;
use crate::staged;
use crate::validate::{self, SchemaError};

/// A migration that is not written yet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Generated {
    pub up_sql: String,
    pub down_sql: String,
    pub changes: Vec<Change>,
    /// The steps of the way up.
    pub up: Vec<Step>,
    /// What can go wrong on the way up.
    pub hazards: Vec<Hazard>,
    /// What cannot come back: `up: …` or `down: …`, a line each.
    pub data_loss: Vec<String>,
    pub transactional: bool,
    /// What goes, with what comes and looks like the same under another name.
    pub similar: Vec<(Id, Id)>,
    /// What it begins with.
    #[serde(skip)]
    pub renames: Vec<Rename>,
}

/// Why no migration can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// Everything that is wrong with the next schema.
    #[error("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Schema { errors: Vec<SchemaError> },
    #[error(transparent)]
    Cycle(#[from] Cycle),
}

/// The migration from `prev` to `next` in the short form, or nothing when they are the same.
pub fn generate(prev: &Schema, next: &Schema, hints: &Hints) -> Result<Option<Generated>, GenerateError> {
    let all = generate_all(prev, next, hints, Form::Short)?;
    Ok(all.into_iter().next().map(|(generated, _)| generated))
}

/// The migrations from `prev` to `next`, each with the schema after it.
pub fn generate_all(
    prev: &Schema,
    next: &Schema,
    hints: &Hints,
    form: Form,
) -> Result<Vec<(Generated, Schema)>, GenerateError> {
    let renamed = Renamed::new(prev, next, hints);
    let errors = [validate::errors(next), expand::errors(&renamed.schema, next)].concat();
    if !errors.is_empty() {
        return Err(GenerateError::Schema { errors });
    }
    between(state(&renamed.schema), (&state(next), next), (renamed.steps(), &renamed.schema), form)
}

/// The migrations from one state to another, which is that of the schema `models`. `prev` has its new names already;
/// `renames` say how it came to them, and `renamed` is the schema before in these names. In the online form, the second has what others do not wait for.
///
/// # Errors
/// No order of the steps satisfies their dependencies.
pub fn between(
    mut prev: State,
    (next, models): (&State, &Schema),
    (mut renames, renamed): (Vec<Rename>, &Schema),
    form: Form,
) -> Result<Vec<(Generated, Schema)>, GenerateError> {
    renames.extend(rename::parts(&mut prev, next));
    let mut next = next.clone();
    expand::pair_up(&mut prev, renamed, &next);
    expand::pair_up(&mut next, models, &prev);
    let next = &next;
    warn(&mut renames, &Bodies::new(&prev, next));
    let mut all: Vec<(Generated, Schema)> = if form == Form::Short {
        let only = one(renames, [&prev, next], plan::plan)?;
        only.into_iter().map(|one| (one, models.clone())).collect()
    } else {
        let stages = plan::stages(&prev, next);
        let first = one(renames, [&prev, &stages.middle], plan::plan)?;
        let second = one(Vec::new(), [&stages.middle, next], plan::online)?;
        let after_first = match second {
            Some(_) => staged::before(models, renamed, &stages.left),
            None => models.clone(),
        };
        let first = first.map(|first| (first, after_first));
        first.into_iter().chain(second.map(|second| (second, models.clone()))).collect()
    };
    if let Some((first, _)) = all.first_mut() {
        first.similar = rename::similar(&prev, next);
    }
    Ok(all)
}

/// One migration: renames, then what leads from one state to the other.
fn one(
    renames: Vec<Rename>,
    [prev, next]: [&State; 2],
    plan: impl Fn(&State, &State) -> Result<Vec<Step>, Cycle>,
) -> Result<Option<Generated>, GenerateError> {
    let mut list: Vec<Change> = renames.iter().map(|rename| rename.change.clone()).collect();
    list.extend(changes(prev, next));
    if list.is_empty() {
        return Ok(None);
    }
    let mut up: Vec<Step> = renames.iter().flat_map(|rename| rename.up.clone()).collect();
    up.extend(plan(prev, next)?);
    let mut down = back(prev, next, plan)?;
    down.extend(renames.iter().rev().flat_map(|rename| rename.down.clone()));
    let (up_loss, down_loss) = (data_loss(&up), data_loss(&down));
    let directed = |direction: &str, losses: &[String]| -> Vec<String> {
        losses.iter().map(|loss| format!("{direction}: {loss}")).collect()
    };
    Ok(Some(Generated {
        up_sql: file(&up, &up_loss),
        down_sql: file(&down, &down_loss),
        changes: list,
        hazards: up.iter().flat_map(|step| step.hazards.iter().cloned()).collect(),
        data_loss: [directed("up", &up_loss), directed("down", &down_loss)].concat(),
        transactional: up.iter().chain(&down).all(|step| step.transactional),
        similar: Vec::new(),
        renames,
        up,
    }))
}

/// The way back, which leaves what may have been there before.
fn back(
    prev: &State,
    next: &State,
    plan: impl Fn(&State, &State) -> Result<Vec<Step>, Cycle>,
) -> Result<Vec<Step>, Cycle> {
    let left = next.preceding(prev);
    if left.is_empty() {
        return plan(next, prev);
    }
    let mut prev = prev.clone();
    prev.objects.extend(left.iter().filter_map(|id| Some((id.clone(), next.objects.get(id)?.clone()))));
    let stays = |id: &Id| Step::comment(format!("Leave {id}: it may have been there before."));
    let mut down = plan(next, &prev)?;
    down.extend(left.iter().map(stays));
    Ok(down)
}

/// Names the functions that have a name in their bodies which is another one before or after.
fn warn(renames: &mut [Rename], bodies: &Bodies<'_>) {
    for Rename { change, up, down } in renames {
        if let Action::Rename(old) = &change.action {
            let old = old.rsplit('.').next().unwrap_or(old);
            up.last_mut().into_iter().for_each(|step| bodies.warn(step, &change.object, old));
            let new = change.object.name().to_owned();
            down.last_mut().into_iter().for_each(|step| bodies.warn(step, &change.object, &new));
        }
    }
}

/// The SQL that makes a schema in an empty database.
pub fn create(schema: &Schema) -> Result<String, GenerateError> {
    let generated = generate(&Schema::default(), schema, &Hints::default())?;
    Ok(generated.map(|generated| generated.up_sql).unwrap_or_default())
}

/// What the steps of one direction lose.
fn data_loss(steps: &[Step]) -> Vec<String> {
    let hazards = steps.iter().flat_map(|step| &step.hazards);
    hazards
        .filter(|hazard| hazard.kind == HazardKind::DataLoss)
        .map(|hazard| hazard.message.clone())
        .collect()
}

impl Generated {
    /// The files of this migration: up, down and meta, with their paths in the folder of migrations. `version` is
    /// the UTC time as `YYYYMMDDHHMMSS`, `head` the newest migration so far, `next` what [`generate`] was given.
    pub fn files(
        &self,
        version: i64,
        name: &str,
        head: Option<&Head>,
        next: &Schema,
    ) -> [ChainFile<'static>; 3] {
        files(version, name, head, next, [&self.up_sql, &self.down_sql])
    }
}

/// The files of a migration; `next` is the schema after it.
pub fn files(
    version: i64,
    name: &str,
    head: Option<&Head>,
    next: &Schema,
    sql: [&str; 2],
) -> [ChainFile<'static>; 3] {
    let meta = Meta {
        parent: head.map(|head| head.version),
        parent_hash: head.map(|head| head.link.clone()),
        ..Meta::of(version, name, sql, next.clone())
    };
    meta.files(sql)
}
