//! Databases, dumps and ways to look at what came of them.

use std::io::Write;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bson::oid::ObjectId;
use bson::{RawDocumentBuf, rawdoc};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use whimbrel_scratch::Scratch;
use whimbrel_transfer::Models;
use whimbrel_transfer::progress::{Counts, Expected, Progress};
use whimbrel_transfer::source::{DumpSource, Limit, MemorySource, Source};
use whimbrel_transfer::{CancellationToken, Transfer};

pub use whimbrel_scratch::for_tests as scratch;

/// An empty database with the tables of the models.
pub async fn database(scratch: &Scratch) -> String {
    let url = scratch.create_database("engine").unwrap();
    execute(&url, super::models::DDL).await;
    url
}

pub async fn connect(url: &str) -> PgConnection {
    PgConnectOptions::from_str(url).unwrap().connect().await.unwrap()
}

pub async fn execute(url: &str, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connect(url).await).await.unwrap();
}

/// The values of a query's first column, as text.
pub async fn texts(url: &str, sql: &str) -> Vec<String> {
    let sql = format!("SELECT coalesce(x::text, 'NULL') FROM ({sql}) AS q(x)");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connect(url).await).await.unwrap()
}

pub async fn count(url: &str, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {sql}")))
        .fetch_one(&mut connect(url).await)
        .await
        .unwrap()
}

/// Every constraint, index and trigger of the target tables, with comments and statistics targets, as the server prints them.
pub async fn definitions(url: &str) -> Vec<String> {
    texts(
        url,
        "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || coalesce(' -- ' || obj_description(oid), '') \
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' \
         UNION ALL SELECT pg_get_indexdef(indexrelid) || coalesce(' -- ' || obj_description(indexrelid), '') \
         || coalesce((SELECT ' ' || max(attstattarget) FROM pg_attribute WHERE attrelid = indexrelid AND attstattarget >= 0), '') FROM pg_index \
         WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) \
         UNION ALL SELECT tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    )
    .await
}

/// Everything in the target tables and the rejects, in an order of its own.
pub async fn contents(url: &str) -> Vec<String> {
    texts(
        url,
        "SELECT 'team ' || t::text FROM teams t \
         UNION ALL SELECT 'person ' || row(id, team, boss, email, age, extra)::text FROM people \
         UNION ALL SELECT 'phone ' || p::text FROM phones p \
         UNION ALL SELECT 'reject ' || row(collection, document_id, \"table\", ordinal, path, \"column\", code, document, row_digest)::text \
         FROM whimbrel.rejects ORDER BY 1",
    )
    .await
}

/// An ObjectId by number.
pub fn oid(number: u32) -> ObjectId {
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&(0x5000_0000 + number).to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    ObjectId::from_bytes(bytes)
}

pub fn team(number: u32) -> RawDocumentBuf {
    rawdoc! { "_id": oid(number), "name": format!("team {number}") }
}

/// Person `number` in team 1, 2 or 3, with one or two phones.
pub fn person(number: u32) -> RawDocumentBuf {
    let id = oid(1000 + number);
    let (email, age) = (format!("p{number}@example.org"), (number % 90) as i32);
    if number.is_multiple_of(2) {
        rawdoc! { "_id": id, "team": oid(1 + number % 3), "email": email, "age": age, "phones": ["1"], "nick": "x" }
    } else {
        rawdoc! { "_id": id, "team": oid(1 + number % 3), "boss": oid(999 + number), "email": email, "age": age, "phones": ["1", "2"] }
    }
}

/// Three teams and so many people, all good.
pub fn good(people: u32) -> MemorySource {
    let mut source = MemorySource::new();
    source.add("teams", (1..=3).map(team));
    source.add("people", (0..people).map(person));
    source
}

/// Writes a dump folder.
pub fn dump(folder: &Path, collections: &[(&str, Vec<RawDocumentBuf>)]) {
    for (name, documents) in collections {
        let mut file =
            std::io::BufWriter::new(std::fs::File::create(folder.join(format!("{name}.bson"))).unwrap());
        for document in documents {
            file.write_all(document.as_bytes()).unwrap();
        }
        file.flush().unwrap();
    }
}

pub fn open(folder: &Path) -> Arc<dyn Source> {
    Arc::new(DumpSource::open(folder, None).unwrap())
}

/// A transfer of a source into a database, with small batches.
pub fn transfer(source: Arc<dyn Source>, url: &str) -> Transfer {
    transfer_to(source, PgConnectOptions::from_str(url).unwrap())
}

pub fn transfer_to(source: Arc<dyn Source>, target: PgConnectOptions) -> Transfer {
    Transfer::new(source, target).models(Models::default()).batch(Limit { documents: 50, bytes: 1 << 20 })
}

/// Asks a transfer to stop after so many batches, or when a step's text contains something.
pub struct StopAt {
    pub stop: CancellationToken,
    pub batches: usize,
    pub step: Option<&'static str>,
    pub seen: AtomicUsize,
}

impl StopAt {
    pub fn batch(batches: usize) -> Arc<Self> {
        Arc::new(StopAt { stop: CancellationToken::new(), batches, step: None, seen: AtomicUsize::new(0) })
    }

    pub fn step(step: &'static str) -> Arc<Self> {
        Arc::new(StopAt {
            stop: CancellationToken::new(),
            batches: usize::MAX,
            step: Some(step),
            seen: AtomicUsize::new(0),
        })
    }
}

impl Progress for StopAt {
    fn begin(&self, _: &[Expected]) {}

    fn advance(&self, _: usize, _: Counts) {
        if self.seen.fetch_add(1, Ordering::SeqCst) + 1 >= self.batches {
            self.stop.cancel();
        }
    }

    fn loaded(&self) {}

    fn step(&self, text: &str) {
        if self.step.is_some_and(|step| text.contains(step)) {
            self.stop.cancel();
        }
    }

    fn note(&self, _: &str) {}

    fn end(&self) {}
}

/// Compares a dump with what has arrived, value by value.
pub async fn verified(folder: &Path, url: &str) {
    let verify = whimbrel_transfer::Verify::new(open(folder), url.parse().unwrap()).max_rejects(None);
    let report = verify.run().await.unwrap();
    assert!(report.ok, "{}", whimbrel_transfer::terminal::render_verify(&report));
}
