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
    pub __v: i32,
    pub description: String,
    #[column(index)]
    pub favourite: Option<bool>,
    pub favouritePosition: Option<i32>,
    pub icon: Option<String>,
    pub position: Option<i32>,
    pub title: String,
    #[column(on_delete = "restrict", on_update = "cascade", index)]
    pub user: Id<User>,
    #[column(index)]
    pub visibility: Option<String>,
    pub sharedWith: Option<Vec<Uuid>>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    pub createdAt: Option<NaiveDateTime>,
    #[column(index)]
    pub createdBy: Option<Uuid>,
    #[column(type = "timestamp(3)")]
    pub updatedAt: Option<NaiveDateTime>,
    #[column(index)]
    pub updatedBy: Option<Uuid>,
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
    pub __v: i32,
    #[column(on_delete = "restrict", on_update = "cascade", index)]
    pub board: Id<Board>,
    pub title: String,
    pub position: Option<i32>,
}

/// Something to do, on a board.
#[derive(Debug, Model, Transform)]
#[model(table = "Tasks", index(columns(user, taskStatus)))]
#[source(collection = "Tasks", ignore("documentIDs"))]
pub struct Task {
    #[source(field = "_id")]
    pub id: Id<Task>,
    pub __v: i32,
    pub content: Option<String>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    pub createdAt: Option<NaiveDateTime>,
    #[column(index)]
    pub createdBy: Option<Uuid>,
    #[column(type = "timestamp(3)")]
    pub updatedAt: Option<NaiveDateTime>,
    #[column(index)]
    pub updatedBy: Option<Uuid>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    pub dueDateAt: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP")]
    pub lastEditedAt: Option<NaiveDateTime>,
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
    #[column(default = "'ACTIVE'", index)]
    pub taskStatus: Option<TaskStatus>,
}

/// What was said about a task.
#[derive(Debug, Model, Transform)]
#[model(table = "tasksComments")]
#[source(collection = "tasksComments")]
pub struct TaskComment {
    #[source(field = "_id")]
    pub id: Id<TaskComment>,
    pub __v: i32,
    pub comment: String,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP")]
    pub createdAt: NaiveDateTime,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    pub task: Id<Task>,
    #[column(on_delete = "restrict", on_update = "cascade", index)]
    pub user: Id<User>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_crm_account_task: Option<Id<AccountTask>>,
}
