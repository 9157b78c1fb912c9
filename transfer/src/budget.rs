//! How much memory all batches that are under way may hold together.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::source::{Chunk, Limit, Reader, SourceError};

/// The documents and tuples that all workers may hold together, in bytes: three batches each.
const BUDGET: usize = 48 << 20;
/// The source's bytes in one batch of each worker.
const BATCHES_BYTES: usize = BUDGET / 6;
/// No batch needs to be larger than this to be fast.
const LARGEST_BATCH: usize = 8 << 20;
/// Below this, transactions cost more than memory is worth.
const SMALLEST_BATCH: usize = 128 << 10;
/// Documents in one batch, however small they are.
const BATCH_DOCUMENTS: usize = 50_000;

pub fn batch_limit(jobs: usize) -> Limit {
    let bytes = (BATCHES_BYTES / jobs.max(1)).clamp(SMALLEST_BATCH, LARGEST_BATCH);
    Limit { documents: BATCH_DOCUMENTS, bytes }
}

/// A number of bytes that batches share. Whoever wants more than is left waits until others are done; who came
/// first goes first, so that a large batch is not passed by for ever.
#[derive(Debug)]
pub struct Budget {
    total: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// Less than nothing when batches turned out to be larger than they had asked for.
    free: isize,
    next: u64,
    turn: u64,
}

/// A share of the budget; it goes back when dropped.
#[derive(Debug)]
pub struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    pub fn new(total: usize) -> Arc<Self> {
        let state = Mutex::new(State { free: total as isize, next: 0, turn: 0 });
        Arc::new(Budget { total, state, changed: Condvar::new() })
    }

    pub fn to_load() -> Arc<Self> {
        Self::new(BUDGET)
    }

    /// The budget that the workers of a verification share, and with them the rows of the other side, of which the
    /// client holds a copy while they come.
    pub fn to_compare() -> Arc<Self> {
        Self::new(BUDGET / 3)
    }

    /// How much to take before it is known what comes: it may be large, and two readers that begin at once must not
    /// both find out.
    pub fn to_begin(&self) -> usize {
        self.total / 3 * 2
    }

    /// Takes a share; blocks until it is there. More than the whole budget is never asked for: a single document
    /// may be larger, and then it goes alone.
    pub fn take(self: &Arc<Self>, bytes: usize) -> Share {
        let bytes = bytes.min(self.total);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = state.next;
        state.next += 1;
        while state.turn != mine || state.free < bytes as isize {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.turn += 1;
        state.free -= bytes as isize;
        drop(state);
        self.changed.notify_all();
        Share { budget: Arc::clone(self), bytes }
    }

    fn give(&self, bytes: isize) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).free += bytes;
        self.changed.notify_all();
    }
}

impl Share {
    /// Makes the share fit what turned out to be needed. It does not wait for more, since what needs it is there
    /// already; instead everybody else waits until the budget is in order again.
    pub fn fit(&mut self, bytes: usize) {
        self.budget.give(self.bytes as isize - bytes as isize);
        self.bytes = bytes;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.give(self.bytes as isize);
    }
}

#[derive(Debug)]
pub struct Chunks<'b> {
    budget: &'b Arc<Budget>,
    limit: Limit,
    needed: usize,
}

impl<'b> Chunks<'b> {
    /// For a reader that has not begun.
    pub fn new(budget: &'b Arc<Budget>, limit: Limit) -> Self {
        // How large documents are is known when they are read; they are taken to be like the last ones.
        Chunks { budget, limit, needed: budget.to_begin() }
    }

    /// The next chunk, or `None` at the end. Blocks while the budget is spent.
    pub fn next(&mut self, reader: &mut dyn Reader) -> Result<Option<(Chunk, Share)>, SourceError> {
        let mut share = self.budget.take(self.needed);
        let Some(chunk) = reader.next_chunk(self.limit)? else { return Ok(None) };
        // Tuples are about as large as their documents.
        self.needed = 2 * chunk.byte_len().max(self.limit.bytes);
        share.fit(self.needed);
        Ok(Some((chunk, share)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn more_workers_get_smaller_batches() {
        assert_eq!(batch_limit(1).bytes, LARGEST_BATCH);
        assert_eq!(batch_limit(4).bytes, BATCHES_BYTES / 4);
        assert_eq!(batch_limit(1000).bytes, SMALLEST_BATCH);
        assert_eq!(batch_limit(0).bytes, LARGEST_BATCH);
    }

    #[test]
    fn who_wants_too_much_waits_and_then_goes_alone() {
        let budget = Budget::new(100);
        let (first, second) = (budget.take(60), budget.take(40));
        let (taken, seen) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn({
            let budget = Arc::clone(&budget);
            move || {
                let _share = budget.take(1_000);
                taken.send(()).unwrap();
            }
        });
        assert!(seen.recv_timeout(Duration::from_millis(50)).is_err());
        drop(first);
        assert!(seen.recv_timeout(Duration::from_millis(50)).is_err());
        drop(second);
        seen.recv_timeout(Duration::from_secs(10)).unwrap();
        waiting.join().unwrap();
        assert_eq!(budget.state.lock().unwrap().free, 100);
    }

    #[test]
    fn a_share_fits_itself_to_what_is_needed() {
        let budget = Budget::new(100);
        let free = || budget.state.lock().unwrap().free;
        let mut share = budget.take(60);
        share.fit(10);
        assert_eq!(free(), 90);
        share.fit(500);
        assert_eq!(free(), -400);
        drop(share);
        assert_eq!(free(), 100);
    }
}
