//! `generate`: from the models to the next migration.

use std::path::{Path, PathBuf};

use serde::Serialize;
use whimbrel::__private::migration::Chain;
use whimbrel_schema::plan::Form;
use whimbrel_schema::step::{Hazard, HazardKind, Lock};
use whimbrel_schema::{Change, Step};
use whimbrel_syntax::migration::{self, Generated};
use whimbrel_syntax::{Schema, chain::ChainFile};

use super::lint;
use crate::args::{Generate, Global};
use crate::config::Config;
use crate::connect::Database;
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::lint::Finding;
use crate::output::{Output, counted};
use crate::validate::{self, Trial, Validation, validate};
use crate::{models, naming, objects};

/// Writes the migration that leads from the migrations so far to the models.
pub fn run(
    command: &Generate,
    global: &Global,
    config: &Config,
    output: &Output,
) -> Result<Outcome, Failure> {
    let folder = Folder::read(&config.migrations)?;
    if command.empty {
        return empty(command, &folder, output);
    }
    let linked = models::read_with_objects(config)?;
    let previous = folder.schema();
    let form = if command.blocking { Form::Short } else { Form::Online };
    let declared = migration::generate_all(&previous, &linked.schema, &linked.hints, form)
        .map_err(|error| models::locate(error.into(), &linked.models))?;
    let changed = objects::changed(&previous, &linked.schema);
    let base = config.folder();
    let trial = match !declared.is_empty() || !changed.is_empty() {
        true => server(command, &folder, (&changed, base), output)?,
        false => None,
    };
    let generated = match &trial {
        Some(trial) => {
            validate::realised(trial, &folder.chain, (&linked.schema, &linked.hints), form, output)
                .map_err(|failure| models::locate(failure, &linked.models))?
        }
        None => declared,
    };
    if trial.is_none() && !generated.is_empty() && !linked.schema.objects.is_empty() {
        output.warn("not compared: files of objects, without a PostgreSQL to run them on");
    }
    if generated.is_empty() {
        data_loss::refuse(command, &generated, &linked.schema, None)?;
        up_to_date(&linked.schema, &folder, output);
        return Ok(Outcome::FINE);
    }
    if command.check {
        return Ok(differ(&generated, &folder, output));
    }
    let database = Database::find(None, global, Some(config))?;
    write(command, &folder, generated, (trial.as_ref(), database.as_ref()), output)
}

mod data_loss;

/// What to do where what would be written is not valid.
const BY_HAND: &str = "change the models or files of objects so that they need another way, or write the migration by hand: \
    `whimbrel generate --empty NAME`, its statements, then `whimbrel rehash`";

/// Migrations, each with the schema after it.
type All = [(Generated, Schema)];

fn changes(all: &All) -> Vec<Change> {
    all.iter().flat_map(|(generated, _)| generated.changes.clone()).collect()
}

/// The scratch server. What writes nothing can do without one, unless files of objects have changed: then texts are
/// compared as they are written.
fn server<'a>(
    command: &Generate,
    folder: &Folder,
    (changed, base): (&[String], &'a Path),
    output: &Output,
) -> Result<Option<Trial<'a>>, Failure> {
    match validate::server(command.no_validate, &folder.chain.migrations, base, output) {
        Ok(None) if !changed.is_empty() => {
            Err(objects::not_compared(changed).hint("run it without `--no-validate`"))
        }
        Err(why) if !changed.is_empty() => Err(why.because(objects::not_compared(changed).message)),
        Err(why) if command.check || command.dry_run => {
            output
                .warn(format!("without a scratch server, SQL is compared as it is written: {}", why.message));
            Ok(None)
        }
        other => other,
    }
}

fn up_to_date(schema: &Schema, folder: &Folder, output: &Output) {
    let tables = counted(schema.tables.values().filter(|table| !table.is_view()).count(), "table");
    let enums = counted(schema.enums.len(), "enum type");
    let files = match schema.objects.len() {
        0 => String::new(),
        files => format!(", and {} of objects", counted(files, "file")),
    };
    output.done(
        "Up to date:",
        format!("models and migrations describe the same {tables} and {enums}{files}; nothing was written"),
    );
    output.json(&Report { agree: true, ..Report::new(folder) });
}

fn differ(all: &All, folder: &Folder, output: &Output) -> Outcome {
    let changes = changes(all);
    output.warn(format!(
        "models and migrations differ: {}; nothing was written",
        counted(changes.len(), "change")
    ));
    list_changes(&changes, output);
    output.hint("`whimbrel generate` writes the migration that is missing");
    let generated = all.iter().map(|(generated, _)| MigrationReport::of(generated)).collect();
    output.json(&Report { generated, ..Report::new(folder) });
    Outcome::DIFFERENCE
}

