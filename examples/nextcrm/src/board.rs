//! Boards, their sections and tasks.

use chrono::NaiveDateTime;
use uuid::Uuid;
use whimbrel::{Id, Json, Model, Transform};

use crate::account::AccountTask;
use crate::kinds::TaskStatus;
use crate::system::User;

/// A board of a project: sections of tasks.
#[derive(Debug, Model, Transform)]
#[model(table = "Boards", index(columns(user, favourite)))]
#[source(collection = "Boards")]
pub struct Board {
    #[source(field = "_id")]
    pub id: Id<Board>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub description: String,
    #[column(index)]
    pub favourite: Option<bool>,
    #[column(name = "favouritePosition")]
    #[source(field = "favouritePosition")]
    pub favourite_position: Option<i32>,
    pub icon: Option<String>,
    pub position: Option<i32>,
    pub title: String,
    #[column(on_delete = "restrict", on_update = "cascade", index)]
    pub user: Id<User>,
    #[column(index)]
    pub visibility: Option<String>,
    #[column(name = "sharedWith")]
    #[source(field = "sharedWith")]
    pub shared_with: Option<Vec<Uuid>>,
    #[column(name = "createdAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "createdAt")]
    pub created_at: Option<NaiveDateTime>,
    #[column(name = "createdBy", index)]
    #[source(field = "createdBy")]
    pub created_by: Option<Uuid>,
    #[column(name = "updatedAt", type = "timestamp(3)")]
    #[source(field = "updatedAt")]
    pub updated_at: Option<NaiveDateTime>,
    #[column(name = "updatedBy", index)]
    #[source(field = "updatedBy")]
    pub updated_by: Option<Uuid>,
}

/// Who watches which board.
#[derive(Debug, Model, Transform)]
#[model(table = "BoardWatchers", primary_key(board_id, user_id))]
#[source(collection = "Boards", each = "watchers")]
pub struct BoardWatcher {
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(parent = "_id")]
    pub board_id: Id<Board>,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(element)]
    pub user_id: Id<User>,
}

/// A column of a board.
#[derive(Debug, Model, Transform)]
#[model(table = "Sections")]
#[source(collection = "Sections")]
pub struct Section {
    #[source(field = "_id")]
    pub id: Id<Section>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    #[column(on_delete = "restrict", on_update = "cascade", index)]
    pub board: Id<Board>,
    pub title: String,
    pub position: Option<i32>,
}

/// Something to do, on a board.
#[derive(Debug, Model, Transform)]
#[model(table = "Tasks", index(columns(user, task_status)))]
#[source(collection = "Tasks", ignore("documentIDs"))]
pub struct Task {
    #[source(field = "_id")]
    pub id: Id<Task>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub content: Option<String>,
    #[column(name = "createdAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "createdAt")]
    pub created_at: Option<NaiveDateTime>,
    #[column(name = "createdBy", index)]
    #[source(field = "createdBy")]
    pub created_by: Option<Uuid>,
    #[column(name = "updatedAt", type = "timestamp(3)")]
    #[source(field = "updatedAt")]
    pub updated_at: Option<NaiveDateTime>,
    #[column(name = "updatedBy", index)]
    #[source(field = "updatedBy")]
    pub updated_by: Option<Uuid>,
    #[column(name = "dueDateAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "dueDateAt")]
    pub due_date_at: Option<NaiveDateTime>,
    #[column(name = "lastEditedAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP")]
    #[source(field = "lastEditedAt")]
    pub last_edited_at: Option<NaiveDateTime>,
    pub position: i32,
    #[column(index)]
    pub priority: String,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub section: Option<Id<Section>>,
    pub tags: Option<Json>,
    pub title: String,
    #[column(default = 0)]
    pub likes: Option<i32>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub user: Option<Id<User>>,
    #[column(name = "taskStatus", default = "'ACTIVE'", index)]
    #[source(field = "taskStatus")]
    pub task_status: Option<TaskStatus>,
}

/// What was said about a task.
#[derive(Debug, Model, Transform)]
#[model(table = "tasksComments")]
#[source(collection = "tasksComments")]
pub struct TaskComment {
    #[source(field = "_id")]
    pub id: Id<TaskComment>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub comment: String,
    #[column(name = "createdAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP")]
    #[source(field = "createdAt")]
    pub created_at: NaiveDateTime,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    pub task: Id<Task>,
    #[column(on_delete = "restrict", on_update = "cascade", index)]
    pub user: Id<User>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_crm_account_task: Option<Id<AccountTask>>,
}
