//! A running MongoDB as a source.
//!
//! Documents are read in the order of `_id`, so that a position is an `_id` and reading goes on after it,
//! whatever types the `_id`s have: the bounds are bounds of the index on `_id`, not `$gt`, which compares only
//! within one type.
//!
//! All readers of one source see the same moment (a snapshot, MongoDB 5 and newer, replica sets and shards) as long
//! as the server keeps it, by default five minutes. Where there is no snapshot, or it has become too old, documents
//! are read as they are when their turn comes: stop writers before a final transfer, and let `verify` tell.

use std::future::Future;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bson::{Bson, Document, Timestamp, doc};
use futures_util::TryStreamExt;
use mongodb::options::{ClientOptions, SessionOptions};
use mongodb::results::CollectionType;
use mongodb::{Client, Database};
use tokio::runtime::Runtime;
use whimbrel::__private::redact::ConnectUrl;

use super::mongo_reader::{MongoReader, key_position, parse_key};
use super::{CollectionInfo, Range, Reader, Source, SourceError};

/// Parts smaller than this many documents are not worth making.
const SMALLEST_PART: u64 = 1000;
/// How many keys are looked at for each border between parts.
const SAMPLES_PER_PART: usize = 64;

/// A database of a running MongoDB.
pub struct MongoSource {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    runtime: Option<Runtime>,
    pub database: Database,
    /// The moment that all readers see, where the server can show one.
    pub snapshot: Option<Timestamp>,
    pub server: String,
    url: ConnectUrl,
    collections: Vec<String>,
    notes: Vec<String>,
}

impl std::fmt::Debug for MongoSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MongoSource").field("server", &self.inner.server).finish_non_exhaustive()
    }
}

