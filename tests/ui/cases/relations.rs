use chrono::{DateTime, Utc};
use whimbrel::{Id, Model};

#[derive(Model)]
#[model(rls(forced), policy(for = "select"), grant(), grant(reed, to = "app"))]
struct Misspelt {
    a: i32,
}

#[derive(Model)]
#[model(policy(owners, using = "true"), soft_delete(hidden_from = "app"))]
struct WithoutRowSecurity {
    a: i32,
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Model)]
#[model(rls, soft_delete, policy(hide_deleted, using = "true"), policy(bare))]
#[model(policy(new, for = "insert", using = "true"), policy(old, for = "select", check = "true"))]
#[model(policy(mine, for = "delete", to = "current_user", using = ""))]
struct Policies {
    a: i32,
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Model)]
#[model(grant(select(b), delete(a), to = "app"), grant(select))]
#[model(grant(select, to = "public", with_grant_option))]
struct Grants {
    a: i32,
}

#[derive(Model)]
#[model(partition_by(range(created_at)), unlogged, unique(name))]
#[model(partition(p1, in = "1"), partition(p2, from = "1"), partition(p3, default), partition(p4, default))]
struct Partitioned {
    id: i64,
    name: String,
    created_at: DateTime<Utc>,
}

#[derive(Model)]
#[model(partition_by(created_at), partition(p, default))]
struct NotPartitioned {
    id: i64,
}

#[derive(Model)]
#[model(timestamps, soft_delete)]
struct Times {
    created_at: Option<DateTime<Utc>>,
    deleted_at: String,
}

#[derive(Model)]
#[model(view = "", primary_key(a), rls, timestamps, index(columns(a)))]
struct View {
    a: i32,
    #[column(default = 1)]
    b: i32,
}

#[derive(Model)]
#[model(materialized(unique(a)))]
struct NotAView {
    a: i32,
}

#[derive(Model)]
struct Refers {
    id: Id<Refers>,
    #[column(references(Sound))]
    sound: i32,
}

#[derive(Model)]
#[model(view("SELECT 1 AS id", security_invoker))]
struct Sound {
    id: i32,
}

#[derive(Model)]
#[model(rls, policy(own, using = "a > 0) WITH CHECK (true", check = "(a > 0"))]
#[model(partition_by(range(a)), partition(first, from = "0) TO (1", to = "2"))]
struct MoreThanAnExpression {
    a: i32,
}

#[derive(Model)]
#[model(view = "SELECT 1 AS a; DROP TABLE accounts;")]
struct MoreThanAQuery {
    a: i32,
}

fn main() {}
