//! Readers that fill a chunk in steps, each of at most one document.

use super::{Chunk, Limit, Position, Reader, SourceError};

pub(super) trait Steps: Send {
    /// The place after the last document that was taken.
    fn position(&self) -> Position;
    /// Takes one step; gives the bytes of what it added to the chunk, or `None` at the end.
    fn step(&mut self, chunk: &mut Chunk) -> Result<Option<usize>, SourceError>;
}

/// Takes steps until a chunk is full; after the end or an error none any more.
pub(super) struct Stepwise<S> {
    steps: S,
    ended: Result<bool, SourceError>,
}

impl<S: Steps> Stepwise<S> {
    pub fn new(steps: S) -> Self {
        Self { steps, ended: Ok(false) }
    }
}

impl<S: Steps> Reader for Stepwise<S> {
    fn next_chunk(&mut self, limit: Limit) -> Result<Option<Chunk>, SourceError> {
        let mut chunk = Chunk::new(self.steps.position());
        let mut taken = 0;
        while matches!(self.ended, Ok(false)) && !limit.reached(chunk.documents(), taken) {
            match self.steps.step(&mut chunk) {
                Ok(size) => {
                    taken += size.unwrap_or(0);
                    self.ended = Ok(size.is_none());
                }
                Err(error) => self.ended = Err(error),
            }
        }
        if chunk.is_empty() {
            return self.ended.clone().map(|_| None);
        }
        chunk.position_after = self.steps.position();
        Ok(Some(chunk))
    }
}
