//! From the catalog to a [`Schema`]: what a database really looks like.
//!
//! Expressions (defaults, checks, predicates, index expressions) are as the server prints them, with `public` as the
//! only schema on the search path, so that two databases can be compared however their statements were spelt.
//! Whimbrel's own schema, the system's and everything that belongs to an extension are left out. The number of
//! queries does not depend on the number of tables. PostgreSQL 14 and newer.

mod expr;
mod scope;
mod state;
mod tables;
mod unmanaged;

use sqlx::{Connection, PgConnection};
use whimbrel_schema::{State, catalog};
use whimbrel_syntax::model::Schema;

use crate::error::{Doing as _, Error};

pub use unmanaged::Unmanaged;

/// PostgreSQL 14: the oldest whose catalog is understood.
const OLDEST: u32 = 140_000;

/// Reads everything Whimbrel manages: enum types and tables with their columns, constraints, indexes and comments.
///
/// `schemas` are the PostgreSQL schemas to read; none means all. Partitioned tables, partitions and foreign tables
/// are not among the tables: see [`unmanaged()`]. Nothing is written; the queries run in a transaction (a savepoint,
/// if one is open on `conn`) that is rolled back.
pub async fn introspect(conn: &mut PgConnection, schemas: &[&str]) -> Result<Schema, Error> {
    check_version(conn)?;
    let schemas = owned(schemas);
    read(conn, async |conn| {
        Ok(Schema {
            enums: tables::enums(conn, &schemas).await?,
            tables: tables::tables(conn, &schemas).await?,
            ..Schema::default()
        })
    })
    .await
}

/// Reads every object of these PostgreSQL schemas, all if none is named, with what depends on what. Nothing is written.
pub async fn state(conn: &mut PgConnection, schemas: &[&str]) -> Result<State, Error> {
    check_version(conn)?;
    let schemas = owned(schemas);
    let found = read(conn, async |conn| state::find(conn, &schemas).await).await?;
    Ok(catalog::state(found.rows, found.aliases, found.dependencies)?)
}

/// Lists what [`introspect`] does not describe, in the same schemas: views, functions, triggers, policies,
/// partitions, and properties of tables, constraints and indexes that a [`Schema`] has no place for.
pub async fn unmanaged(conn: &mut PgConnection, schemas: &[&str]) -> Result<Vec<Unmanaged>, Error> {
    check_version(conn)?;
    let schemas = owned(schemas);
    read(conn, async |conn| unmanaged::list(conn, &schemas).await).await
}

/// Lists what a [`State`] does not describe, in the same schemas.
pub async fn not_managed(conn: &mut PgConnection, schemas: &[&str]) -> Result<Vec<Unmanaged>, Error> {
    check_version(conn)?;
    let schemas = owned(schemas);
    read(conn, async |conn| unmanaged::not_managed(conn, &schemas).await).await
}

fn owned(schemas: &[&str]) -> Vec<String> {
    schemas.iter().map(|schema| (*schema).to_owned()).collect()
}

fn check_version(conn: &PgConnection) -> Result<(), Error> {
    match conn.server_version_num() {
        Some(number) if number < OLDEST => {
            Err(Error::ServerVersion { found: format!("{}.{}", number / 10_000, number % 100) })
        }
        _ => Ok(()),
    }
}

/// Runs queries with a search path that makes the server print names the same way everywhere.
async fn read<T>(
    conn: &mut PgConnection,
    queries: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
) -> Result<T, Error> {
    let doing = "reading the catalog";
    let mut transaction = conn.begin().await.doing(doing)?;
    let set = "SELECT set_config('search_path', 'public', true)";
    sqlx::raw_sql(set).execute(&mut *transaction).await.doing(doing)?;
    let result = queries(&mut transaction).await.doing(doing);
    transaction.rollback().await.doing(doing)?;
    result
}
