//! Versions of Whimbrel's own tables: `whimbrel.format` has a row for each group of them.
//!
//! Programs of several versions work on one database, during a rolling deployment for hours. So an upgrade only adds, and
//! says which programs understand the tables after it: an older one goes on, and passes over events that it does not know,
//! unless [`Step::min_reader`] is above what it knows. Then it says so and stops.

use sqlx::PgConnection;

use crate::error::{Doing as _, Error};

/// A group of Whimbrel's own tables, with every version it ever had.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The name in `whimbrel.format`: `journal`.
    pub component: &'static str,
    /// What brings the tables from each version to the next; the first step makes them.
    pub steps: &'static [Step],
}

/// What brings tables from one version to the next.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Statements, which run in one transaction and only add.
    pub sql: &'static str,
    /// The oldest version of which a program must know to work with the tables from now on.
    pub min_reader: i32,
}

const CREATE: &str = "\
CREATE TABLE IF NOT EXISTS whimbrel.format (
    component    text PRIMARY KEY,
    version      integer NOT NULL,
    min_reader   integer NOT NULL,
    tool_version text NOT NULL
);
COMMENT ON TABLE whimbrel.format IS 'Versions of Whimbrel''s own tables, and the oldest version that a program must know to work with them';
GRANT SELECT ON whimbrel.format TO PUBLIC";

/// CREATE SCHEMA IF NOT EXISTS needs the right to create one.
const SCHEMA_EXISTS: &str = "SELECT to_regnamespace('whimbrel') IS NOT NULL";

const EXISTS: &str = "SELECT to_regclass('whimbrel.format') IS NOT NULL";

const READ: &str = "SELECT version, min_reader FROM whimbrel.format WHERE component = $1";

const WRITE: &str = "\
INSERT INTO whimbrel.format (component, version, min_reader, tool_version) VALUES ($1, $2, $3, $4)
ON CONFLICT (component) DO UPDATE SET version = $2, min_reader = greatest(format.min_reader, $3), tool_version = $4";

impl Format {
    /// The newest version this program knows.
    fn version(&self) -> i32 {
        i32::try_from(self.steps.len()).unwrap_or(i32::MAX)
    }

    /// Whether the tables are there. Reads only.
    pub async fn check(&self, conn: &mut PgConnection) -> Result<bool, Error> {
        self.found(conn).await.map(|version| version > 0)
    }

    /// Creates the tables, or upgrades them if they are older than this program. To be called with the lock held.
    pub async fn upgrade(&self, conn: &mut PgConnection) -> Result<(), Error> {
        let found = self.found(conn).await?;
        let done = usize::try_from(found).unwrap_or(0);
        let Some((last, first)) = self.steps.get(done..).and_then(|steps| steps.split_last()) else {
            return Ok(());
        };
        let failed = |error| Error::creation("creating or upgrading Whimbrel's own tables", error);
        let mut transaction = sqlx::Connection::begin(conn).await.map_err(failed)?;
        let present = sqlx::query_scalar(SCHEMA_EXISTS).fetch_one(&mut *transaction).await.map_err(failed)?;
        let schema = if present { "" } else { "CREATE SCHEMA whimbrel" };
        let scripts = [schema, CREATE].into_iter().chain(first.iter().chain([last]).map(|step| step.sql));
        for sql in scripts {
            sqlx::raw_sql(sql).execute(&mut *transaction).await.map_err(failed)?;
        }
        sqlx::query(WRITE)
            .bind(self.component)
            .bind(self.version())
            .bind(last.min_reader)
            .bind(crate::journal::TOOL)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    async fn found(&self, conn: &mut PgConnection) -> Result<i32, Error> {
        let doing = "looking for the versions of Whimbrel's own tables";
        if !sqlx::query_scalar(EXISTS).fetch_one(&mut *conn).await.doing(doing)? {
            return Ok(0);
        }
        let row = sqlx::query_as(READ).bind(self.component).fetch_optional(conn).await.doing(doing)?;
        let (version, min_reader) = row.unwrap_or_default();
        self.understood(version, min_reader)?;
        Ok(version)
    }

    /// Whether this program can work with tables that say so of themselves.
    pub(crate) fn understood(&self, found: i32, needed: i32) -> Result<(), Error> {
        let known = self.version();
        if needed > known {
            return Err(Error::Format { component: self.component, found, needed, known });
        }
        Ok(())
    }
}
