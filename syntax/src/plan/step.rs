//! A step of a plan: statements that belong together, and what they do to a running system.

use serde::Serialize;

/// What a step does. **The order of these variants is the order of the steps**; each explains its position
/// does. Steps before [`StepKind::Rename`] use the names before, all later ones the names after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// First: a foreign key holds on to tables, columns and keys on both of its ends.
    DropForeignKey,
    /// As soon as nothing refers to them: their own foreign keys may hold on to keys that go next, and renames may
    /// take over their names.
    DropTable,
    /// Before the columns and types an index reads.
    DropIndex,
    /// Before the columns and types a condition reads.
    DropCheck,
    /// After the foreign keys that need it, before its columns.
    DropUnique,
    /// After the foreign keys that need it, before its columns lose NOT NULL.
    DropPrimaryKey,
    /// A generated column becomes an ordinary one before the columns it was computed from go.
    DropExpression,
    /// Generated columns go before the columns they are computed from.
    DropGeneratedColumn,
    /// Before renames, which may take over the name.
    DropColumn,
    /// Before anything moves into it.
    CreateSchema,
    /// Everything surviving gets its new name: enum types, tables, constraints, indexes, columns, in the order that
    /// keeps names free. After what is dropped, before what is created.
    Rename,
    /// Labels get their new names before new ones take a place beside them.
    RenameLabel,
    /// An enum type whose labels were removed or moved leaves its name to its successor.
    RenameOldEnum,
    /// Before the columns that have it.
    CreateEnum,
    /// Before the columns whose default may name it. Such a default never comes in the same migration: PostgreSQL
    /// refuses to use a label in the transaction that adds it, and the type is recreated instead.
    AddLabel,
    /// Before foreign keys to it, after the enum types it uses.
    CreateTable,
    /// A default would have to be cast with its column's type; it is dropped and set again.
    DropDefault,
    /// An identity needs NOT NULL and an integer type, so it is dropped before either may change.
    DropIdentity,
    /// Before the type, so that a type can be changed whatever it holds.
    DropNotNull,
    /// After everything that reads the column was dropped.
    AlterType,
    /// After type changes, since a generated column may read a column with a new type.
    AddColumn,
    /// After the type it must fit.
    SetDefault,
    /// After the default is there for new rows.
    SetNotNull,
    /// After NOT NULL, which an identity needs.
    AddIdentity,
    /// After the last column that had it.
    DropEnum,
    /// After its columns and their NOT NULL.
    AddPrimaryKey,
    /// After its columns.
    AddUnique,
    /// After its columns.
    AddCheck,
    /// After the columns and types it reads; after loading nothing, so early enough for foreign keys to need it.
    CreateIndex,
    /// After every table, key and unique index it may refer to: tables may refer to each other in circles.
    AddForeignKey,
    /// After everything that can have one.
    Comment,
    /// Last, when nothing of ours is in it any more.
    DropSchema,
}

/// The lock a step holds on existing tables until the migration's transaction ends, weakest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    #[default]
    None,
    /// Reads and writes continue; other schema changes wait.
    ShareUpdateExclusive,
    /// Reads continue, writes wait.
    Share,
    /// Reads continue, writes wait.
    ShareRowExclusive,
    /// Reads and writes wait.
    AccessExclusive,
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
}

impl HazardKind {
    pub fn word(self) -> &'static str {
        match self {
            HazardKind::DataLoss => "data loss",
            HazardKind::Rewrite => "rewrite",
            HazardKind::LongLock => "long lock",
            HazardKind::MayFail => "may fail",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hazard {
    pub kind: HazardKind,
    /// What is affected and what to do about it.
    pub message: String,
}

impl Hazard {
    pub fn new(kind: HazardKind, message: impl Into<String>) -> Self {
        Hazard { kind, message: message.into() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    pub kind: StepKind,
    pub comment: String,
    /// The statements, each without its semicolon.
    pub statements: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hazards: Vec<Hazard>,
    /// The strongest lock it takes on an existing table.
    pub lock: Lock,
    pub transactional: bool,
}

impl Step {
    /// A step of one statement that takes no lock on an existing table.
    pub(crate) fn new(kind: StepKind, comment: impl Into<String>, statement: impl Into<String>) -> Self {
        Step {
            kind,
            comment: comment.into(),
            statements: vec![statement.into()],
            hazards: Vec::new(),
            lock: Lock::None,
            transactional: true,
        }
    }

    pub(crate) fn lock(mut self, lock: Lock) -> Self {
        self.lock = lock;
        self
    }

    pub(crate) fn hazard(mut self, kind: HazardKind, message: impl Into<String>) -> Self {
        self.hazards.push(Hazard::new(kind, message));
        self
    }
}
