//! The steps of the demo.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use example_crm::dump::{Dump, Written};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, PgPool};
use whimbrel::__private::registry;
use whimbrel::DatabaseError;
use whimbrel::Migrator;
use whimbrel_scratch::Scratch;
use whimbrel_syntax::model::{Hints, QName};
use whimbrel_syntax::{Schema, chain, migration};
use whimbrel_transfer::source::Source;
use whimbrel_transfer::{Transfer, TransferReport, Verify, terminal};

use super::{RejectReport, Report, Step, TableReport};
use crate::args;
use crate::failure::Failure;
use crate::output::{Output, counted, write_styled};
use crate::scratch;

/// The version of the demo's only migration, which is generated on each run.
const VERSION: i64 = 20_260_101_000_000;

pub struct Steps<'a> {
    command: &'a args::Demo,
    folder: PathBuf,
    output: &'a Output,
    steps: Vec<Step>,
    /// When the present step began.
    began: Instant,
}

impl<'a> Steps<'a> {
    /// Writes its dump into `folder`.
    pub fn new(command: &'a args::Demo, folder: PathBuf, output: &'a Output) -> Self {
        Steps { command, folder, output, steps: Vec::new(), began: Instant::now() }
    }

    pub async fn run(&mut self) -> Result<Report, Failure> {
        let whole = Instant::now();
        let scratch = self.server().await?;
        let schema = self.models()?;
        let migrator = self.migration(&schema)?;
        self.migrate(&scratch, &migrator).await?;
        let written = self.dump()?;
        let source = self.source()?;
        let transferred = self.transfer(&scratch, &source, &written).await?;
        let (verified, tables) = self.verify(&scratch, &source, &written).await?;
        let rejects = rejects(&written, &transferred);
        let as_expected = tables.iter().all(|table| table.expected == table.arrived)
            && rejects.iter().all(|reject| reject.expected == reject.rejected);
        Ok(Report {
            ok: verified && as_expected && transferred.exit_code() == 0,
            server: scratch.kind().to_string(),
            documents: written.documents.values().sum(),
            bytes: written.bytes,
            dump: self.command.keep.clone(),
            steps: std::mem::take(&mut self.steps),
            tables,
            rejects,
            verified,
            seconds: whole.elapsed().as_secs_f64(),
        })
    }

    fn step(&mut self, name: &'static str, what: String) {
        let seconds = self.began.elapsed().as_secs_f64();
        self.began = Instant::now();
        self.output.done(&format!("{name:>9}"), format!("{what} ({seconds:.1} s)"));
        self.steps.push(Step { name, what, seconds });
    }

    async fn server(&mut self) -> Result<Scratch, Failure> {
        let output = self.output.clone();
        let scratch = tokio::task::spawn_blocking(move || scratch::start(&output))
            .await
            .map_err(|error| Failure::new("the scratch PostgreSQL cannot be started").caused_by(&error))??;
        self.step("Server", format!("a scratch {}", scratch.kind()));
        Ok(scratch)
    }

    fn models(&mut self) -> Result<Schema, Failure> {
        let schema = registry::schema();
        if schema.tables.is_empty() {
            return Err(Failure::new("this program was linked without the models of examples/crm"));
        }
        let (tables, enums) =
            (counted(schema.tables.len(), "table"), counted(schema.enums.len(), "enum type"));
        self.step("Models", format!("the structs of examples/crm describe {tables} and {enums}"));
        for table in schema.tables.values() {
            let keys = counted(table.foreign_keys.len(), "foreign key");
            self.output.print(format!(
                "            {}: {}, {keys}",
                table.name,
                counted(table.columns.len(), "column")
            ));
        }
        Ok(schema)
    }

    fn migration(&mut self, schema: &Schema) -> Result<Migrator, Failure> {
        let generated = migration::generate(&Schema::default(), schema, &Hints::default())?
            .ok_or_else(|| Failure::new("the models describe nothing"))?;
        let files = generated.files(VERSION, "init", None, schema);
        let migrations = chain::check(&files).map_err(|problems| Failure {
            causes: problems.iter().map(ToString::to_string).collect(),
            ..Failure::new("the generated migration is not sound")
        })?;
        let (up, down) = (generated.up_sql.lines().count(), generated.down_sql.lines().count());
        let changes = counted(generated.changes.len(), "change");
        self.step("Migration", format!("{changes}: {up} lines of SQL up, {down} lines down"));
        self.excerpt(&generated.up_sql);
        Ok(Migrator::new(migrations))
    }

    /// One table of the migration, to see how it reads.
    fn excerpt(&self, sql: &str) {
        let wanted = "CREATE TABLE opportunities";
        let begin = sql.lines().position(|line| line.starts_with(wanted)).unwrap_or(0);
        let first = begin.saturating_sub(1);
        for line in sql.lines().skip(first).take_while(|line| !line.is_empty()) {
            self.output.print(format!("            {line}"));
        }
        self.output.detail(sql);
    }

    async fn migrate(&mut self, scratch: &Scratch, migrator: &Migrator) -> Result<(), Failure> {
        let pool = pool(scratch)?;
        let done = migrator.run(&pool).await?;
        // The embedded server takes one connection at a time.
        pool.close().await;
        let statements: usize = done.done.iter().map(|one| one.statements).sum();
        let what = format!("applied, {}, recorded in whimbrel.journal", counted(statements, "statement"));
        self.step("Migrate", what);
        Ok(())
    }

