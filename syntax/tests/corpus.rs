//! Real pairs of old and new schemas: the corpus of pgschema, read from `../shared` when it is there.
//!
//! Both sides are loaded, read from the catalog and compared; the migration between them is applied to the old side
//! and must make it equal to the new one, and down again. What Whimbrel does not manage (views, functions, triggers,
//! …) makes a pair "not covered"; the output says how many, and why.

#[path = "common/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sqlx::PgConnection;
use whimbrel::__private::introspect::unmanaged;
use whimbrel_syntax::migration::{Generated, create, generate};
use whimbrel_syntax::model::{Hints, Schema};
use whimbrel_syntax::snapshot::to_json;

enum Outcome {
    /// Both directions were applied and compared.
    Equal,
    /// The two sides differ in nothing Whimbrel manages.
    Same,
    /// Something Whimbrel has no place for.
    NotCovered(String),
    Failed(String),
}

#[tokio::test]
async fn the_corpus_of_pgschema() {
    let Some(root) = whimbrel_scratch::shared("corpus/pgschema/testdata/diff") else { return };
    let Some(mut pair) = server::pair("corpus").await else { return };
    let mut counts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut failed = Vec::new();
    let cases = cases(&root);
    for case in &cases {
        let name = case.strip_prefix(&root).unwrap_or(case).display().to_string();
        let key = match one(&mut pair, case).await {
            Outcome::Equal => "covered, and equal both ways".to_owned(),
            Outcome::Same => "nothing managed differs".to_owned(),
            Outcome::NotCovered(reason) => format!("not covered: {reason}"),
            Outcome::Failed(error) => {
                failed.push(format!("==== {name}\n{error}"));
                "failed".to_owned()
            }
        };
        counts.entry(key).or_default().push(name);
    }
    eprintln!("{} pairs", cases.len());
    for (key, names) in &counts {
        let some =
            if key.starts_with("not covered") { format!(" ({})", names.join(", ")) } else { String::new() };
        eprintln!("{:>4} {key}{some}", names.len());
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let covered = counts.get("covered, and equal both ways").map_or(0, Vec::len);
    assert!(covered >= COVERED, "only {covered} pairs are covered, not {COVERED}");
}

/// At least so many pairs are covered (78 on PostgreSQL 15); fewer would mean that some silently dropped out.
const COVERED: usize = 70;

fn cases(root: &Path) -> Vec<PathBuf> {
    let mut cases = Vec::new();
    for kind in folders(root) {
        cases.extend(folders(&kind).into_iter().filter(|case| case.join("old.sql").is_file()));
    }
    cases
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Loads `setup.sql`, if there is one, and one side.
async fn load(conn: &mut PgConnection, case: &Path, side: &str) -> Result<(), String> {
    server::reset(conn).await;
    for file in ["setup.sql", side] {
        if let Ok(sql) = std::fs::read_to_string(case.join(file)) {
            server::run(conn, &sql).await?;
        }
    }
    Ok(())
}

/// What is there that Whimbrel has no place for: kinds and names.
async fn foreign(conn: &mut PgConnection) -> Vec<(String, String)> {
    let found = unmanaged(conn, &[]).await.unwrap();
    let mut all: Vec<_> = found.into_iter().map(|item| (item.kind, item.name)).collect();
    all.sort();
    all
}

async fn one(pair: &mut server::Pair, case: &Path) -> Outcome {
    for (side, conn) in [("old.sql", &mut pair.migrated), ("new.sql", &mut pair.direct)] {
        if let Err(error) = load(conn, case, side).await {
            let line = error.lines().next().unwrap_or_default();
            return Outcome::NotCovered(format!("does not load here: {line}"));
        }
    }
    let (old, new) = (server::look(&mut pair.migrated).await, server::look(&mut pair.direct).await);
    let (before, after) = (foreign(&mut pair.migrated).await, foreign(&mut pair.direct).await);
    let generated = match generate(&old, &new, &Hints::default()) {
        Ok(Some(generated)) => generated,
        Ok(None) if old == new => return Outcome::Same,
        Ok(None) => return Outcome::Failed("two catalogs differ and no difference was found".to_owned()),
        Err(error) => return Outcome::NotCovered(format!("refers to what is not managed: {error}")),
    };
    if generated.up_sql.contains("nextval(") || generated.down_sql.contains("nextval(") {
        return Outcome::NotCovered("a sequence behind a default (serial)".to_owned());
    }
    let result = round_trip(pair, &generated, &old, &new).await;
    match result {
        Ok(()) => Outcome::Equal,
        Err(error) if before == after => Outcome::Failed(error),
        // What we do not manage differs, and something of ours depends on it.
        Err(error) => {
            let line = error.lines().next().unwrap_or_default();
            Outcome::NotCovered(format!("{}: {line}", kinds(&before, &after)))
        }
    }
}

/// The kinds of objects that are on one side only.
fn kinds(before: &[(String, String)], after: &[(String, String)]) -> String {
    let gone = before.iter().filter(|item| !after.contains(item));
    let new = after.iter().filter(|item| !before.contains(item));
    let mut kinds: Vec<&str> = gone.chain(new).map(|(kind, _)| kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.join(", ")
}

async fn round_trip(
    pair: &mut server::Pair,
    generated: &Generated,
    old: &Schema,
    new: &Schema,
) -> Result<(), String> {
    for (round, sql, want) in [
        ("up", &generated.up_sql, new),
        ("down", &generated.down_sql, old),
        ("up again", &generated.up_sql, new),
    ] {
        server::run(&mut pair.migrated, sql).await.map_err(|error| format!("{round}: {error}"))?;
        let found = server::look(&mut pair.migrated).await;
        if found != *want && reprinted(pair, &found).await? != reprinted(pair, want).await? {
            return Err(format!("{round}:\n{sql}\n{}", server::difference(&to_json(&found), &to_json(want))));
        }
    }
    Ok(())
}

/// What becomes of a schema that the server printed when the server reads it again: it prints `IN` lists of
/// `varchar` in another way the second time.
async fn reprinted(pair: &mut server::Pair, schema: &Schema) -> Result<Schema, String> {
    server::reset(&mut pair.direct).await;
    let sql = create(schema).map_err(|error| error.to_string())?;
    server::run(&mut pair.direct, &sql).await?;
    Ok(server::look(&mut pair.direct).await)
}
