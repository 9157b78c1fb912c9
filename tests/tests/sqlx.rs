//! `migrations/` is a folder of sqlx's reversible migrations, too: its own migrator comes to the same database.

use std::path::Path;

use sqlx::migrate::Migrator;
use whimbrel::__private::introspect::introspect;
use whimbrel_syntax::model::{QName, Schema};
use whimbrel_tests::example::Target;

/// What is in `public`, without sqlx's own table.
async fn schema(target: &Target) -> Schema {
    let mut schema = introspect(&mut target.pool.acquire().await.unwrap(), &["public"]).await.unwrap();
    schema.tables.remove(&QName::new("_sqlx_migrations"));
    schema
}

#[tokio::test(flavor = "multi_thread")]
async fn its_migrator_takes_the_folder_both_ways() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let ours = Target::at(&scratch.create_database("ours").unwrap(), 1).await.unwrap();
    whimbrel::Migrator::from_dir(&folder).unwrap().run(&ours.pool).await.unwrap();

    let theirs = Target::at(&scratch.create_database("theirs").unwrap(), 1).await.unwrap();
    let empty = schema(&theirs).await;
    let migrator = Migrator::new(folder).await.unwrap();
    migrator.run(&theirs.pool).await.unwrap();
    let expected = schema(&ours).await;
    assert!(expected.tables.len() >= 7, "{:?}", expected.tables.keys());
    assert_eq!(schema(&theirs).await, expected);

    migrator.undo(&theirs.pool, 0).await.unwrap();
    assert_eq!(schema(&theirs).await, empty);
}