    fn dump(&mut self) -> Result<Written, Failure> {
        let written = Dump::new(self.command.documents).write(&self.folder).map_err(|error| {
            Failure::new(format!("the dump cannot be written into {}", self.folder.display()))
                .caused_by(&error)
        })?;
        let documents: u64 = written.documents.values().sum();
        let bad: u64 = written.rejects.values().sum();
        let what = format!(
            "a MongoDB dump of {} in {}, {:.1} MB; {} of it invalid",
            terminal::counted(documents, "document"),
            counted(written.documents.len(), "collection"),
            written.bytes as f64 / 1e6,
            terminal::counted(bad, "row"),
        );
        self.step("Dump", what);
        Ok(written)
    }

    fn source(&self) -> Result<Arc<dyn Source>, Failure> {
        let path = self.folder.to_str().ok_or_else(|| {
            Failure::new(format!("{} is not valid UTF-8", self.folder.display()))
                .hint("keep it under another name")
        })?;
        Ok(Arc::from(whimbrel_transfer::source::from_arg(path)?))
    }

    async fn transfer(
        &mut self,
        scratch: &Scratch,
        source: &Arc<dyn Source>,
        written: &Written,
    ) -> Result<TransferReport, Failure> {
        let report = Transfer::new(Arc::clone(source), options(scratch)?)
            .jobs(jobs(scratch))
            .max_rejects(Some(written.rejects.values().sum()))
            .progress(terminal::progress(self.output.is_quiet(), false))
            .run()
            .await
            .map_err(|error| Failure::new("the transfer failed").caused_by(&error).hint_of(&error))?;
        let rate = rate(report.loaded_rows, report.load_seconds);
        let what = format!(
            "{} with COPY, {rate}/s; {} rejected, in whimbrel.rejects",
            terminal::counted(report.loaded_rows, "row"),
            terminal::counted(u64::try_from(report.rejected()).unwrap_or(0), "row"),
        );
        self.step("Transfer", what);
        Ok(report)
    }

    async fn verify(
        &mut self,
        scratch: &Scratch,
        source: &Arc<dyn Source>,
        written: &Written,
    ) -> Result<(bool, Vec<TableReport>), Failure> {
        let report = Verify::new(Arc::clone(source), options(scratch)?)
            .jobs(processors())
            .max_rejects(None)
            .progress(terminal::progress(self.output.is_quiet(), false))
            .run()
            .await
            .map_err(|error| Failure::new("the verification could not run").caused_by(&error))?;
        // The embedded server takes one connection at a time.
        let pool = pool(scratch)?;
        let tables = count(&pool, &written.rows).await?;
        pool.close().await;
        let rows: u64 = tables.iter().map(|table| table.arrived).sum();
        let what = if report.ok {
            format!("every value of {} compared with its document: all equal", terminal::counted(rows, "row"))
        } else {
            "there are differences".to_owned()
        };
        self.step("Verify", what);
        if !report.ok {
            write_styled(&terminal::render_verify(&report));
        }
        Ok((report.ok, tables))
    }
}

fn options(scratch: &Scratch) -> Result<PgConnectOptions, Failure> {
    let options = PgConnectOptions::from_str(scratch.url()).map_err(|error| failed(&error))?;
    Ok(options.disable_statement_logging())
}

fn pool(scratch: &Scratch) -> Result<PgPool, Failure> {
    let most = scratch.max_connections().min(4);
    Ok(PgPoolOptions::new().max_connections(most).connect_lazy_with(options(scratch)?))
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn jobs(scratch: &Scratch) -> usize {
    let most = usize::try_from(scratch.max_connections()).unwrap_or(1);
    processors().min(4).min(most)
}

fn failed(error: &sqlx::Error) -> Failure {
    Failure::new("the scratch PostgreSQL does not answer").caused_by(&DatabaseError::from(error))
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "for reading"
)]
fn rate(rows: u64, seconds: f64) -> String {
    terminal::counted((rows as f64 / seconds.max(0.001)) as u64, "row")
}

async fn count(pool: &PgPool, expected: &BTreeMap<&'static str, u64>) -> Result<Vec<TableReport>, Failure> {
    let mut tables = Vec::new();
    for (table, expected) in expected {
        let sql = format!("SELECT count(*) FROM {}", QName::public(*table).sql());
        let arrived: i64 =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.map_err(|error| failed(&error))?;
        tables.push(TableReport {
            table: (*table).to_owned(),
            expected: *expected,
            arrived: u64::try_from(arrived).unwrap_or(0),
        });
    }
    Ok(tables)
}

/// What was rejected beside what should be, by table and reason.
fn rejects(written: &Written, report: &TransferReport) -> Vec<RejectReport> {
    let mut rejects: BTreeMap<(String, String), RejectReport> = BTreeMap::new();
    let mut entry = |table: &str, code: &str, add: &mut dyn FnMut(&mut RejectReport)| {
        let (table, code) = (table.to_owned(), code.to_owned());
        let new = RejectReport { table: table.clone(), code: code.clone(), ..RejectReport::default() };
        add(rejects.entry((table, code)).or_insert(new));
    };
    for ((table, code), expected) in &written.rejects {
        entry(table, code, &mut |reject| reject.expected += expected);
    }
    for summary in &report.rejects {
        // A document that cannot be read at all belongs to no table.
        entry(summary.table.as_deref().unwrap_or_default(), &summary.code, &mut |reject| {
            reject.rejected += u64::try_from(summary.count).unwrap_or(0);
            reject.example.clone_from(&summary.example);
        });
    }
    rejects.into_values().collect()
}
