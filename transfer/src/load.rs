//! Workers: each takes a part after the other, reads and encodes it on a thread of its own, and sends it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{Connection, PgConnection};
use tokio::sync::mpsc;
use whimbrel::DatabaseError;
use whimbrel::Hint as _;

use crate::budget::{Budget, Chunks};
use crate::checkpoint::{self, Part, PartState};
use crate::copy::CopyIn;
use crate::digest::Digest;
use crate::encode::{Batch, Encoded, Refused, Spare, refusal_code};
use crate::error::{Doing, TransferError, message, sqlstate};
use crate::progress::{Counts, Progress};
use crate::reject;
use crate::route::{Route, Target};
use crate::source::{Limit, Range, Source, SourceError};
use crate::statements::{self, execute};
use tokio_util::sync::CancellationToken;

const SETTING_UP: &str = "setting up a worker";

pub struct Load {
    pub transfer: i64,
    pub source: Arc<dyn Source>,
    pub routes: Vec<Route>,
    /// How much goes into one transaction.
    pub limit: Limit,
    pub stop: CancellationToken,
    pub progress: Arc<dyn Progress>,
    pub budget: Arc<Budget>,
    /// Parts that no worker has begun.
    pub queue: Mutex<VecDeque<Part>>,
    /// Parts that could not be read to their end.
    pub damaged: Mutex<Vec<String>>,
    /// How many more rejects are acceptable; below zero the load stops.
    pub acceptable: Option<AtomicI64>,
}

impl Load {
    /// The parts that could not be read to their end, after all workers have ended.
    pub fn damaged(&self) -> Vec<String> {
        let mut damaged = self.damaged.lock().unwrap_or_else(PoisonError::into_inner).clone();
        damaged.sort();
        damaged
    }

    /// Works until no part is left or it shall stop. A part whose source is damaged is set aside and the others
    /// go on; an error of the database ends everything.
    pub async fn work(self: &Arc<Self>, connection: &mut PgConnection) -> Result<(), TransferError> {
        // Rows and checkpoint are lost together or kept together: no batch needs to wait for the disk. Whatever is
        // committed after the load waits for everything before it.
        execute(connection, "SET synchronous_commit = off", || SETTING_UP).await?;
        self.parts(connection).await?;
        execute(connection, "RESET synchronous_commit", || SETTING_UP).await
    }

