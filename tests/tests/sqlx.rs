//! `migrations/` is a folder of sqlx's reversible migrations, too: its own migrator comes to the same database.

use std::path::Path;

use sqlx::migrate::Migrator;
use whimbrel::__private::introspect;
use whimbrel_schema::{Change, State, changes};
use whimbrel_tests::example::Target;

async fn state(target: &Target) -> State {
    introspect::state(&mut target.pool.acquire().await.unwrap(), &["public"]).await.unwrap()
}

/// What differs, but for sqlx's own table.
fn differences(one: &State, other: &State) -> Vec<String> {
    let texts = changes(one, other).iter().map(Change::to_string).collect::<Vec<_>>();
    texts.into_iter().filter(|text| !text.contains("_sqlx_migrations")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn its_migrator_takes_the_folder_both_ways() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let ours = Target::at(&scratch.create_database("ours").unwrap(), 1).await.unwrap();
    whimbrel::Migrator::from_dir(&folder).unwrap().run(&ours.pool).await.unwrap();

    let theirs = Target::at(&scratch.create_database("theirs").unwrap(), 1).await.unwrap();
    let empty = state(&theirs).await;
    let migrator = Migrator::new(folder).await.unwrap();
    migrator.run(&theirs.pool).await.unwrap();
    let expected = state(&ours).await;
    assert!(differences(&empty, &expected).len() >= 7);
    assert_eq!(differences(&expected, &state(&theirs).await), [""; 0]);

    migrator.undo(&theirs.pool, 0).await.unwrap();
    assert_eq!(differences(&empty, &state(&theirs).await), [""; 0]);
}
