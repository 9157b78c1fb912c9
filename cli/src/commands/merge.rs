//! `merge`: joins two branches of the chain of migrations, if either can be applied before the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;
use whimbrel::__private::introspect::Unmanaged;
use whimbrel::__private::migration::{self, ChainFile, Migration};
use whimbrel::Migrator;
use whimbrel_schema::body::Bodies;
use whimbrel_schema::change::Action;
use whimbrel_schema::{Change, Id, Kind, State, Step, changes};
use whimbrel_syntax::Schema;
use whimbrel_syntax::chain::{Branch, ChainError, Fork, fork};
use whimbrel_syntax::objects::described;

use crate::commands::generate::list_files;
use crate::comparison::warn_not_compared;
use crate::config::Config;
use crate::connect;
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::output::Output;
use crate::validate::{Create, Trial, extensions, not_managed};
use crate::{models, naming, scratch};

#[derive(Debug, Serialize)]
struct Report {
    heads: Vec<String>,
    version: Option<i64>,
    written: Vec<PathBuf>,
}

/// Writes the migration that follows both heads of a folder.
pub fn run(name: Option<&str>, config: &Config, output: &Output) -> Result<Outcome, Failure> {
    let path = &config.migrations;
    let files = if path.exists() { migration::read_files(path)? } else { Vec::new() };
    let fork = fork(&files).map_err(|errors| broken(path, errors))?;
    let Some(fork) = fork else {
        output.done("Nothing to merge:", "the migrations are one chain; nothing was written");
        output.json(&Report { heads: Vec::new(), version: None, written: Vec::new() });
        return Ok(Outcome::FINE);
    };
    let next = models::read_with_objects(config)?.schema;
    let base = config.folder();
    connect::block_on(async {
        commute(&Trial::start(&fork.common, base, output).await?, &fork, &next, output).await
    })?;
    let folder = Folder { path: path.clone(), files, chain: fork.newer() };
    let [first, second] = fork.branches.each_ref().map(Branch::name);
    let name = match name {
        Some(name) => naming::given(name)?,
        None => "merge".to_owned(),
    };
    let version = folder.next_version();
    let joined: [ChainFile<'static>; 3] = fork.join(version, &name, &next);
    if fork.others.is_empty() {
        folder.chain_with(&joined)?;
    }
    let written = folder.add(&joined)?;
    output.done("Merged", format!("{first} and {second}: either can be applied before the other"));
    list_files(&written, output);
    for other in &fork.others {
        output.warn(format!("{other} is a further head: run `whimbrel merge` again"));
    }
    output.print("No database was changed.");
    output.json(&Report { heads: vec![first, second], version: Some(version), written });
    Ok(if fork.others.is_empty() { Outcome::FINE } else { Outcome::DIFFERENCE })
}

fn broken(path: &Path, errors: Vec<ChainError>) -> Failure {
    whimbrel::Error::Chain { folder: path.to_owned(), errors }.into()
}

/// Both orders must lead to the same catalog, and to that of the models.
async fn commute(trial: &Trial<'_>, fork: &Fork, next: &Schema, output: &Output) -> Result<(), Failure> {
    let [first, second] = &fork.branches;
    let (first_states, extensions, not_managed) = apply_in_order(trial, fork, first, second, next).await?;
    let (second_states, ..) = apply_in_order(trial, fork, second, first, next).await?;
    let [common, after_first, first_then_second] = first_states;
    let [_, after_second, second_then_first] = second_states;
    let differences = changes(&first_then_second, &second_then_first);
    if !differences.is_empty() {
        return Err(conflict(trial, fork, &differences).await?);
    }
    warn_of_bodies(&common, (first, &after_first), (second, &after_second), output);
    warn_of_bodies(&common, (second, &after_second), (first, &after_first), output);
    let direct = trial.direct(next, &extensions).await?;
    warn_not_compared(&direct.not_compared_with(not_managed), output);
    let direct = &direct.look.state;
    let (models, merged) = (described(direct, next), described(&first_then_second, next));
    let mut elsewhere = changes(&models, &merged);
    // What a branch describes and the models do not would be taken for something made by hand.
    for branch in &fork.branches {
        let of_branch = described(&first_then_second, &branch.head.schema);
        let gone = changes(&of_branch, &merged).into_iter();
        elsewhere.extend(
            gone.filter(|change| change.action == Action::Drop && !elsewhere.contains(change))
                .collect::<Vec<_>>(),
        );
    }
    let lost = |id: &&Id| !models.objects.contains_key(*id) && !first_then_second.objects.contains_key(*id);
    elsewhere.extend(direct.objects.keys().filter(lost).map(|id| Change::dropped(id.clone())));
    if elsewhere.is_empty() {
        return Ok(());
    }
    let mut failure =
        Failure::new("the models describe something else than both branches together; nothing was written");
    failure.causes = elsewhere.iter().map(|change| format!("difference: {change}")).collect();
    Err(failure.hint(
        "merge the models first; what they change beyond that is for `whimbrel generate` after the merge",
    ))
}

/// Warns of functions of one branch whose bodies have names that are gone after the other one: the server does not look
/// there.
fn warn_of_bodies(common: &State, gone: (&Branch, &State), written: (&Branch, &State), output: &Output) {
    let (mut functions, mut messages) = (written.1.clone(), BTreeSet::new());
    functions
        .objects
        .retain(|id, entry| id.kind != Kind::Function || common.objects.get(id) != Some(&*entry));
    let bodies = Bodies::new(&functions, &functions);
    for id in common.objects.keys().filter(|id| !gone.1.objects.contains_key(*id)) {
        let mut step = Step::comment("");
        bodies.warn(&mut step, id, id.name());
        messages.extend(step.hazards.into_iter().map(|hazard| hazard.message));
    }
    for message in messages {
        let (gone, written) = (gone.0.name(), written.0.name());
        output.warn(format!("{written}: {message}, which {gone} renames or drops"));
    }
}

/// The catalogs before both branches, after the one, and after the other, too, the extensions that they create, and what is not managed.
async fn apply_in_order(
    trial: &Trial<'_>,
    fork: &Fork,
    first: &Branch,
    second: &Branch,
    next: &Schema,
) -> Result<([State; 3], Vec<Create>, Vec<Unmanaged>), Failure> {
    let pool = trial.migrated("merge", &fork.common).await?;
    let mut migrations = fork.common.clone();
    let mut states = [trial.catalog(&pool).await?, State::default(), State::default()];
    for (at, (branch, before)) in [(first, None), (second, Some(first))].into_iter().enumerate() {
        migrations.extend(branch.migrations.iter().cloned());
        scratch::migrate(&pool, &Migrator::new(migrations.clone())).await.map_err(
            |failure| match before {
                None => failure.named(&format!("{} fails on an empty database", branch.name())),
                Some(before) => failure
                    .named(&format!(
                        "{} cannot be applied after {}; nothing was written",
                        branch.name(),
                        before.name()
                    ))
                    .hint(AGAIN),
            },
        )?;
        states[at + 1] = trial.catalog(&pool).await?;
    }
    let (extensions, not_managed) = (extensions(&pool, next).await?, not_managed(&pool).await?);
    pool.close().await;
    Ok((states, extensions, not_managed))
}

const AGAIN: &str = "remove the files of one branch and generate it again on top of the other";

/// Names what differs, and the files of each branch that change it.
async fn conflict(trial: &Trial<'_>, fork: &Fork, differences: &[Change]) -> Result<Failure, Failure> {
    let mut by: BTreeMap<Id, Vec<String>> = BTreeMap::new();
    for branch in &fork.branches {
        for (migration, change) in changes_of(trial, &fork.common, branch).await? {
            let file = format!("{}_{}.up.sql: {change}", migration.version, migration.name);
            by.entry(change.object).or_default().push(file);
        }
    }
    let mut failure = Failure::new("the two branches contradict each other; nothing was written");
    for change in differences {
        failure.causes.push(format!("it depends on the order: {}", change.object));
        failure.causes.extend(by.remove(&change.object).unwrap_or_default());
    }
    Ok(failure.hint(AGAIN))
}

/// What each migration of a branch changes.
async fn changes_of<'a>(
    trial: &Trial<'_>,
    common: &[Migration],
    branch: &'a Branch,
) -> Result<Vec<(&'a Migration, Change)>, Failure> {
    let pool = trial.migrated("branch", common).await?;
    let mut migrations = common.to_vec();
    let (mut before, mut found) = (trial.catalog(&pool).await?, Vec::new());
    for migration in &branch.migrations {
        migrations.push(migration.clone());
        scratch::migrate(&pool, &Migrator::new(migrations.clone())).await?;
        let after = trial.catalog(&pool).await?;
        found.extend(changes(&before, &after).into_iter().map(|change| (migration, change)));
        before = after;
    }
    pool.close().await;
    Ok(found)
}
