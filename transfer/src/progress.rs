//! Reports of how far a transfer or a verification is.

/// Amounts that grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents read, malformed ones counted.
    pub documents: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows written, in all tables.
    pub rows: u64,
    /// Entries made in `whimbrel.rejects`.
    pub rejects: u64,
}

impl Counts {
    /// Adds to every amount.
    pub fn add(&mut self, other: Counts) {
        self.documents += other.documents;
        self.bytes += other.bytes;
        self.rows += other.rows;
        self.rejects += other.rejects;
    }
}

/// A collection that is about to be loaded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Expected {
    /// Its name.
    pub collection: String,
    /// How many documents it has, if that is known.
    pub documents: Option<u64>,
    /// How many bytes it has, if that is known.
    pub bytes: Option<u64>,
    /// What an interrupted transfer has done already.
    pub done: Counts,
}

/// Receives how far a transfer or a verification is. Called from several tasks at a time; must not block for long.
pub trait Progress: Send + Sync {
    /// Loading begins. Later calls mean a collection by its index in this list.
    fn begin(&self, collections: &[Expected]);
    /// A batch of a collection has been committed.
    fn advance(&self, collection: usize, delta: Counts);
    /// Loading has ended.
    fn loaded(&self);
    /// A step before or after the load begins: `restoring index …`.
    fn step(&self, text: &str);
    /// Something that must not scroll past: a warning.
    fn note(&self, text: &str);
    /// Nothing more comes.
    fn end(&self);
}

/// Discards everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &[Expected]) {}
    fn advance(&self, _: usize, _: Counts) {}
    fn loaded(&self) {}
    fn step(&self, _: &str) {}
    fn note(&self, _: &str) {}
    fn end(&self) {}
}
