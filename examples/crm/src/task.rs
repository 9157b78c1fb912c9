//! What has to be done, and what was said about it.

use chrono::{DateTime, NaiveDate, Utc};
use whimbrel::{Id, Json, Model, Transform};

use crate::opportunity::Opportunity;
use crate::user::User;

/// Something to do.
#[derive(Debug, Model, Transform)]
#[model(
    table = "tasks",
    index(columns(assignee_id, due_on), where = "NOT done", name = "tasks_open_idx"),
    index(columns(opportunity_id)),
    index(columns(labels), method = "gin")
)]
#[source(collection = "crm_Tasks", rename_all = "camelCase")]
pub struct Task {
    /// Was an ObjectId.
    #[source(field = "_id")]
    pub id: Id<Task>,
    /// What it is about.
    #[column(on_delete = "set_null")]
    #[source(field = "opportunity")]
    pub opportunity_id: Option<Id<Opportunity>>,
    /// Who does it.
    #[source(field = "assignee")]
    pub assignee_id: Id<User>,
    /// In a few words.
    pub title: String,
    /// Whether it is done.
    #[column(default = false)]
    pub done: bool,
    /// From 1 (now) to 5 (some day).
    #[column(check = "priority BETWEEN 1 AND 5")]
    pub priority: i16,
    /// Until when.
    #[source(field = "due")]
    pub due_on: Option<NaiveDate>,
    /// How many hours it may take.
    #[column(type = "numeric(6,2)")]
    pub estimate: Option<rust_decimal::Decimal>,
    /// Words to find it by.
    #[column(default = "'{}'")]
    #[source(default)]
    pub labels: Vec<String>,
    /// When it was entered.
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    /// What no other column takes.
    #[source(rest)]
    pub extra: Json,
}

/// A comment: one row per element of a task's `comments`.
#[derive(Debug, Model, Transform)]
#[model(table = "task_comments", unique(task_id, position), index(columns(author_id)))]
#[source(collection = "crm_Tasks", each = "comments", rename_all = "camelCase")]
pub struct TaskComment {
    /// The element's own key.
    #[source(field = "_id")]
    pub id: Id<TaskComment>,
    /// What is commented on.
    #[column(on_delete = "cascade")]
    #[source(parent = "_id")]
    pub task_id: Id<Task>,
    /// The place in the array.
    #[source(ordinal)]
    pub position: i32,
    /// By whom.
    #[source(field = "author")]
    pub author_id: Id<User>,
    /// What was said.
    #[source(field = "text")]
    pub body: String,
    /// When.
    #[source(field = "at")]
    pub posted_at: DateTime<Utc>,
}
