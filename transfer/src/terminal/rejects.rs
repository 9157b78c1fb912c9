//! `rejects`.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use sqlx::postgres::PgConnectOptions;
use whimbrel::__private::redact::ConnectUrl;

use super::format::{counted, table};
use super::style::{DONE, ERROR, STRONG, WARNING};
use super::{OK, OutputArgs, print_json, printable, progress, report_error, reveal, signals};
use crate::digest::Digest;
use crate::error::{Remedies, TransferError};
use crate::reject::{RejectEntry, RejectFilter, Rejects, Retry, RetryReport, extended_json};
use tokio_util::sync::CancellationToken;

/// `rejects`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(after_help = "Examples:\n  \
                  rejects list --code type_mismatch\n  \
                  rejects show 17\n  \
                  rejects export --collection people --output people.bson\n  \
                  rejects retry --table people")]
pub struct RejectsArgs {
    /// The PostgreSQL to work on; otherwise --database-url or DATABASE_URL
    #[arg(long, value_name = "URL", global = true)]
    #[serde(serialize_with = "reveal")]
    pub to: Option<ConnectUrl>,
    /// What to do with them.
    #[command(subcommand)]
    pub action: RejectsAction,
}

/// What to do with rejects.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectsAction {
    /// List rejects, one a line
    List {
        /// Which.
        #[command(flatten)]
        filter: FilterArgs,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// Show rejects with their documents as extended JSON
    Show {
        /// Their numbers in whimbrel.rejects
        #[arg(value_name = "ID", required = true)]
        ids: Vec<i64>,
    },
    /// Write rejected documents into a file, as the source had them
    Export {
        /// The file; one whose name ends in .bson gets the documents as they are, another one a line of JSON for each reject, with its document in it
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        /// Which.
        #[command(flatten)]
        filter: FilterArgs,
    },
    /// Insert the rows that are missing, after the models or other rows were corrected; exit code 1: some are left
    Retry {
        /// Which.
        #[command(flatten)]
        filter: FilterArgs,
    },
}

/// Which rejects.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub struct FilterArgs {
    /// Their numbers in whimbrel.rejects; all unless given
    #[arg(value_name = "ID")]
    pub ids: Vec<i64>,
    /// Only documents of this collection
    #[arg(long)]
    pub collection: Option<String>,
    /// Only rows meant for this table
    #[arg(long)]
    pub table: Option<String>,
    /// Only this kind of reason: type_mismatch, bad_reference, …
    #[arg(long)]
    pub code: Option<String>,
}

impl FilterArgs {
    fn filter(&self) -> RejectFilter {
        let FilterArgs { ids, collection, table, code } = self.clone();
        RejectFilter { ids, collection, table, code }
    }
}

