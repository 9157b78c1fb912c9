//! Takes the models that a test links through the whole path: tables, transfer, verification.
//!
//! A test links one crate of examples only: two of them may read collections of the same name.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor as _};
use whimbrel_scratch::Scratch;
use whimbrel_transfer::source::{self, Source};
use whimbrel_transfer::verify::{Verify, VerifyReport};
use whimbrel_transfer::{Mode, Outcome, Transfer, TransferReport};

/// Whatever goes wrong in a test.
pub type Failure = Box<dyn std::error::Error>;

/// A database with the tables of all models that the test links.
#[derive(Debug, Clone)]
pub struct Target {
    pub options: PgConnectOptions,
    pub pool: PgPool,
    /// The same as a URL.
    pub url: String,
}

impl Target {
    /// Creates a database, and in it what the models say.
    pub async fn new(scratch: &Scratch, name: &str) -> Result<Self, Failure> {
        let target = Target::at(&scratch.create_database(name)?, 4).await?;
        target.migrate().await?;
        Ok(target)
    }

    /// Connects to a database, with at most so many connections.
    pub async fn at(url: &str, connections: u32) -> Result<Self, Failure> {
        let options = PgConnectOptions::from_str(url)?;
        let pool = PgPoolOptions::new().max_connections(connections).connect_with(options.clone()).await?;
        Ok(Target { options, pool, url: url.to_owned() })
    }

    /// Creates what the linked models say.
    pub async fn migrate(&self) -> Result<(), Failure> {
        let sql = whimbrel_syntax::migration::create(&whimbrel::__private::registry::schema())?;
        self.pool.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
        Ok(())
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> Result<i64, Failure> {
        let sql = format!("SELECT count(*) FROM {}", whimbrel_syntax::name::quote(table));
        Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool).await?)
    }

    /// Transfers a source: it must arrive complete, with so many rows in these tables, and be verified.
    pub async fn arrives<'t>(
        &self,
        from: &Path,
        rows: impl IntoIterator<Item = (&'t str, u64)>,
    ) -> Result<TransferReport, Failure> {
        let report = self.transfer(from, Mode::Fresh, 2).await?;
        assert_eq!(report.outcome, Outcome::Complete, "{report:?}");
        for (table, rows) in rows {
            assert_eq!(self.count(table).await?, i64::try_from(rows)?, "{table}");
        }
        let verified = self.verify(from).await?;
        assert!(verified.ok, "{verified:?}");
        Ok(report)
    }

    /// Transfers everything that the linked transforms read from a source.
    pub async fn transfer(&self, from: &Path, mode: Mode, jobs: usize) -> Result<TransferReport, Failure> {
        Ok(Transfer::new(open(from)?, self.options.clone()).mode(mode).jobs(jobs).run().await?)
    }

    /// Compares a source with what has arrived.
    pub async fn verify(&self, from: &Path) -> Result<VerifyReport, Failure> {
        Ok(Verify::new(open(from)?, self.options.clone()).jobs(2).max_rejects(None).run().await?)
    }
}

/// Opens a source as the command line does.
fn open(from: &Path) -> Result<Arc<dyn Source>, Failure> {
    let path = from.to_str().ok_or("a path that is no UTF-8")?;
    Ok(Arc::from(source::from_arg(path)?))
}
