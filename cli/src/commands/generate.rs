//! `generate`: from the models to the next migration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use whimbrel_schema::change::Action;
use whimbrel_schema::step::{Hazard, Lock};
use whimbrel_schema::{Change, Definition, Id, Kind, State};
use whimbrel_scratch::Scratch;
use whimbrel_syntax::migration::{self, Generated};
use whimbrel_syntax::objects::state;
use whimbrel_syntax::{Schema, chain::ChainFile};

use super::lint;
use crate::args::Generate;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::lint::Finding;
use crate::output::{Output, counted};
use crate::validate::{self, Validation, validate};
use crate::{models, naming, objects};

/// Writes the migration that leads from the newest snapshot to the models.
pub fn run(command: &Generate, config: &Config, output: &Output) -> Result<Outcome, Failure> {
    let folder = Folder::read(&config.migrations)?;
    if command.empty {
        return empty(command, &folder, output);
    }
    let linked = models::read_with_objects(config)?;
    let previous = folder.schema();
    let declared = migration::generate(&previous, &linked.schema, &linked.hints)?;
    let changed = objects::changed(&previous, &linked.schema);
    let scratch = match declared.is_some() || !changed.is_empty() {
        true => server(command, &changed, output)?,
        false => None,
    };
    let generated = match &scratch {
        Some(scratch) => {
            let base = config.file.parent().unwrap_or(Path::new(""));
            validate::realised(scratch, &folder.chain, (&linked.schema, &linked.hints), base, output)?
        }
        None => declared,
    };
    if scratch.is_none() && generated.is_some() && !linked.schema.objects.is_empty() {
        output.warn("not compared: files of objects, without a PostgreSQL to run them on");
    }
    let Some(generated) = generated else {
        up_to_date(&linked.schema, &folder, output);
        return Ok(Outcome::FINE);
    };
    if command.check {
        return Ok(differ(&generated, &folder, output));
    }
    write(command, &folder, &linked.schema, &generated, scratch.as_ref(), output)
}