impl RejectsArgs {
    /// Whether the program must link the models.
    pub fn needs_models(&self) -> bool {
        matches!(self.action, RejectsAction::Retry { .. })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn failed(error: TransferError) -> u8 {
    let hint = match error {
        TransferError::NoSuchReject { .. } => Some("`whimbrel rejects list` shows all".to_owned()),
        _ => error.remedy(&REMEDIES),
    };
    report_error(&error, hint)
}

const REMEDIES: Remedies = Remedies {
    resume: "`transfer --resume`",
    clean: "`transfer --clean`",
    abort: "`transfer --abort`",
    wait: "another attempt",
    again: "repeat the command",
};

/// Runs it; gives the exit code.
pub(super) async fn run(command: &RejectsArgs, output: &OutputArgs) -> Result<u8, u8> {
    let target = super::target(command.to.as_ref())?;
    match &command.action {
        RejectsAction::List { filter, limit } => {
            let (filter, wanted) = (filter.filter(), limit.saturating_add(1));
            let read =
                async |rejects: &mut Rejects| rejects.list(&filter, Some(wanted)).await.map_err(failed);
            let mut entries = reading(&target, read).await?;
            let more = entries.len() as u64 > limit.unsigned_abs();
            if more {
                entries.pop();
            }
            list(&entries, more, output)
        }
        RejectsAction::Show { ids } => {
            let filter = RejectFilter { ids: ids.clone(), ..RejectFilter::default() };
            let read = async |rejects: &mut Rejects| documents(rejects, &filter, None, output).await;
            reading(&target, read).await.map(|_| OK)
        }
        RejectsAction::Export { filter, output: file } => {
            let filter = filter.filter();
            let read = async |rejects: &mut Rejects| documents(rejects, &filter, Some(file), output).await;
            reading(&target, read).await.map(|_| OK)
        }
        RejectsAction::Retry { filter } => retry(target, filter.filter(), output).await,
    }
}

async fn reading<T>(
    target: &PgConnectOptions,
    work: impl AsyncFnOnce(&mut Rejects) -> Result<T, u8>,
) -> Result<T, u8> {
    let mut rejects = Rejects::connect(target).await.map_err(failed)?;
    let result = work(&mut rejects).await;
    rejects.close().await;
    result
}

fn list(entries: &[RejectEntry], more: bool, output: &OutputArgs) -> Result<u8, u8> {
    if output.json {
        print_json(&entries)?;
        return Ok(OK);
    }
    let mut table = table(["id", "collection", "_id", "table", "code", "reason"]);
    for entry in entries {
        let index = entry.ordinal.map(|ordinal| format!("[{ordinal}]")).unwrap_or_default();
        table.add_row([
            entry.id.to_string(),
            entry.collection.clone(),
            entry.document_id.clone().unwrap_or_default(),
            format!("{}{index}", entry.table.as_deref().unwrap_or_default()),
            entry.code.clone(),
            at_path(entry),
        ]);
    }
    if !entries.is_empty() {
        writeln!(anstream::stdout(), "{}", printable(&table.to_string(), false))
            .map_err(|error| unwritten(None, &error))?;
    }
    if !output.quiet {
        let last = match (entries.len(), more) {
            (0, _) => "no rejects".to_owned(),
            (count, false) => counted(count as u64, "reject"),
            (count, true) => format!("the first {count}; --limit shows more"),
        };
        writeln!(anstream::stderr(), "{last}").ok();
    }
    Ok(OK)
}

fn unwritten(file: Option<&Path>, error: &std::io::Error) -> u8 {
    let place = file.map_or_else(|| "stdout".to_owned(), |file| file.display().to_string());
    report_error(&format!("cannot write to {place}: {error}"), None)
}

fn at_path(entry: &RejectEntry) -> String {
    let path = entry.path.as_deref().filter(|path| !path.is_empty());
    path.map_or_else(|| entry.reason.clone(), |path| format!("{path}: {}", entry.reason))
}

/// Shows documents, or writes them into a file; gives their number.
async fn documents(
    rejects: &mut Rejects,
    filter: &RejectFilter,
    file: Option<&Path>,
    output: &OutputArgs,
) -> Result<u64, u8> {
    let mut sink = Sink::open(file, output.json)?;
    let mut written = Ok(());
    let each = |entry: RejectEntry, document: &[u8]| {
        if written.is_ok() {
            written = sink.write(&entry, document);
        }
    };
    rejects.documents(filter, each).await.map_err(failed)?;
    let written = written.and_then(|()| sink.out.flush());
    if let Some(file) = file {
        let replaced = written.and_then(|()| std::fs::rename(partial(file), file));
        replaced.map_err(|error| {
            std::fs::remove_file(partial(file)).ok();
            unwritten(Some(file), &error)
        })?;
    } else {
        written.map_err(|error| unwritten(None, &error))?;
    }
    if let Some(file) = file
        && !output.quiet
    {
        let unreadable = match sink.unreadable {
            0 => String::new(),
            count => {
                format!("; {} left out, since BSON cannot hold them", counted(count, "malformed document"))
            }
        };
        let written = counted(sink.count, if sink.bson { "document" } else { "reject" });
        writeln!(anstream::stderr(), "{written} written to {}{unreadable}", file.display()).ok();
    }
    Ok(sink.count)
}

/// Where a file's contents stand until all of them are written.
fn partial(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

struct Sink {
    out: Box<dyn Write>,
    /// Lines of JSON rather than text for people.
    json: bool,
    /// Documents as they are, each once.
    bson: bool,
    seen: HashSet<Digest>,
    /// The collection whose documents a .bson file has.
    collection: Option<String>,
    count: u64,
    unreadable: u64,
}

impl Sink {
    fn open(file: Option<&Path>, json: bool) -> Result<Self, u8> {
        let out: Box<dyn Write> = match file {
            Some(file) => Box::new(BufWriter::new(
                File::create(partial(file)).map_err(|error| unwritten(Some(file), &error))?,
            )),
            None => Box::new(anstream::stdout()),
        };
        let bson = file.and_then(Path::extension).is_some_and(|ending| ending.eq_ignore_ascii_case("bson"));
        let json = json || file.is_some();
        Ok(Sink { out, json, bson, seen: HashSet::new(), collection: None, count: 0, unreadable: 0 })
    }

    fn write(&mut self, entry: &RejectEntry, document: &[u8]) -> std::io::Result<()> {
        if self.bson {
            if entry.table.is_none() {
                self.unreadable += 1;
                return Ok(());
            }
            if *self.collection.get_or_insert_with(|| entry.collection.clone()) != entry.collection {
                return Err(std::io::Error::other(
                    "a .bson file has documents of one collection: name it with --collection",
                ));
            }
            if !self.seen.insert(Digest::of(document)) {
                return Ok(());
            }
            self.count += 1;
            return self.out.write_all(document);
        }
        self.count += 1;
        if self.json {
            return writeln!(self.out, "{}", entry.to_json(document)?);
        }
        let RejectEntry { id, collection, code, .. } = entry;
        let table = entry.table.as_deref().map(|table| format!(" -> {table}")).unwrap_or_default();
        let place = printable(&format!("{collection}{table}  {code}  {}", at_path(entry)), false);
        writeln!(self.out, "{STRONG}{id}{STRONG:#}  {place}")?;
        match extended_json(document) {
            Some(text) => writeln!(self.out, "{}", printable(&text, false)),
            None => writeln!(self.out, "{} bytes that are not a document", document.len()),
        }
    }
}

async fn retry(target: PgConnectOptions, filter: RejectFilter, output: &OutputArgs) -> Result<u8, u8> {
    let stop = CancellationToken::new();
    let signals = signals::watch(stop.clone(), "the same command continues");
    let retry = Retry::new(target).only(filter).stop(stop);
    let result = retry.run(progress(output.quiet, output.verbose > 0).as_ref()).await;
    signals.abort();
    let report = result.map_err(failed)?;
    if !output.quiet {
        // If stderr cannot be written to, there is still the exit code.
        render(&report).ok();
    }
    if output.json {
        print_json(&report)?;
    }
    Ok(report.exit_code())
}

fn render(report: &RetryReport) -> std::io::Result<()> {
    let mut out = anstream::stderr();
    for (table, rows) in &report.rows {
        writeln!(out, "  {} inserted into {table}", counted(*rows, "row"))?;
    }
    if report.unknown > 0 {
        let unknown = counted(report.unknown, "reject");
        writeln!(out, "{WARNING}note:{WARNING:#} this program has no transform for {unknown}")?;
    }
    let (resolved, left) = (counted(report.resolved, "reject"), counted(report.rejected, "reject"));
    match report.rejected {
        0 => writeln!(out, "{DONE}{resolved} resolved{DONE:#}, none left"),
        _ => writeln!(out, "{resolved} resolved; {ERROR}{left} left{ERROR:#} in whimbrel.rejects"),
    }
}