impl MongoSource {
    /// Connects to the database that a `mongodb://` or `mongodb+srv://` URL names.
    ///
    /// # Errors
    /// When the URL is wrong or names no database, or the server cannot be reached or refuses.
    pub fn connect(url: &str) -> Result<Self, SourceError> {
        let url = ConnectUrl::from(url);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("whimbrel-mongodb")
            .enable_all()
            .build()
            .map_err(|e| SourceError::argument(format!("cannot start threads to read with: {e}"), ""))?;
        let connected = wait(&runtime, connect(url));
        match connected.unwrap_or_else(|| Err(stopped("MongoDB"))) {
            Ok(mut inner) => {
                inner.runtime = Some(runtime);
                Ok(Self { inner: Arc::new(inner) })
            }
            Err(error) => {
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    fn check(&self, collection: &str) -> Result<(), SourceError> {
        if self.inner.collections.iter().any(|name| name == collection) {
            return Ok(());
        }
        Err(SourceError::no_collection(self, collection, &self.inner.collections))
    }
}

impl Source for MongoSource {
    fn describe(&self) -> String {
        format!("MongoDB {}", self.inner.server)
    }

    fn collections(&self) -> Result<Vec<CollectionInfo>, SourceError> {
        let inner = Arc::clone(&self.inner);
        self.inner.run(async move {
            let mut infos = Vec::with_capacity(inner.collections.len());
            for name in &inner.collections {
                let documents = inner.database.collection::<Document>(name).estimated_document_count().await;
                let documents = documents.map_err(|e| inner.error("count documents", &e))?;
                let bytes = data_size(&inner.database, name).await;
                infos.push(CollectionInfo {
                    name: name.clone(),
                    documents: Some(documents),
                    bytes,
                    version: None,
                });
            }
            Ok(infos)
        })
    }

    fn notes(&self) -> Vec<String> {
        self.inner.notes.clone()
    }

    fn split(&self, collection: &str, parts: usize) -> Result<Vec<Range>, SourceError> {
        self.check(collection)?;
        let (inner, collection) = (Arc::clone(&self.inner), collection.to_owned());
        self.inner.run(async move {
            let keys = border_keys(&inner, &collection, parts).await?;
            let mut borders: Vec<_> = keys.into_iter().map(key_position).collect();
            borders.dedup();
            Ok(crate::split::ranges_between(borders))
        })
    }

    fn open(&self, collection: &str, range: &Range) -> Result<Box<dyn Reader>, SourceError> {
        self.check(collection)?;
        let (after, until) = range.parse(|position| parse_key(position, &self.inner.server))?;
        Ok(Box::new(MongoReader::new(Arc::clone(&self.inner), collection, after, until)))
    }
}

impl Inner {
    /// Runs something on the source's own threads and waits for it, from whatever thread.
    pub fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, SourceError>> + Send + 'static,
    ) -> Result<T, SourceError> {
        let result = self.runtime.as_ref().and_then(|runtime| wait(runtime, work));
        result.unwrap_or_else(|| Err(stopped(&self.server)))
    }

    /// Runs something on the source's own threads; the receiver gets its result.
    pub fn start<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<mpsc::Receiver<T>> {
        self.runtime.as_ref().map(|runtime| start(runtime, work))
    }

    pub fn error(&self, action: &str, error: &mongodb::error::Error) -> SourceError {
        server_error(&self.server, &self.url, action, error)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // An ordinary drop waits, and must not do so on an asynchronous thread.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn start<T: Send + 'static>(
    runtime: &Runtime,
    work: impl Future<Output = T> + Send + 'static,
) -> mpsc::Receiver<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    runtime.spawn(async move {
        // A receiver that is gone is not an error: the reader was dropped.
        let _ = sender.send(work.await);
    });
    receiver
}

fn wait<T: Send + 'static>(runtime: &Runtime, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    start(runtime, work).recv().ok()
}

pub(super) fn stopped(server: &str) -> SourceError {
    SourceError::Server {
        server: server.to_owned(),
        action: "read".into(),
        message: "the thread that reads has stopped".into(),
        hint: String::new(),
    }
}

async fn connect(url: ConnectUrl) -> Result<Inner, SourceError> {
    let mut options = ClientOptions::parse(url.reveal()).await.map_err(|e| {
        let hint = "it should read mongodb://USER:PASSWORD@HOST:PORT/DATABASE; percent-encode what is special in \
                    the password";
        SourceError::argument(format!("the MongoDB URL is wrong: {}", url.redact(&e.to_string())), hint)
    })?;
    let hosts: Vec<_> = options.hosts.iter().map(ToString::to_string).collect();
    let hosts = hosts.join(",");
    let name = options.default_database.clone().ok_or_else(|| {
        SourceError::argument(
            format!("the MongoDB URL of {hosts} names no database"),
            "put it after the hosts: mongodb://HOST:PORT/DATABASE",
        )
    })?;
    let server = format!("{hosts}/{name}");
    let failed = |action: &str, e: &mongodb::error::Error| server_error(&server, &url, action, e);
    options.app_name.get_or_insert_with(|| "whimbrel".into());
    options.server_selection_timeout.get_or_insert(Duration::from_secs(10));
    let client = Client::with_options(options).map_err(|e| failed("connect", &e))?;
    let database = client.database(&name);
    database.run_command(doc! { "ping": 1 }).await.map_err(|e| failed("connect", &e))?;
    let (collections, mut notes) = list(&database).await.map_err(|e| failed("list collections", &e))?;
    let snapshot = take_snapshot(&client, &database, collections.first()).await;
    if snapshot.is_none() && !collections.is_empty() {
        notes.push(
            "the server shows no snapshot: documents are read as they are when their turn comes; writers should rest \
             meanwhile"
                .into(),
        );
    }
    Ok(Inner { runtime: None, database, snapshot, server, url, collections, notes })
}

async fn list(database: &Database) -> mongodb::error::Result<(Vec<String>, Vec<String>)> {
    let (mut names, mut notes) = (Vec::new(), Vec::new());
    let mut listed = database.list_collections().await?;
    while let Some(entry) = listed.try_next().await? {
        match entry.collection_type {
            _ if entry.name.starts_with("system.") => {}
            CollectionType::View => notes.push(format!("{} is a view and is not read", entry.name)),
            // Their `_id`s have no index and may repeat, so that reading could not go on after one.
            CollectionType::Timeseries => {
                notes.push(format!(
                    "{} is a time series and is not read: export it with mongoexport",
                    entry.name
                ));
            }
            _ => names.push(entry.name),
        }
    }
    names.sort();
    notes.sort();
    Ok((names, notes))
}

/// The present moment as a snapshot, or `None` where the server cannot show one: standalone servers, servers
/// before 5.0. What it says to the attempt does not matter: reading goes on without.
async fn take_snapshot(
    client: &Client,
    database: &Database,
    collection: Option<&String>,
) -> Option<Timestamp> {
    let options = SessionOptions::builder().snapshot(true).build();
    let mut session = client.start_session().with_options(options).await.ok()?;
    let collection = database.collection::<Document>(collection?);
    collection.find_one(doc! {}).session(&mut session).await.ok()?;
    session.snapshot_time()
}

/// How large a collection is; only for progress, so that a server that does not tell is not an error.
async fn data_size(database: &Database, collection: &str) -> Option<u64> {
    let stats = database.run_command(doc! { "collStats": collection }).await.ok()?;
    match stats.get("size")? {
        Bson::Int32(size) => u64::try_from(*size).ok(),
        Bson::Int64(size) => u64::try_from(*size).ok(),
        Bson::Double(size) if *size >= 0.0 => Some(*size as u64),
        _ => None,
    }
}

/// The `_id`s that part a collection, in the server's order.
async fn border_keys(inner: &Inner, name: &str, parts: usize) -> Result<Vec<Bson>, SourceError> {
    let collection = inner.database.collection::<Document>(name);
    let count =
        collection.estimated_document_count().await.map_err(|e| inner.error("count documents", &e))?;
    let parts = (parts as u64).min(count / SMALLEST_PART).max(1) as usize;
    if parts == 1 {
        return Ok(Vec::new());
    }
    let pipeline = [
        doc! { "$sample": { "size": (parts * SAMPLES_PER_PART) as i64 } },
        doc! { "$project": { "_id": 1 } },
        doc! { "$sort": { "_id": 1 } },
    ];
    let sampled = async {
        let cursor = collection.aggregate(pipeline).await?;
        cursor.try_collect::<Vec<Document>>().await
    };
    let sample = sampled.await.map_err(|e| inner.error("take a sample of the keys", &e))?;
    let keys: Vec<Bson> = sample.into_iter().filter_map(|mut document| document.remove("_id")).collect();
    Ok((1..parts).filter_map(|part| keys.get(keys.len() * part / parts).cloned()).collect())
}

fn server_error(server: &str, url: &ConnectUrl, action: &str, error: &mongodb::error::Error) -> SourceError {
    use mongodb::error::ErrorKind;
    let hint = match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => {
            "check user and password; ?authSource=admin names the database that knows the user"
        }
        ErrorKind::ServerSelection { .. } | ErrorKind::DnsResolve { .. } | ErrorKind::Io(_) => {
            "is the server running, and can it be reached from here?"
        }
        ErrorKind::Command(command) if command.code == 13 => "the user needs the role `read` on the database",
        _ => "",
    };
    SourceError::Server {
        server: server.to_owned(),
        action: action.to_owned(),
        message: url.redact(&error.to_string()),
        hint: hint.to_owned(),
    }
}
