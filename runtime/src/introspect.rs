//! From the catalog to a [`State`]: what a database really looks like.
//!
//! The queries are `whimbrel_schema`'s, and what their rows become is decided there; here they are run, with `public` as the
//! only schema on the search path. PostgreSQL 14 and newer.

use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row as _};
use whimbrel_schema::catalog::{ALIASES, Address, DEPENDENCIES, Outside, Row, queries};
use whimbrel_schema::privilege::Owners;
use whimbrel_schema::{Kind, State, catalog};

use crate::error::{Doing as _, Error};

/// PostgreSQL 14: the oldest whose catalog is understood.
const OLDEST: u32 = 140_000;

/// The session's role, and the one that migrates: who owns the journal, where there is one.
const ROLES: &str = "SELECT current_user::text, coalesce((SELECT pg_get_userbyid(nspowner)::text
    FROM pg_catalog.pg_namespace WHERE nspname = 'whimbrel'), current_user::text)";

/// PostgreSQL's words for objects, in their order.
const DESCRIBE: &str = "SELECT pg_describe_object(o.class::oid, o.oid::oid, o.part)
FROM unnest($1::int8[], $2::int8[], $3::int4[]) WITH ORDINALITY o (class, oid, part, number) ORDER BY o.number";

/// An object, or a property of one, that Whimbrel neither reads nor changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unmanaged {
    /// What it is: `event trigger`, `cast`, …
    pub kind: String,
    /// Its name, qualified unless it is in `public`.
    pub name: String,
    /// The table it belongs to, if it belongs to one, qualified unless it is in `public`.
    pub table: Option<String>,
}

impl std::fmt::Display for Unmanaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.name)?;
        self.table.iter().try_for_each(|table| write!(f, " on {table}"))
    }
}

/// Reads every object of these PostgreSQL schemas, all if none is named, with what depends on what. Nothing is written; the
/// queries run in a transaction (a savepoint, if one is open on `conn`) that is rolled back.
pub async fn state(conn: &mut PgConnection, schemas: &[&str]) -> Result<State, Error> {
    Ok(read_state(conn, schemas).await?.0)
}

/// What was read of a database.
#[derive(Debug)]
pub struct Catalog {
    /// The objects.
    pub state: State,
    /// Who owns the objects.
    pub owners: Owners,
    /// What is not managed, or of other schemas, in PostgreSQL's words, and depends on objects or is needed by them.
    pub outside: Vec<Outside<String>>,
}

/// The same, with what is around it.
pub async fn catalog(conn: &mut PgConnection, schemas: &[&str]) -> Result<Catalog, Error> {
    let (state, owners, outside) = read_state(conn, schemas).await?;
    let classes: Vec<i64> = outside.iter().map(|one| one.other.0).collect();
    let oids: Vec<i64> = outside.iter().map(|one| one.other.1).collect();
    let parts: Vec<i32> = outside.iter().map(|one| one.other.2).collect();
    let names: Vec<Option<String>> = read(conn, async |conn| {
        let query = sqlx::query_scalar(DESCRIBE).bind(classes).bind(oids).bind(parts);
        query.fetch_all(conn).await
    })
    .await?;
    let named = |(one, other): (Outside<Address>, Option<String>)| {
        // What is no longer there has no name.
        Some(Outside { object: one.object, other: other?, needs: one.needs })
    };
    let mut outside: Vec<_> = outside.into_iter().zip(names).filter_map(named).collect();
    outside.sort();
    outside.dedup();
    Ok(Catalog { state, owners, outside })
}