fn write(
    command: &Generate,
    folder: &Folder,
    all: Vec<(Generated, Schema)>,
    (trial, database): (Option<&Trial<'_>>, Option<&Database>),
    output: &Output,
) -> Result<Outcome, Failure> {
    let changes = changes(&all);
    let name = match &command.name {
        Some(name) => naming::given(name)?,
        None => naming::derived(&changes, folder.chain.head.is_none()),
    };
    let mut report = Report::new(folder);
    let (files, chain) = files(folder, &all, name, &mut report)?;
    let next = chain.head.as_ref().map(|head| head.schema.clone()).unwrap_or_default();
    let refused = data_loss::refuse(command, &all, &next, database);
    if command.dry_run {
        show(&files, &mut report, output);
        list_changes(&changes, output);
        list_hazards(&all, &report, output);
        report.findings = lint::warn(&folder.path, &files, output);
        if let Err(failure) = refused {
            output.warn(format!("without `--dry-run` this is an error: {}", failure.message));
            failure.causes.iter().for_each(|cause| output.print(format!("  because {cause}")));
            failure.hints.iter().for_each(|hint| output.hint(hint));
            report.refused = Some(failure.message);
        }
        output.print("This was a dry run: nothing was validated, nothing was written.");
        output.json(&report);
        return Ok(Outcome::FINE);
    }
    refused.inspect_err(|_| list_changes(&changes, output))?;
    let renames: Vec<_> = all.iter().flat_map(|(generated, _)| generated.renames.clone()).collect();
    let previous = folder.schema();
    let validation = validate(&chain, (all.len(), &previous, &renames), trial, false, output);
    report.validation = validation.map_err(|failure| match failure.hints.is_empty() {
        true => failure.hint(BY_HAND),
        false => failure,
    })?;
    report.written = folder.add(&files)?;
    output.done("Wrote", counted(report.written.len(), "file"));
    list_files(&report.written, output);
    list_changes(&changes, output);
    list_hazards(&all, &report, output);
    report.findings = lint::warn(&folder.path, &files, output);
    output.print("No database was changed.");
    expand_hints(&changes, &all).iter().for_each(|hint| output.hint(hint));
    output.hint("read the SQL, commit the files together, then apply them: `whimbrel migrate`");
    output.json(&report);
    Ok(Outcome::FINE)
}

/// The files of migrations that follow each other, and the chain with them.
fn files(
    folder: &Folder,
    all: &All,
    name: String,
    report: &mut Report,
) -> Result<(Vec<ChainFile<'static>>, Chain), Failure> {
    let (mut files, mut folder) = (Vec::new(), folder.with(&[])?);
    let names = [name.clone(), naming::online(&name)];
    for ((generated, schema), name) in all.iter().zip(names) {
        let version = folder.next_version();
        let more = generated.files(version, &name, folder.chain.head.as_ref(), schema);
        folder = folder.with(&more)?;
        files.extend(more);
        let (version, name) = (Some(version), Some(name));
        report.generated.push(MigrationReport { version, name, ..MigrationReport::of(generated) });
    }
    Ok((files, folder.chain))
}

/// A migration without statements, for what the models cannot say.
fn empty(command: &Generate, folder: &Folder, output: &Output) -> Result<Outcome, Failure> {
    let name = naming::given(command.name.as_deref().unwrap_or_default())?;
    let version = folder.next_version();
    let text = |what: &str| {
        format!(
            "-- {name}: {what}.\n-- Then run `whimbrel rehash`, which records the text in the meta file.\n"
        )
    };
    let files = migration::files(
        version,
        &name,
        folder.chain.head.as_ref(),
        &folder.schema(),
        [&text("write the statements here"), &text("write the statements that undo them here")],
    );
    let made = MigrationReport { version: Some(version), name: Some(name), ..MigrationReport::default() };
    let mut report = Report { generated: vec![made], ..Report::new(folder) };
    if command.dry_run {
        show(&files, &mut report, output);
        output.print("This was a dry run: nothing was written.");
    } else {
        report.written = folder.add(&files)?;
        output.done("Wrote", "a migration without statements");
        list_files(&report.written, output);
        output.hint("write its statements into the two SQL files, then run `whimbrel rehash`");
    }
    output.json(&report);
    Ok(Outcome::FINE)
}

/// The SQL as the result of a dry run.
fn show(files: &[ChainFile<'_>], report: &mut Report, output: &Output) {
    let sql: Vec<&ChainFile<'_>> = files.iter().filter(|file| file.name.ends_with(".sql")).collect();
    for (made, sql) in report.generated.iter_mut().zip(sql.chunks(2)) {
        let text = |at: usize| sql.get(at).map(|file| file.content.to_string());
        (made.up_sql, made.down_sql) = (text(0), text(1));
    }
    if !output.is_json() {
        for file in sql {
            output.data(format!("-- {}\n{}", file.name, file.content));
        }
    }
}

/// Another type that rewrites a table, and how a column takes the place of the other one without that.
fn expand_hints(changes: &[Change], all: &All) -> Vec<String> {
    let steps = || all.iter().flat_map(|(generated, _)| &generated.up);
    let rewrites = |step: &Step| step.hazards.iter().any(|hazard| hazard.kind == HazardKind::Rewrite);
    let hint = |change: &Change| {
        let (from, _) =
            change.aspects.iter().find_map(|aspect| aspect.strip_prefix("type ")?.split_once(" to "))?;
        let (column, name) = (change.object.to_string(), change.object.name());
        let comment = format!("Change type of {}.", column.strip_prefix("column ")?);
        steps().any(|step| rewrites(step) && step.comment == comment).then(|| {
            format!(
                "without rewriting the table, over two releases: #[column(name = \"new_{name}\", \
                 renamed_from = \"{name}\", expand(old_type = \"{from}\"))]"
            )
        })
    };
    changes.iter().filter_map(hint).collect()
}

pub fn list_files(files: &[PathBuf], output: &Output) {
    for file in files {
        output.print(format!("  {}", file.display()));
    }
}

fn list_changes(changes: &[Change], output: &Output) {
    output.heading("Changes");
    for change in changes {
        output.print(format!("  {change}"));
    }
}

/// What takes as long as a table is large.
const LONG: [HazardKind; 2] = [HazardKind::LongLock, HazardKind::Rewrite];

/// The hazards of the up files, and what their steps lock.
fn list_hazards(all: &All, report: &Report, output: &Output) {
    let is_listed = |step: &&Step| !step.locks.is_empty() || !step.hazards.is_empty();
    if !all.iter().flat_map(|(generated, _)| &generated.up).any(|step| is_listed(&step)) {
        return;
    }
    output.heading("On a running system");
    for ((generated, _), made) in all.iter().zip(&report.generated) {
        let apart = generated.up.iter().any(|step| !step.transactional);
        for step in generated.up.iter().filter(is_listed) {
            let long = step.hazards.iter().any(|hazard| LONG.contains(&hazard.kind));
            let moment =
                if apart && !long && step.strongest_lock() >= Lock::Share { " for a moment" } else { "" };
            let lock = step.strongest_lock().effect();
            output.print(format!("  {}: {lock}{moment}", step.comment.trim_end_matches('.')));
            for Hazard { kind, message } in &step.hazards {
                output.print(format!("    {}: {message}", kind.word()));
            }
        }
        if apart {
            let name = made.name.as_deref().unwrap_or_default();
            output.print(format!(
                "  {name} runs outside a transaction: each statement is in a transaction of its own."
            ));
        }
    }
    for loss in all.iter().flat_map(|(generated, _)| &generated.data_loss) {
        if let Some(loss) = loss.strip_prefix("down: ") {
            output.print(format!("  On rollback: {loss}"));
        }
    }
}

/// The result for machines.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// Whether models and migrations agree.
    agree: bool,
    /// How many migrations there were before.
    migrations: usize,
    generated: Vec<MigrationReport>,
    written: Vec<PathBuf>,
    /// What the linter found in the files.
    findings: Vec<Finding>,
    validation: Option<Validation>,
    /// Why a dry run would not have been written.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// A migration that is made.
#[derive(Debug, Default, Serialize)]
struct MigrationReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    changes: Vec<String>,
    hazards: Vec<Hazard>,
    data_loss: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transactional: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    up_sql: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    down_sql: Option<String>,
}

impl MigrationReport {
    fn of(generated: &Generated) -> Self {
        MigrationReport {
            changes: generated.changes.iter().map(ToString::to_string).collect(),
            hazards: generated.hazards.clone(),
            data_loss: generated.data_loss.clone(),
            transactional: Some(generated.transactional),
            ..MigrationReport::default()
        }
    }
}

impl Report {
    fn new(folder: &Folder) -> Self {
        Report { migrations: folder.chain.migrations.len(), ..Report::default() }
    }
}
