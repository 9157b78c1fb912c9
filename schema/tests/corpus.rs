//! Real pairs of old and new schemas: the corpus of pgschema, read from `../shared` when it is there.
//!
//! Both sides are loaded and read. The steps between them are applied to the old side and must make it equal to the new
//! one, down again, and up again: nothing is left to do, and pg_dump prints the same.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use common::{CORPUS_ROLES, Database, Wanted, corpus, needs, text};
use whimbrel_schema::changes;
use whimbrel_schema::{State, plan, snapshot};

/// Why a pair does not pass.
enum Failure {
    /// This server does not take it.
    NotLoaded(String),
    /// No difference was found although the dumps differ.
    Silent(String),
    Failed(String),
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_corpus_of_pgschema() {
    let Some(root) = whimbrel_scratch::shared("corpus/pgschema/testdata/diff") else { return };
    let Some(mut first) = Database::new("corpus").await else { return };
    common::roles(&mut first.conn, CORPUS_ROLES).await;
    let version = first.conn.server_version_num().unwrap() / 10_000;
    let all = corpus(&root);
    let queue = Arc::new(Mutex::new(all.clone()));
    let workers: Vec<_> = (0..4).map(|_| tokio::spawn(work(Arc::clone(&queue)))).collect();
    let mut results = BTreeMap::new();
    for worker in workers {
        results.extend(worker.await.unwrap());
    }
    let (mut passed, mut failed) = (0, Vec::new());
    for (case, result) in &results {
        let name = case.strip_prefix(&root).unwrap_or(case).display().to_string();
        match result {
            Ok(()) => passed += 1,
            Err(Failure::NotLoaded(error)) => match needs(&name, version) {
                Some(what) => eprintln!("{name} needs {what}"),
                None => failed.push(format!("{name} does not load: {error}")),
            },
            Err(Failure::Silent(error)) => failed.push(format!("{name}: silently wrong:\n{error}")),
            Err(Failure::Failed(error)) => failed.push(format!("{name}: {error}")),
        }
    }
    eprintln!("{passed} of {} pairs pass, {} fail", all.len(), failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

async fn work(queue: Arc<Mutex<Vec<PathBuf>>>) -> Vec<(PathBuf, Result<(), Failure>)> {
    let mut results = Vec::new();
    let mut databases = None;
    loop {
        let Some(case) = queue.lock().unwrap().pop() else { return results };
        let (mut old, mut new, empty) = match databases.take() {
            Some(databases) => databases,
            None => {
                let mut old = Database::new("corpus_old").await.unwrap();
                let empty = old.state().await;
                (old, Database::new("corpus_new").await.unwrap(), empty)
            }
        };
        let mut result = one(&case, &mut old, &mut new).await;
        if result.is_ok() {
            result = clear([&mut old, &mut new], &empty).await.map_err(Failure::Failed);
        }
        // Dropping a database takes long; one that is empty again serves the next pair.
        if result.is_ok() {
            databases = Some((old, new, empty));
        }
        results.push((case, result));
    }
}

/// Drops everything that is in the databases.
async fn clear(databases: [&mut Database; 2], empty: &State) -> Result<(), String> {
    for database in databases {
        let down = plan(&database.state().await, empty).map_err(|error| format!("to nothing: {error}"))?;
        database.apply(&down).await.map_err(|error| format!("to nothing: {error}"))?;
        if database.state().await != *empty {
            return Err(format!("something is left after\n{}", text(&down)));
        }
    }
    Ok(())
}

async fn one(case: &Path, old: &mut Database, new: &mut Database) -> Result<(), Failure> {
    for (database, side) in [(&mut *old, "old.sql"), (&mut *new, "new.sql")] {
        for file in ["setup.sql", side] {
            if let Ok(sql) = std::fs::read_to_string(case.join(file)) {
                database.run(&sql).await.map_err(Failure::NotLoaded)?;
            }
        }
    }
    let (before, after) = (Wanted::of(old).await, Wanted::of(new).await);
    let steps = |prev: &Wanted, next: &Wanted| {
        plan(&prev.state, &next.state).map_err(|error| Failure::Failed(error.to_string()))
    };
    let (up, down) = (steps(&before, &after)?, steps(&after, &before)?);
    let listed = changes(&before.state, &after.state);
    if listed.is_empty() != up.is_empty() {
        return Err(Failure::Failed(format!("{listed:?} for the steps\n{}", text(&up))));
    }
    let kept = snapshot::to_json(&after.state).map(|text| snapshot::from_json(&text));
    if !kept.is_ok_and(|kept| kept.is_ok_and(|kept| kept == after.state)) {
        return Err(Failure::Failed("its snapshot is another state".to_owned()));
    }
    if let (true, Some(before), Some(after)) = (up.is_empty(), &before.dump, &after.dump)
        && let lines = before.difference(after)
        && !lines.is_empty()
    {
        return Err(Failure::Silent(lines.join("\n")));
    }
    for (round, steps, wanted) in [("up", &up, &after), ("down", &down, &before), ("up again", &up, &after)] {
        let failed = |error: String| Failure::Failed(format!("{round}: {error}"));
        old.apply(steps).await.map_err(failed)?;
        let check = match round {
            "up again" => wanted.check_state(old).await,
            _ => wanted.check(old).await,
        };
        check.map_err(|error| failed(format!("{error}after\n{}", text(steps))))?;
    }
    let online = old.online_and_back(&after.state, &before.state).await;
    online.map_err(|error| Failure::Failed(format!("in two stages: {error}")))
}
