//! Compares `transfer` with `psql \copy … (FORMAT binary)` of the very same rows, encoded beforehand, into the
//! same bare tables: alternately, several times, in one run.
//!
//! Both are whole processes, timed from start to exit. What psql does not do (reading BSON, converting it,
//! checkpoints, progress) is in `transfer`'s time; its loading alone is shown beside it. The ratio
//! is the median of the rounds' ratios, since the two runs of a round see the same machine. See `bench/run`.

mod sockets;

use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use whimbrel::__private::schema::{migration, name::quote};
use whimbrel_bench::{CopyFile, Failure, bare_schema, dump, encode, median};
use whimbrel_scratch::Scratch;

/// Compares `transfer` with psql's binary `\copy` of the same rows.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How many documents the dump has
    #[arg(long, default_value_t = 1_000_000)]
    documents: u64,
    /// How often both are measured
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How many connections `transfer` loads with
    #[arg(long, default_value_t = 1)]
    jobs: u16,
    /// The database to use instead of a scratch server; its tables and enum types of the CRM are dropped
    #[arg(long)]
    database_url: Option<String>,
    /// Compare with this second address of the same database instead of psql: see `bench/sockets`
    #[arg(long, requires = "database_url")]
    compare_url: Option<String>,
}

fn main() -> ExitCode {
    // The measured process is this program once more, as a user's production binary is.
    if matches!(std::env::args().nth(1).as_deref(), Some("transfer" | "verify")) {
        return whimbrel_transfer::main();
    }
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

struct Measured {
    seconds: f64,
    /// The most memory the process had, where the system tells.
    peak: Option<u64>,
    /// What it wrote to stdout.
    output: String,
}

struct Round {
    psql: f64,
    transfer: f64,
    /// The part of `transfer` in which rows were sent.
    load: f64,
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (dump_folder, copy_folder) = (folder.path().join("dump"), folder.path().join("copy"));
    let written = dump(&dump_folder, arguments.documents)?;
    let files = encode(&dump_folder, &copy_folder)?;
    let (rows, bytes) =
        files.iter().fold((0, 0), |(rows, bytes), file| (rows + file.rows, bytes + file.bytes));
    println!(
        "{} documents, {} MB of BSON; {rows} rows in {} tables, {} MB of COPY",
        arguments.documents,
        written.bytes / 1_000_000,
        files.len(),
        bytes / 1_000_000
    );

    let scratch = if arguments.database_url.is_some() { None } else { Some(Scratch::installed()?) };
    let (url, psql) = match (&arguments.database_url, &scratch) {
        (Some(url), _) => (url.clone(), "psql".into()),
        (None, Some(scratch)) => {
            println!("{}", scratch.kind());
            (scratch.create_database("bench")?, scratch.program("psql").unwrap_or_else(|| "psql".into()))
        }
        (None, None) => return Err("no database".into()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(create(&url))?;
    if let Some(second) = &arguments.compare_url {
        return sockets::compare(&dump_folder, &files, [&url, second], arguments.rounds, &runtime);
    }

    let (mut rounds, mut peak) = (Vec::new(), 0);
    for number in 1..=arguments.rounds {
        runtime.block_on(empty(&url, &files))?;
        let copy = measure(&mut psql_command(&psql, &url, &files))?;
        runtime.block_on(expect(&url, &files))?;
        runtime.block_on(empty(&url, &files))?;
        let transfer = measure(&mut transfer_command(&dump_folder, &url, arguments.jobs)?)?;
        runtime.block_on(expect(&url, &files))?;
        let report: serde_json::Value = serde_json::from_str(&transfer.output)?;
        let load = report["load_seconds"].as_f64().ok_or("the report does not say how long it loaded")?;
        let round = Round { psql: copy.seconds, transfer: transfer.seconds, load };
        println!(
            "round {number}: psql {:.2} s; transfer {:.2} s, loading {load:.2} s of it; ratio {:.2}",
            round.psql,
            round.transfer,
            round.psql / round.transfer
        );
        peak = peak.max(transfer.peak.unwrap_or(0));
        rounds.push(round);
    }
    let middle = |of: fn(&Round) -> f64| median(&rounds.iter().map(of).collect::<Vec<_>>());
    #[expect(clippy::cast_precision_loss, reason = "a number of rows is far below 2^52")]
    let rate = |seconds: f64| rows as f64 / seconds;
    println!("psql \\copy … binary: {:.0} rows/s (median of {})", rate(middle(|r| r.psql)), rounds.len());
    println!(
        "transfer --jobs {}: {:.0} rows/s, {:.0} rows/s while loading",
        arguments.jobs,
        rate(middle(|r| r.transfer)),
        rate(middle(|r| r.load))
    );
    println!(
        "ratio: {:.2} of psql's rows/s, {:.2} while loading",
        middle(|r| r.psql / r.transfer),
        middle(|r| r.psql / r.load)
    );
    match peak {
        0 => println!("peak memory of transfer: this system does not tell"),
        peak => println!("peak memory of transfer: {} MiB", peak / 1024),
    }
    Ok(())
}

/// Makes the bare tables.
async fn create(url: &str) -> Result<(), Failure> {
    let schema = bare_schema();
    let mut connection = PgConnection::connect(url).await?;
    connection.execute("DROP SCHEMA IF EXISTS whimbrel CASCADE").await?;
    let tables = schema.tables.keys().map(|table| ("TABLE", table));
    for (kind, name) in tables.chain(schema.enums.keys().map(|name| ("TYPE", name))) {
        let sql = format!("DROP {kind} IF EXISTS {} CASCADE", quote(&name.name));
        connection.execute(AssertSqlSafe(sql)).await?;
    }
    let sql = migration::create(&schema)?;
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(connection.close().await?)
}

/// Empties the tables and forgets earlier transfers; what the server still has to write is not the next one's.
async fn empty(url: &str, files: &[CopyFile]) -> Result<(), Failure> {
    let mut connection = PgConnection::connect(url).await?;
    connection.execute("DROP SCHEMA IF EXISTS whimbrel CASCADE").await?;
    let tables: Vec<_> = files.iter().map(|file| quote(&file.table.name)).collect();
    connection.execute(AssertSqlSafe(format!("TRUNCATE {}", tables.join(", ")))).await?;
    connection.execute("CHECKPOINT").await?;
    Ok(connection.close().await?)
}

/// Both must have loaded everything.
async fn expect(url: &str, files: &[CopyFile]) -> Result<(), Failure> {
    let mut connection = PgConnection::connect(url).await?;
    for file in files {
        let sql = format!("SELECT count(*) FROM {}", quote(&file.table.name));
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await?;
        if u64::try_from(rows)? != file.rows {
            return Err(format!("{} has {rows} rows, not {}", file.table, file.rows).into());
        }
    }
    Ok(connection.close().await?)
}

fn psql_command(psql: &Path, url: &str, files: &[CopyFile]) -> Command {
    let mut command = Command::new(psql);
    command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url]);
    for file in files {
        command.arg("-c").arg(file.psql());
    }
    command
}

fn transfer_command(dump: &Path, url: &str, jobs: u16) -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    let (name, value) = whimbrel_transfer::terminal::GLIBC_TUNABLES;
    command.env(name, value).arg("transfer").arg("--from").arg(dump).args([
        "--to",
        url,
        "--quiet",
        "--json",
        "--jobs",
        &jobs.to_string(),
    ]);
    Ok(command)
}

/// Runs a process to its end.
fn measure(command: &mut Command) -> Result<Measured, Failure> {
    let started = Instant::now();
    // Neither writes more than a pipe holds before it ends.
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut peak = None;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak = whimbrel_scratch::peak_memory(child.id()).or(peak);
        std::thread::sleep(Duration::from_millis(5));
    };
    let seconds = started.elapsed().as_secs_f64();
    let mut output = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut output)?;
    }
    match status.success() {
        true => Ok(Measured { seconds, peak, output }),
        false => Err(format!("{} ended with {status}", command.get_program().display()).into()),
    }
}
