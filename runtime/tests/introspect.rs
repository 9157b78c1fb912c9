//! The catalog is read as the server knows it. What is read of each kind, schema/tests/everything.rs shows.

mod support;

use support::{connect, database, execute, scalars};
use whimbrel::__private::introspect::state;

/// The objects in a database.
async fn names(conn: &mut sqlx::PgConnection, schemas: &[&str]) -> Vec<String> {
    state(conn, schemas).await.unwrap().objects.keys().map(ToString::to_string).collect()
}

#[tokio::test]
async fn only_what_was_asked_for_is_read() {
    let Some(url) = database("introspect_all") else { return };
    let mut conn = connect(&url).await;
    // hstore comes with the server's contrib package only.
    let available = "SELECT name::text FROM pg_available_extensions WHERE name = 'hstore'";
    for name in scalars::<String>(&mut conn, available).await {
        execute(&mut conn, &format!("CREATE EXTENSION {name}")).await;
    }
    execute(
        &mut conn,
        "CREATE SCHEMA app; CREATE TABLE app.items (id bigint); CREATE TABLE accounts (id uuid);
         CREATE SCHEMA whimbrel; CREATE TABLE whimbrel.journal (id integer); SET search_path = app",
    )
    .await;
    let all = names(&mut conn, &[]).await;
    let without: Vec<&String> = all.iter().filter(|name| *name != "extension hstore").collect();
    assert_eq!(
        without,
        [
            "schema app",
            "schema public",
            "table app.items",
            "table accounts",
            "column app.items.id",
            "column accounts.id"
        ]
    );
    // The caller's search path is as it was.
    assert_eq!(scalars::<String>(&mut conn, "SHOW search_path").await, ["app"]);
    // On another thread, if need be.
    let app = tokio::spawn(async move { names(&mut conn, &["app"]).await }).await.unwrap();
    assert!(
        app.contains(&"table app.items".to_owned()) && !app.contains(&"table accounts".to_owned()),
        "{app:?}"
    );
}

#[tokio::test]
async fn a_transaction_of_the_callers_stays_open() {
    let Some(url) = database("introspect_transaction") else { return };
    let mut conn = connect(&url).await;
    let mut transaction = sqlx::Connection::begin(&mut conn).await.unwrap();
    execute(&mut transaction, "CREATE TABLE t (id integer)").await;
    assert!(names(&mut transaction, &[]).await.contains(&"table t".to_owned()));
    transaction.commit().await.unwrap();
    assert!(names(&mut conn, &[]).await.contains(&"table t".to_owned()));
}
