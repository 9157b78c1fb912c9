//! Reads one range of a running MongoDB's collection in the order of `_id`.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use bson::raw::{RawDocument, RawDocumentBuf};
use bson::{Bson, Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{FindOptions, Hint, SessionOptions};
use mongodb::{ClientSession, Collection, Cursor, SessionCursor};

use super::mongo::{Inner, stopped};
use super::{Chunk, Limit, Malformed, Position, Reader, SourceError, structure};

/// How often in a row a transient error is met with another try.
const TRIES: u32 = 6;
/// How long the first of these pauses is; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// A position from an `_id`: canonical Extended JSON.
pub(super) fn key_position(key: Bson) -> Position {
    Position::new(key.into_canonical_extjson().to_string())
}

/// The `_id` that a position tells.
pub(super) fn parse_key(position: &Position, server: &str) -> Result<Bson, SourceError> {
    let bad = |reason: String| SourceError::BadPosition {
        position: position.to_string(),
        source_name: server.to_owned(),
        reason,
    };
    let mut bytes = Vec::new();
    super::to_bson(&format!("{{\"_id\":{position}}}"), &mut bytes).map_err(|e| bad(e.to_string()))?;
    let document = Document::from_reader(bytes.as_slice()).map_err(|e| bad(e.to_string()))?;
    document.get("_id").cloned().ok_or_else(|| bad("it should be an _id".into()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Up to the last key, without it: upper bounds of an index leave out the bound itself.
    Between,
    Last,
    Done,
}

enum Query {
    Plain(Cursor<RawDocumentBuf>),
    Snapshot(SessionCursor<RawDocumentBuf>, Box<ClientSession>),
}

/// What goes from one chunk to the next.
struct State {
    inner: Arc<Inner>,
    collection: Collection<RawDocumentBuf>,
    after: Option<Bson>,
    until: Option<Bson>,
    stage: Stage,
    query: Option<Query>,
    snapshot: bool,
    /// Whether the server takes bounds of the index; if not, an expression compares as slowly as it must.
    bounds: bool,
    failures: u32,
}

type Fetched = (State, Result<Option<Chunk>, SourceError>);

/// Reads one range. While a chunk is worked on, the next one is fetched, with the same limit.
pub(super) struct MongoReader {
    inner: Arc<Inner>,
    pending: Option<mpsc::Receiver<Fetched>>,
    state: Option<State>,
    failed: Option<SourceError>,
}

impl MongoReader {
    pub fn new(inner: Arc<Inner>, collection: &str, after: Option<Bson>, until: Option<Bson>) -> Self {
        let state = State {
            collection: inner.database.collection(collection),
            snapshot: inner.snapshot.is_some(),
            inner: Arc::clone(&inner),
            after,
            until,
            stage: Stage::Between,
            query: None,
            bounds: true,
            failures: 0,
        };
        Self { inner, pending: None, state: Some(state), failed: None }
    }

    fn start(&mut self, limit: Limit) {
        if let Some(mut state) = self.state.take() {
            self.pending = self.inner.start(async move {
                let result = state.fetch(limit).await;
                (state, result)
            });
        }
    }
}

impl Reader for MongoReader {
    fn next_chunk(&mut self, limit: Limit) -> Result<Option<Chunk>, SourceError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if self.pending.is_none() {
            self.start(limit);
        }
        let Some((state, result)) = self.pending.take().and_then(|pending| pending.recv().ok()) else {
            return Err(self.failed.insert(stopped(&self.inner.server)).clone());
        };
        let more = state.stage != Stage::Done;
        self.state = Some(state);
        match result {
            Ok(chunk) => {
                if more {
                    self.start(limit);
                }
                Ok(chunk)
            }
            Err(error) => Err(self.failed.insert(error).clone()),
        }
    }
}

impl Query {
    async fn advance(&mut self) -> Result<bool, Error> {
        match self {
            Self::Plain(cursor) => cursor.advance().await,
            Self::Snapshot(cursor, session) => cursor.advance(session).await,
        }
    }

    /// The document that the last successful `advance` found.
    fn current(&self) -> &RawDocument {
        match self {
            Self::Plain(cursor) => cursor.current(),
            Self::Snapshot(cursor, _) => cursor.current(),
        }
    }
}

impl State {
    /// Collects documents until the limit or the end.
    async fn fetch(&mut self, limit: Limit) -> Result<Option<Chunk>, SourceError> {
        let mut chunk = Chunk::new(Position::new(""));
        let mut taken = 0;
        while self.stage != Stage::Done && !limit.reached(chunk.documents(), taken) {
            match self.step(&mut chunk).await {
                Ok(bytes) => {
                    taken += bytes;
                    if bytes > 0 {
                        self.failures = 0;
                    }
                }
                Err(error) => self.recover(error).await?,
            }
        }
        if chunk.is_empty() {
            return Ok(None);
        }
        if let Some(key) = &self.after {
            chunk.position_after = key_position(key.clone());
        }
        Ok(Some(chunk))
    }

    /// Takes one document; gives its bytes, 0 when the query had none left.
    async fn step(&mut self, chunk: &mut Chunk) -> Result<usize, Error> {
        if self.query.is_none() {
            self.query = Some(self.open().await?);
        }
        let Some(query) = &mut self.query else { return Ok(0) };
        if !query.advance().await? {
            self.query = None;
            self.stage = match self.stage {
                Stage::Between if self.until.is_some() => Stage::Last,
                _ => Stage::Done,
            };
            return Ok(0);
        }
        let document = query.current();
        let length = document.as_bytes().len();
        let before = self.after.clone();
        match structure::check(document.as_bytes()) {
            Ok(()) => chunk.push(document),
            Err(flaw) => chunk.malformed.push(Malformed {
                bytes: document.as_bytes().to_vec(),
                position: key_position(before.unwrap_or(Bson::MinKey)),
                reason: format!("{}.{}: {flaw}", self.inner.server, self.collection.name()),
            }),
        }
        if let Ok(Some(key)) = document.get("_id")
            && let Ok(key) = Bson::try_from(key)
        {
            self.after = Some(key);
        }
        Ok(length)
    }

    /// Asks the server. (`&mut`, because a cursor cannot be looked at from two threads.)
    async fn open(&mut self) -> Result<Query, Error> {
        let (filter, options) = self.query();
        if self.snapshot
            && let Some(time) = self.inner.snapshot
        {
            let session = SessionOptions::builder().snapshot(true).snapshot_time(time).build();
            let client = self.inner.database.client();
            let mut session = Box::new(client.start_session().with_options(session).await?);
            let found = self.collection.find(filter).with_options(options).session(&mut *session).await?;
            return Ok(Query::Snapshot(found, session));
        }
        Ok(Query::Plain(self.collection.find(filter).with_options(options).await?))
    }

    fn query(&self) -> (Document, FindOptions) {
        let mut filter = Document::new();
        let mut options =
            FindOptions::builder().sort(doc! { "_id": 1 }).hint(Hint::Keys(doc! { "_id": 1 })).build();
        match (self.stage, &self.until) {
            (Stage::Last, Some(until)) => {
                filter.insert("_id", doc! { "$eq": until.clone() });
            }
            _ if self.bounds => {
                if let Some(after) = &self.after {
                    // The lower bound is part of its range, but was read already.
                    options.min = Some(doc! { "_id": after.clone() });
                    filter.insert("_id", doc! { "$ne": after.clone() });
                }
                options.max = self.until.clone().map(|until| doc! { "_id": until });
            }
            _ => {
                options.hint = None;
                options.allow_disk_use = Some(true);
                let literal = |key: &Bson| doc! { "$literal": key.clone() };
                let mut conditions = Vec::new();
                conditions.extend(self.after.iter().map(|key| doc! { "$gt": ["$_id", literal(key)] }));
                conditions.extend(self.until.iter().map(|key| doc! { "$lt": ["$_id", literal(key)] }));
                if !conditions.is_empty() {
                    filter.insert("$expr", doc! { "$and": conditions });
                }
            }
        }
        (filter, options)
    }

    async fn recover(&mut self, error: Error) -> Result<(), SourceError> {
        self.query = None;
        if self.snapshot && has_code(&error, &SNAPSHOT_GONE) {
            tracing::warn!(
                collection = self.collection.name(),
                "the snapshot cannot be read any more, documents are read as they are from here on: {}",
                self.inner.error("read", &error)
            );
            self.snapshot = false;
            return Ok(());
        }
        if self.bounds && has_code(&error, &BOUNDS_REFUSED) {
            self.bounds = false;
            return Ok(());
        }
        self.failures += 1;
        if !is_transient(&error) || self.failures >= TRIES {
            return Err(self.inner.error(&format!("read collection {}", self.collection.name()), &error));
        }
        tokio::time::sleep(FIRST_PAUSE * 2u32.pow(self.failures - 1)).await;
        Ok(())
    }
}

/// Errors after which the same query may succeed soon: the connection broke, the primary changed, the cursor was
/// lost (43, which asking again after the last key corrects). From MongoDB's specification of retryable reads.
const TRANSIENT: [i32; 14] = [6, 7, 43, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436];

/// The snapshot is too old (239), unavailable (246, 237), or snapshots are not known here.
const SNAPSHOT_GONE: [i32; 7] = [20, 72, 115, 237, 239, 246, 263];

/// The server does not know bounds of an index, or there is no such index.
const BOUNDS_REFUSED: [i32; 9] = [2, 9, 27, 291, 40415, 51173, 51174, 51175, 51176];

fn has_code(error: &Error, codes: &[i32]) -> bool {
    matches!(error.kind.as_ref(), ErrorKind::Command(command) if codes.contains(&command.code))
}

fn is_transient(error: &Error) -> bool {
    match error.kind.as_ref() {
        ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. } | ErrorKind::ServerSelection { .. } => {
            true
        }
        _ => has_code(error, &TRANSIENT) || error.contains_label("RetryableError"),
    }
}