async fn read_state(
    conn: &mut PgConnection,
    schemas: &[&str],
) -> Result<(State, Owners, Vec<Outside<Address>>), Error> {
    check_version(conn)?;
    let schemas = owned(schemas);
    let ((user, migrator), rows, aliases, dependencies) = read(conn, async |conn| {
        let roles: (String, String) = sqlx::query_as(ROLES).fetch_one(&mut *conn).await?;
        let rows = rows(conn, &schemas, &[]).await?;
        let aliases = sqlx::query(ALIASES).fetch_all(&mut *conn).await?;
        let aliases: Result<Vec<_>, sqlx::Error> = aliases.iter().map(pair).collect();
        let dependencies = sqlx::query(DEPENDENCIES).fetch_all(&mut *conn).await?;
        let dependency = |row: &PgRow| pair(row).and_then(|(from, to)| Ok((from, to, row.try_get(6)?)));
        let dependencies: Result<Vec<_>, sqlx::Error> = dependencies.iter().map(dependency).collect();
        Ok((roles, rows, aliases?, dependencies?))
    })
    .await?;
    let owners = catalog::owners(user, migrator, &rows)?;
    let (state, outside) = catalog::state(&owners.migrator, rows, aliases, dependencies)?;
    Ok((state, owners, outside))
}

/// The schemas that are read if none is named.
pub async fn schemas(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    let all: &[String] = &[];
    read(conn, async |conn| {
        sqlx::query_scalar(AssertSqlSafe(catalog::schemas())).bind(all).fetch_all(conn).await
    })
    .await
}

/// Reads the objects of these kinds in these schemas, with the dependencies that their data says.
pub async fn objects(conn: &mut PgConnection, schemas: &[&str], kinds: &[Kind]) -> Result<State, Error> {
    check_version(conn)?;
    let schemas = owned(schemas);
    let ((_, migrator), rows) = read(conn, async |conn| {
        let roles: (String, String) = sqlx::query_as(ROLES).fetch_one(&mut *conn).await?;
        Ok((roles, rows(conn, &schemas, kinds).await?))
    })
    .await?;
    Ok(catalog::state(&migrator, rows, Vec::new(), Vec::new())?.0)
}

/// Lists what a [`State`] does not describe, in the same schemas.
pub async fn not_managed(conn: &mut PgConnection, schemas: &[&str]) -> Result<Vec<Unmanaged>, Error> {
    check_version(conn)?;
    let schemas = owned(schemas);
    let query = whimbrel_schema::unmanaged::query();
    let rows =
        read(conn, async |conn| sqlx::query_as(AssertSqlSafe(query)).bind(&schemas).fetch_all(conn).await)
            .await?;
    Ok(rows.into_iter().map(|(kind, name, table)| Unmanaged { kind, name, table }).collect())
}

/// The objects of these kinds; of all, if none is named.
async fn rows(conn: &mut PgConnection, schemas: &[String], kinds: &[Kind]) -> Result<Vec<Row>, sqlx::Error> {
    let mut rows = Vec::new();
    for (kind, sql) in queries().into_iter().filter(|(kind, _)| kinds.is_empty() || kinds.contains(kind)) {
        let found = sqlx::query(AssertSqlSafe(sql)).bind(schemas).fetch_all(&mut *conn).await?;
        for row in found {
            let (definition, comment, privileges) = (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
            let owner = row.try_get(6)?;
            rows.push(Row { kind, address: address(&row, 0)?, definition, comment, privileges, owner });
        }
    }
    Ok(rows)
}

fn pair(row: &PgRow) -> Result<(Address, Address), sqlx::Error> {
    Ok((address(row, 0)?, address(row, 3)?))
}

fn address(row: &PgRow, at: usize) -> Result<Address, sqlx::Error> {
    Ok((row.try_get(at)?, row.try_get(at + 1)?, row.try_get(at + 2)?))
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

/// Runs queries with a search path that makes the server print names the same way everywhere. Compiling them would take a
/// server longer than running them does, at 8,000 tables, too.
async fn read<T>(
    conn: &mut PgConnection,
    queries: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
) -> Result<T, Error> {
    let doing = "reading the catalog";
    let begin = if conn.is_in_transaction() {
        None
    } else {
        Some("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    };
    let mut transaction = match begin {
        Some(begin) => conn.begin_with(begin).await.doing(doing)?,
        None => conn.begin().await.doing(doing)?,
    };
    let set = "SELECT set_config('search_path', 'public', true), set_config('jit', 'off', true)";
    sqlx::raw_sql(set).execute(&mut *transaction).await.doing(doing)?;
    let result = queries(&mut transaction).await.doing(doing);
    transaction.rollback().await.doing(doing)?;
    result
}
