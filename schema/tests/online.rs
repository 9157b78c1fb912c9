//! Changes in two stages, of which the second is outside of transactions: on tables with rows, with the migrator, and
//! interrupted between any two statements.

mod common;

use std::borrow::Cow;

use common::{Database, ONLINE, Online};
use sqlx::postgres::PgPoolOptions;
use whimbrel::Migrator;
use whimbrel::migrate::{Checksum, Migration, Revert};
use whimbrel_schema::plan::{online, stages};
use whimbrel_schema::{Step, plan, render};

fn migration(version: i64, up: &str, down: &str) -> Migration {
    Migration {
        version,
        after: Cow::Borrowed(&[]),
        replaces: Cow::Borrowed(&[]),
        name: Cow::Borrowed("m"),
        up_checksum: Checksum::of(up),
        down_checksum: Checksum::of(down),
        schema_hash: Cow::Borrowed(""),
        link: Cow::Borrowed(""),
        up_sql: Cow::Owned(up.to_owned()),
        down_sql: Cow::Owned(down.to_owned()),
    }
}

/// Up, statement by statement: each run ends after the one that follows what the last one did.
async fn interrupted(database: &Database, first: &Migration, up: &str, down: &str) -> Migrator {
    let statements: Vec<&str> =
        up.split_inclusive(";\n").map(str::trim).filter(|part| !part.is_empty()).collect();
    let pool = PgPoolOptions::new().max_connections(2).connect(database.url()).await.unwrap();
    for done in 0..=statements.len() {
        let mut part: Vec<&str> = statements[..done].to_vec();
        if done < statements.len() {
            part.push("SELECT 1 / 0;");
        }
        let up = format!("{}\n{}\n", render::NO_TRANSACTION, part.join("\n"));
        let all = Migrator::new(vec![first.clone(), migration(2, &up, down)]);
        match all.run(&pool).await {
            Ok(_) => assert_eq!(done, statements.len()),
            Err(error) => {
                assert!(done < statements.len() && error.to_string().contains("division by zero"), "{error}")
            }
        }
        if done == statements.len() {
            return all;
        }
    }
    unreachable!("the last run is a whole one")
}

#[tokio::test]
async fn each_change_is_made_statement_by_statement() {
    for Online { name, old, new, rows, statements } in ONLINE {
        let Some(mut database) = Database::new("online").await else { return };
        let mut other = Database::new("online_new").await.unwrap();
        database.run(old).await.unwrap();
        other.run(new).await.unwrap();
        let (prev, next) = (database.state().await, other.state().await);
        database.run(rows).await.unwrap();
        let middle = stages(&prev, &next).middle;
        let file = |steps: &[Step]| render::file(steps, &[]);
        let [up, down] = [plan(&prev, &middle).unwrap(), plan(&middle, &prev).unwrap()];
        let first = migration(1, &file(&up), &file(&down));
        let up = online(&middle, &next).unwrap();
        let made: Vec<&str> = up.iter().flat_map(|step| &step.statements).map(String::as_str).collect();
        let begins = made.iter().zip(*statements).all(|(made, begin)| made.starts_with(begin));
        if !statements.is_empty() {
            assert!(begins && made.len() == statements.len(), "{name}: {made:#?}");
        }
        let down = file(&online(&next, &middle).unwrap());
        let all = interrupted(&database, &first, &file(&up), &down).await;
        let rest = plan(&database.state().await, &next).unwrap();
        assert!(rest.is_empty(), "{name}: {rest:?}");
        let pool = PgPoolOptions::new().max_connections(2).connect(database.url()).await.unwrap();
        for wanted in [&middle, &prev] {
            all.revert(&pool, Revert::steps(1).with_allow_data_loss(true)).await.unwrap();
            let rest = plan(&database.state().await, wanted).unwrap();
            assert!(rest.is_empty(), "{name}, undone: {rest:?}");
        }
    }
}
