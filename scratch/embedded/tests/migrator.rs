//! The embedded server takes one connection at a time: the migrator must make do with a pool of one.

#[path = "../../../runtime/tests/support/mod.rs"]
mod support;

use support::{events, exists, migrator, pool};
use whimbrel::__private::introspect;
use whimbrel::migrate::Revert;
use whimbrel_scratch::Scratch;

#[test]
fn the_embedded_server_is_migrated_there_and_back() {
    let scratch = Scratch::embedded(env!("CARGO_BIN_EXE_whimbrel-embedded-postgres").as_ref()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(there_and_back(scratch.url()));
}

async fn there_and_back(url: &str) {
    let pool = pool(url, 1).await;
    let all = migrator(&[
        (
            1,
            "CREATE TYPE mood AS ENUM ('happy'); CREATE TABLE a (id int PRIMARY KEY, m mood);
             DO $$ BEGIN EXECUTE 'COMMENT ON TABLE a IS ''by a block'''; END $$;",
            "DROP TABLE a; DROP TYPE mood;",
        ),
        (
            2,
            "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON a (m);\nINSERT INTO a VALUES (1, 'happy');",
            "DROP INDEX i;",
        ),
    ]);
    assert!(!all.status(&pool).await.unwrap().journal);
    assert_eq!(all.run(&pool).await.unwrap().done.len(), 2);
    assert_eq!(all.run(&pool).await.unwrap().done, []);
    assert!(all.status(&pool).await.unwrap().is_current());
    let mut conn = pool.acquire().await.unwrap();
    let state = introspect::state(&mut conn, &[]).await.unwrap();
    let names: Vec<String> = state.objects.keys().map(ToString::to_string).collect();
    for name in ["enum type mood", "table a", "column a.id", "constraint a.a_pkey", "index i"] {
        assert!(names.iter().any(|found| found == name), "{names:?}");
    }
    introspect::not_managed(&mut conn, &[]).await.unwrap();
    assert_eq!(
        events(&mut conn).await,
        ["1 started", "1 finished", "2 started", "2 progress", "2 finished",]
    );
    drop(conn);

    let failing = migrator(&[(1, "", ""), (2, "", ""), (3, "CREATE TABLE b (id int); SELECT nope", "")]);
    assert!(failing.run(&pool).await.is_err());
    assert_eq!(all.revert(&pool, Revert::to(0)).await.unwrap().done.len(), 2);
    let mut conn = pool.acquire().await.unwrap();
    assert!(!exists(&mut conn, "a").await && !exists(&mut conn, "b").await);
}