    async fn parts(self: &Arc<Self>, connection: &mut PgConnection) -> Result<(), TransferError> {
        while !self.stop.is_cancelled() {
            let next = self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(mut part) = next else { return Ok(()) };
            match self.part(connection, &mut part).await {
                Ok(()) => {}
                Err(TransferError::Source(error)) => {
                    let text = match error.hint() {
                        Some(hint) => format!("{}: {error}\n    ({hint})", part.collection),
                        None => format!("{}: {error}", part.collection),
                    };
                    self.progress.note(&text);
                    self.damaged.lock().unwrap_or_else(PoisonError::into_inner).push(text);
                }
                Err(error) => {
                    // The other workers commit their batch and end, too.
                    self.stop.cancel();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    async fn part(
        self: &Arc<Self>,
        connection: &mut PgConnection,
        part: &mut Part,
    ) -> Result<(), TransferError> {
        let Some(at) = self.routes.iter().position(|route| route.collection == part.collection) else {
            return Err(TransferError::Bookkeeping {
                what: format!("part {} of transfer {}", part.number, self.transfer),
                reason: format!("no transform reads {}", part.collection),
            });
        };
        let (out, mut batches) = mpsc::channel::<Batch>(1);
        let (give_back, spares) = std::sync::mpsc::channel::<Spare>();
        let (load, range) = (Arc::clone(self), part.rest());
        let reader =
            tokio::task::spawn_blocking(move || load.encode(&load.routes[at], &range, &out, &spares));
        let route = &self.routes[at];
        let mut sent = Ok(());
        while let Some(batch) = batches.recv().await {
            sent = self.commit(connection, at, route, part, &batch).await;
            if sent.is_err() {
                break;
            }
            let large = batch.targets.iter().map(|target| target.tuples.as_bytes().len()).sum::<usize>();
            // The memory of an extraordinary document is not kept.
            if large <= 2 * self.limit.bytes {
                // The reader may have ended already: then the memory is not needed.
                give_back.send(batch.targets).ok();
            }
            if self.stop.is_cancelled() {
                break;
            }
        }
        drop(batches);
        let read: Result<(), SourceError> =
            reader.await.map_err(|error| TransferError::Task(error.to_string()))?;
        sent?;
        read?;
        if self.stop.is_cancelled() {
            // The end of the part may not have been seen.
            return Ok(());
        }
        let end = PartState { done: true, ..part.state.clone() };
        checkpoint::advance(connection, self.transfer, part, &end).await?;
        part.state = end;
        Ok(())
    }

    /// Reads a range and encodes it batch by batch until its end, until the receiver is gone or until it shall
    /// stop. Blocks; a full channel or a spent budget makes it wait.
    fn encode(
        &self,
        route: &Route,
        range: &Range,
        out: &mpsc::Sender<Batch>,
        spares: &std::sync::mpsc::Receiver<Spare>,
    ) -> Result<(), SourceError> {
        let mut reader = self.source.open(route.collection, range)?;
        let mut chunks = Chunks::new(&self.budget, self.limit);
        while !self.stop.is_cancelled() {
            let Some((chunk, share)) = chunks.next(reader.as_mut())? else { return Ok(()) };
            let batch = Batch::encode(route, chunk, spares.try_recv().unwrap_or_default(), share);
            if out.blocking_send(batch).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Sends a batch: rows, rejects and checkpoint in one transaction.
    async fn commit(
        &self,
        connection: &mut PgConnection,
        collection: usize,
        route: &Route,
        part: &mut Part,
        batch: &Batch,
    ) -> Result<(), TransferError> {
        let first = self.attempt(connection, route, part, batch, false).await;
        let (next, rows) = match first {
            // The server refused a row: once more, and this time it is found.
            Err(TransferError::Database { cause, .. }) if is_about_a_row(&cause) => {
                self.attempt(connection, route, part, batch, true).await?
            }
            other => other?,
        };
        let delta = Counts {
            documents: batch.documents(),
            bytes: batch.chunk.byte_len() as u64,
            rows,
            rejects: next.rejects - part.state.rejects,
        };
        part.state = next;
        if let Some(acceptable) = &self.acceptable
            && acceptable.fetch_sub(delta.rejects as i64, Ordering::AcqRel) < delta.rejects as i64
        {
            self.stop.cancel();
        }
        self.progress.advance(collection, delta);
        Ok(())
    }

    async fn attempt(
        &self,
        connection: &mut PgConnection,
        route: &Route,
        part: &Part,
        batch: &Batch,
        careful: bool,
    ) -> Result<(PartState, u64), TransferError> {
        let doing = || format!("loading {}", route.collection);
        let mut transaction = connection.begin().await.doing(doing)?;
        let mut next = part.state.clone();
        let mut refused = Vec::new();
        let mut rows = 0;
        for (index, (target, encoded)) in route.targets.iter().zip(&batch.targets).enumerate() {
            if encoded.tuples.is_empty() {
                continue;
            }
            let loading = || format!("loading {} into {}", route.collection, target.table);
            let count = if careful {
                copy_carefully(&mut transaction, target, index, encoded, &mut refused).await?
            } else {
                copy(&mut transaction, target, encoded.tuples.as_bytes()).await.doing(loading)?
            };
            *next.rows.entry(target.table.to_string()).or_default() += count;
            rows += count;
        }
        next.rejects +=
            reject::write(&mut transaction, self.transfer, batch.rejects(route, &refused)).await?;
        next.position = Some(batch.chunk.position_after.clone());
        next.documents += batch.documents();
        next.bytes += batch.chunk.byte_len() as u64;
        next.fields.add(batch.fields.clone());
        checkpoint::advance(&mut transaction, self.transfer, part, &next).await?;
        transaction.commit().await.doing(doing)?;
        Ok((next, rows))
    }
}

async fn copy(connection: &mut PgConnection, target: &Target, tuples: &[u8]) -> sqlx::Result<u64> {
    let statement = statements::copy_in(&target.table, target.spec.columns);
    let mut copy = CopyIn::begin(connection, &statement).await?;
    copy.send(tuples).await?;
    copy.finish().await
}

/// Sends the tuples in halves, and halves of those that are refused, until each tuple that the server refuses
/// stands alone.
pub(crate) async fn copy_carefully(
    connection: &mut PgConnection,
    target: &Target,
    index: usize,
    encoded: &Encoded,
    refused: &mut Vec<Refused>,
) -> Result<u64, TransferError> {
    let doing = || format!("loading into {}", target.table);
    let bytes = encoded.tuples.as_bytes();
    let mut starts = vec![0];
    starts.extend(encoded.tuples.iter().scan(0, |end, tuple| {
        *end += tuple.len();
        Some(*end)
    }));
    let mut ranges = vec![(0, encoded.tuples.len())];
    let mut rows = 0;
    while let Some((from, to)) = ranges.pop() {
        execute(connection, "SAVEPOINT whimbrel_copy", doing).await?;
        match copy(connection, target, &bytes[starts[from]..starts[to]]).await {
            Ok(count) => {
                execute(connection, "RELEASE SAVEPOINT whimbrel_copy", doing).await?;
                rows += count;
            }
            Err(error) if is_about_a_row(&DatabaseError::from(&error)) => {
                let rollback = "ROLLBACK TO SAVEPOINT whimbrel_copy; RELEASE SAVEPOINT whimbrel_copy";
                execute(connection, rollback, doing).await?;
                if to - from > 1 {
                    let middle = from + (to - from) / 2;
                    ranges.push((middle, to));
                    ranges.push((from, middle));
                } else {
                    let document = encoded.owners[from];
                    refused.push(Refused {
                        document,
                        target: index,
                        nth: from - encoded.owners.partition_point(|&owner| owner < document),
                        code: refusal_code(&sqlstate(&error).unwrap_or_default()),
                        reason: message(&error),
                        digest: Digest::of(&bytes[starts[from]..starts[to]]),
                    });
                }
            }
            Err(error) => return Err(TransferError::from_sqlx(doing(), error)),
        }
    }
    Ok(rows)
}

/// Whether the server's refusal is about what is in a row, by its SQLSTATE: a value (22), a constraint (23), a view's
/// condition (44), a trigger (P0001), a limit (54), or bytes that the type's receive function cannot read (08P01).
fn is_about_a_row(error: &DatabaseError) -> bool {
    error.code.as_ref().is_some_and(|code| {
        ["22", "23", "44", "54"].iter().any(|class| code.starts_with(class))
            || code == "P0001"
            || code == "08P01"
    })
}