/// The scratch server. What writes nothing can do without one, unless files of objects have changed: then texts are
/// compared as they are written.
fn server(command: &Generate, changed: &[String], output: &Output) -> Result<Option<Scratch>, Failure> {
    match validate::server(command.no_validate, output) {
        Ok(None) if !changed.is_empty() => {
            Err(objects::not_compared(changed).hint("run it without `--no-validate`"))
        }
        Err(why) if !changed.is_empty() => Err(why.because(objects::not_compared(changed).message)),
        Err(_) if command.check || command.dry_run => Ok(None),
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

fn differ(generated: &Generated, folder: &Folder, output: &Output) -> Outcome {
    output.warn(format!(
        "models and migrations differ: {}; nothing was written",
        counted(generated.changes.len(), "change")
    ));
    list_changes(&generated.changes, output);
    output.hint("`whimbrel generate` writes the migration that is missing");
    output.json(&Report::of(generated, folder));
    Outcome::DIFFERENCE
}

fn write(
    command: &Generate,
    folder: &Folder,
    next: &Schema,
    generated: &Generated,
    scratch: Option<&Scratch>,
    output: &Output,
) -> Result<Outcome, Failure> {
    let first = folder.chain.head.is_none();
    let name = match &command.name {
        Some(name) => naming::given(name)?,
        None => naming::derived(&generated.changes, first),
    };
    let version = folder.next_version();
    let files = generated.files(version, &name, folder.chain.head.as_ref(), next);
    let mut report = Report { version: Some(version), name: Some(name), ..Report::of(generated, folder) };
    if command.dry_run {
        show(&files, &mut report, output);
        list_changes(&generated.changes, output);
        list_hazards(generated, output);
        report.findings = lint::warn(&folder.path, &files, output);
        output.print("This was a dry run: nothing was validated, nothing was written.");
        output.json(&report);
        return Ok(Outcome::FINE);
    }
    refuse_loss(command, generated, (&folder.schema(), next), output)?;
    let chain = folder.chain_with(&files)?;
    report.validation = validate(&chain, &folder.schema(), scratch, output)?;
    report.written = folder.add(&files)?;
    output.done("Wrote", counted(report.written.len(), "file"));
    list_files(&report.written, output);
    list_changes(&generated.changes, output);
    list_hazards(generated, output);
    report.findings = lint::warn(&folder.path, &files, output);
    output.print("No database was changed.");
    output.hint("read the SQL, commit the files together, then apply them: `whimbrel migrate`");
    output.json(&report);
    Ok(Outcome::FINE)
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
        text("write the statements here"),
        text("write the statements that undo them here"),
        Vec::new(),
    );
    let mut report = Report { version: Some(version), name: Some(name), ..Report::new(folder) };
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
    if let [up, down] = sql.as_slice() {
        report.up_sql = Some(up.content.to_string());
        report.down_sql = Some(down.content.to_string());
    }
    if !output.is_json() {
        for file in sql {
            output.data(format!("-- {}\n{}", file.name, file.content));
        }
    }
}

fn refuse_loss(
    command: &Generate,
    generated: &Generated,
    (prev, next): (&Schema, &Schema),
    output: &Output,
) -> Result<(), Failure> {
    let lost: Vec<&str> = generated.data_loss.iter().filter_map(|loss| loss.strip_prefix("up: ")).collect();
    if lost.is_empty() || command.allow_data_loss {
        return Ok(());
    }
    list_changes(&generated.changes, output);
    let mut failure = Failure::difference("this migration loses data, so it was not written");
    failure.causes = lost.iter().map(|loss| format!("it {loss}")).collect();
    failure.hints.extend(rename_hint(&generated.changes, &state(prev), &state(next)));
    Err(failure.hint("if the data may be lost: `whimbrel generate --allow-data-loss`"))
}

/// A dropped and an added object of the same shape look like a rename that was not declared.
fn rename_hint(changes: &[Change], prev: &State, next: &State) -> Option<String> {
    let of = |action: Action| changes.iter().filter(move |change| change.action == action);
    let added = of(Action::Create).map(|change| &change.object);
    let added: BTreeMap<Vec<String>, &Id> = added.filter_map(|id| Some((shape(next, id)?, id))).collect();
    of(Action::Drop).map(|change| &change.object).find_map(|old| {
        let new = added.get(&shape(prev, old)?)?;
        Some(match old.kind {
            Kind::Table => format!(
                "if {old} became {new}, say so at the struct: #[model(renamed_from = \"{}\")]",
                old.qname()
            ),
            _ => format!(
                "if {old} became {new}, say so at the field: #[column(renamed_from = \"{}\")]",
                old.name()
            ),
        })
    })
}

/// What a renamed object keeps: a column its table and type, a table its columns.
fn shape(state: &State, id: &Id) -> Option<Vec<String>> {
    match &state.objects.get(id)?.definition {
        Definition::Column(column) => Some(vec![column.table.to_string(), column.ty.clone()]),
        Definition::Table(_) => Some(
            state
                .parts(id, Kind::Column)
                .map(|(id, entry)| match &entry.definition {
                    Definition::Column(column) => format!("{} {}", column.name, column.ty),
                    _ => id.to_string(),
                })
                .collect(),
        ),
        _ => None,
    }
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

/// The hazards of the up file, and what its steps lock.
fn list_hazards(generated: &Generated, output: &Output) {
    let steps: Vec<_> =
        generated.up.iter().filter(|step| !step.locks.is_empty() || !step.hazards.is_empty()).collect();
    if steps.is_empty() {
        return;
    }
    output.heading("On a running system");
    for step in steps {
        let lock = match step.strongest_lock() {
            Lock::None => "no lock on an existing table",
            Lock::ShareUpdateExclusive => "reads and writes continue",
            Lock::Share | Lock::ShareRowExclusive => "blocks writes",
            Lock::AccessExclusive => "blocks reads and writes",
        };
        output.print(format!("  {}: {lock}", step.comment.trim_end_matches('.')));
        for Hazard { kind, message } in &step.hazards {
            output.print(format!("    {}: {message}", kind.word()));
        }
    }
    if !generated.transactional {
        output.print("  Runs outside a transaction.");
    }
    for loss in generated.data_loss.iter().filter_map(|loss| loss.strip_prefix("down: ")) {
        output.print(format!("  On rollback: {loss}"));
    }
}

/// The result for machines.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// Whether models and migrations agree.
    agree: bool,
    /// How many migrations there were before.
    migrations: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    written: Vec<PathBuf>,
    changes: Vec<String>,
    hazards: Vec<Hazard>,
    data_loss: Vec<String>,
    /// What the linter found in the files.
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transactional: Option<bool>,
    validation: Option<Validation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    up_sql: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    down_sql: Option<String>,
}

impl Report {
    fn new(folder: &Folder) -> Self {
        Report { migrations: folder.chain.migrations.len(), ..Report::default() }
    }

    fn of(generated: &Generated, folder: &Folder) -> Self {
        Report {
            changes: generated.changes.iter().map(ToString::to_string).collect(),
            hazards: generated.hazards.clone(),
            data_loss: generated.data_loss.clone(),
            transactional: Some(generated.transactional),
            ..Report::new(folder)
        }
    }
}
