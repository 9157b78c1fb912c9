//! A change to a database as a series of steps, each of which knows its lock and what it may do to running systems.

use serde::Serialize;

use crate::name::QName;

/// A lock on a table, view or sequence, held until the transaction ends, weakest first. What only keeps it from being
/// changed meanwhile counts as none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    #[default]
    None,
    /// Reads and writes continue; other schema changes wait.
    ShareUpdateExclusive,
    /// Reads continue, writes wait.
    Share,
    /// Reads continue, writes wait; so do other schema changes.
    ShareRowExclusive,
    /// Reads and writes wait.
    AccessExclusive,
}

impl Lock {
    /// PostgreSQL's name for it; `None` takes none.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Lock::None => None,
            Lock::ShareUpdateExclusive => Some("SHARE UPDATE EXCLUSIVE"),
            Lock::Share => Some("SHARE"),
            Lock::ShareRowExclusive => Some("SHARE ROW EXCLUSIVE"),
            Lock::AccessExclusive => Some("ACCESS EXCLUSIVE"),
        }
    }

    /// What it means for whoever uses the table.
    pub fn effect(self) -> &'static str {
        match self {
            Lock::None => "no lock on an existing table",
            Lock::ShareUpdateExclusive => "reads and writes continue",
            Lock::Share | Lock::ShareRowExclusive => "blocks writes",
            Lock::AccessExclusive => "blocks reads and writes",
        }
    }
}

/// What kind of harm a step can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HazardKind {
    /// Data is gone afterwards and the other direction cannot bring it back.
    DataLoss,
    /// The whole table is rewritten under its lock.
    Rewrite,
    /// The whole table is read under the lock.
    LongLock,
    /// Fails, and changes nothing, when existing rows do not fit.
    MayFail,
    /// Something that PostgreSQL does not know to depend on it may no longer work.
    MayBreak,
    /// Something keeps what was computed before, until it is computed again.
    OutOfDate,
}

impl HazardKind {
    pub fn word(self) -> &'static str {
        match self {
            HazardKind::DataLoss => "data loss",
            HazardKind::Rewrite => "rewrite",
            HazardKind::LongLock => "long lock",
            HazardKind::MayFail => "may fail",
            HazardKind::MayBreak => "may break",
            HazardKind::OutOfDate => "out of date",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hazard {
    pub kind: HazardKind,
    /// What is affected and what to do about it.
    pub message: String,
}

/// A lock on a relation (table, view, sequence) that stood before the migration; that on an index counts as one on its
/// table. Its partitions, tables that inherit from it, sequences of its columns and, if it is partitioned, tables that
/// refer to it may be locked as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Locked {
    pub on: QName,
    pub lock: Lock,
}

/// What `ALTER TABLE` does to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Action {
    /// The table's name in SQL.
    pub(crate) table: String,
    pub(crate) action: String,
}

/// One change, with its reason in words and its statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    pub comment: String,
    /// The statements, each without its semicolon.
    pub statements: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hazards: Vec<Hazard>,
    /// What it locks.
    pub locks: Vec<Locked>,
    /// It may share a transaction with others; otherwise it is committed by itself.
    pub transactional: bool,
    /// Its only statement is `ALTER TABLE table action`, which may share a statement with its neighbours.
    #[serde(skip)]
    pub(crate) action: Option<Action>,
    /// It gives a column a type that keeps what is stored, and (`true`) another collation: what depends on the column is
    /// rebuilt.
    #[serde(skip)]
    pub(crate) rebuilds: Option<bool>,
    /// It may use objects that are created later: run with `check_function_bodies` off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unchecked_bodies: bool,
    /// Where it was interrupted it can simply run again, though it commits by itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeatable: bool,
}

impl Step {
    /// A step of one statement that takes no lock.
    pub fn new(comment: impl Into<String>, statement: impl Into<String>) -> Self {
        Step {
            comment: comment.into(),
            statements: vec![statement.into()],
            hazards: Vec::new(),
            locks: Vec::new(),
            transactional: true,
            action: None,
            rebuilds: None,
            unchecked_bodies: false,
            repeatable: false,
        }
    }

    /// Words without a statement.
    pub fn comment(text: impl Into<String>) -> Self {
        Step { statements: Vec::new(), ..Step::new(text, "") }
    }

    /// Whether the next step can be another action of this one's ALTER TABLE.
    pub(crate) fn shares_statement(&self, next: &Step) -> bool {
        let alone = |step: &Step| step.statements.len() == 1;
        match (&self.action, &next.action) {
            (Some(this), Some(other)) => this.table == other.table && alone(self) && alone(next),
            _ => false,
        }
    }

    /// It shares no statement: what comes after it in one is checked as if it had not been run.
    #[must_use]
    pub(crate) fn alone(mut self) -> Self {
        self.action = None;
        self
    }

    /// It is committed by itself: because PostgreSQL wants it so, or because locks are to be held no longer.
    #[must_use]
    pub(crate) fn apart(mut self) -> Self {
        self.transactional = false;
        self.alone()
    }

    /// It is about something that is not in use yet.
    pub(crate) fn harmless(&mut self) {
        self.hazards.clear();
        self.locks.clear();
    }

    /// It locks something, too; nothing, if there is no such thing.
    #[must_use]
    pub fn locks(mut self, on: impl IntoIterator<Item = QName>, lock: Lock) -> Self {
        self.locks.extend(on.into_iter().filter(|_| lock != Lock::None).map(|on| Locked { on, lock }));
        self
    }

    /// The lock that it takes is another one.
    #[must_use]
    pub(crate) fn lock(mut self, lock: Lock) -> Self {
        self.locks.iter_mut().for_each(|locked| locked.lock = lock);
        self.locks.retain(|locked| locked.lock != Lock::None);
        self
    }

    pub fn strongest_lock(&self) -> Lock {
        self.locks.iter().map(|locked| locked.lock).max().unwrap_or_default()
    }

    #[must_use]
    pub fn hazard(mut self, kind: HazardKind, message: impl Into<String>) -> Self {
        self.hazards.push(Hazard { kind, message: message.into() });
        self
    }
}
