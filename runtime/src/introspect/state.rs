//! The catalog as a [`State`]: its queries are run here, and put together there.

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use whimbrel_schema::catalog::{ALIASES, Address, DEPENDENCIES, Row, queries};

/// What the queries return, for `catalog::state`.
pub(super) struct Found {
    pub(super) rows: Vec<Row>,
    pub(super) aliases: Vec<(Address, Address)>,
    pub(super) dependencies: Vec<(Address, Address)>,
}

pub(super) async fn find(conn: &mut PgConnection, schemas: &[String]) -> Result<Found, sqlx::Error> {
    let mut rows = Vec::new();
    for (kind, sql) in queries() {
        let found = sqlx::query(AssertSqlSafe(sql)).bind(schemas).fetch_all(&mut *conn).await?;
        for row in found {
            let (definition, comment, privileges) = (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
            rows.push(Row { kind, address: address(&row, 0)?, definition, comment, privileges });
        }
    }
    let aliases = pairs(conn, ALIASES).await?;
    let dependencies = pairs(conn, DEPENDENCIES).await?;
    Ok(Found { rows, aliases, dependencies })
}

async fn pairs(conn: &mut PgConnection, sql: &'static str) -> Result<Vec<(Address, Address)>, sqlx::Error> {
    let rows = sqlx::query(sql).fetch_all(conn).await?;
    rows.iter().map(|row| Ok((address(row, 0)?, address(row, 3)?))).collect()
}

fn address(row: &PgRow, at: usize) -> Result<Address, sqlx::Error> {
    Ok((row.try_get(at)?, row.try_get(at + 1)?, row.try_get(at + 2)?))
}
