//! What a model says of its table or view as a whole: `rls`, `policy(…)`, `partition_by(…)`, `audit`, `view`, …

use proc_macro2::Ident;

use crate::errors::{SourceSpan, Spanned};

#[derive(Debug, Clone, Default)]
pub struct Relation {
    pub unlogged: Option<SourceSpan>,
    /// `rls`; whether it is `rls(force)`.
    pub rls: Option<Spanned<bool>>,
    pub policies: Vec<Policy>,
    pub grants: Vec<Grant>,
    pub partition_by: Option<PartitionBy>,
    pub partitions: Vec<Partition>,
    pub timestamps: Option<SourceSpan>,
    pub soft_delete: Option<SoftDelete>,
    /// `audit`, or `audit = "…"` with the table that changes are recorded in.
    pub audit: Option<Spanned<Option<String>>>,
    pub view: Option<View>,
    pub materialized: Option<Materialized>,
}

#[derive(Debug, Clone)]
pub struct Policy {
    pub name: Spanned<String>,
    pub command: Option<Spanned<Command>>,
    /// Roles, with commas between them.
    pub to: Option<Spanned<String>>,
    pub using: Option<Spanned<String>>,
    pub check: Option<Spanned<String>>,
    pub restrictive: Option<SourceSpan>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    All,
    Select,
    Insert,
    Update,
    Delete,
}

#[derive(Debug, Clone)]
pub struct Grant {
    pub span: SourceSpan,
    pub privileges: Vec<Granted>,
    /// Roles, with commas between them.
    pub to: Option<Spanned<String>>,
    pub with_grant_option: Option<SourceSpan>,
}

#[derive(Debug, Clone)]
pub struct Granted {
    /// `SELECT`, …; `ALL` for all of them.
    pub privilege: Spanned<&'static str>,
    /// `select(a, b)`; empty for the whole table.
    pub columns: Vec<Ident>,
}

#[derive(Debug, Clone)]
pub struct PartitionBy {
    pub strategy: Spanned<Strategy>,
    pub columns: Vec<Ident>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    Range,
    List,
    Hash,
}

#[derive(Debug, Clone)]
pub struct Partition {
    pub span: SourceSpan,
    pub name: Spanned<String>,
    pub bound: Bound,
}

/// Which rows a partition holds; values are SQL expressions.
#[derive(Debug, Clone)]
pub enum Bound {
    Range { from: Spanned<String>, to: Spanned<String> },
    List(Spanned<String>),
    Hash { modulus: Spanned<String>, remainder: Spanned<String> },
    Default,
}

#[derive(Debug, Clone)]
pub struct SoftDelete {
    pub span: SourceSpan,
    /// Roles, with commas between them; everybody without.
    pub hidden_from: Option<Spanned<String>>,
}

#[derive(Debug, Clone)]
pub struct View {
    pub query: Spanned<String>,
    pub security_barrier: Option<SourceSpan>,
    pub security_invoker: Option<SourceSpan>,
}

#[derive(Debug, Clone)]
pub struct Materialized {
    pub span: SourceSpan,
    /// The columns of the unique index that `REFRESH … CONCURRENTLY` needs.
    pub unique: Option<Spanned<Vec<Ident>>>,
    pub no_data: Option<SourceSpan>,
}
