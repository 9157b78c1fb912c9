use whimbrel::{Id, Model};

#[derive(Model)]
struct ATableName {
    id: i32,
    #[column(references("accounts"))]
    a: i32,
    #[column(references = "accounts")]
    b: i32,
    #[column(references())]
    c: i32,
}

#[derive(Model)]
struct Action {
    id: Id<Action>,
    #[column(on_delete = "delete", on_update = "set null")]
    parent: Option<Id<Action>>,
}

#[derive(Model)]
struct Array {
    id: i32,
    #[column(references(Array))]
    friends: Vec<i32>,
}

#[derive(Model)]
#[model(foreign_key(columns(a, b), references(Counts(a))))]
#[model(foreign_key(columns(a)))]
#[model(foreign_key(columns(a, b), references(Counts), on_delete = "set_null"))]
struct Counts {
    a: i32,
    b: i32,
}

#[derive(Model)]
struct Deferrable {
    id: Id<Deferrable>,
    #[column(deferrable = "deferred")]
    parent: Id<Deferrable>,
}

#[derive(Model)]
struct NoReference {
    id: Id<NoReference>,
    #[column(no_reference, on_delete = "cascade")]
    parent: Id<NoReference>,
    #[column(no_reference, references(NoReference))]
    other: Id<NoReference>,
    #[column(no_reference)]
    name: String,
}

#[derive(Model)]
struct NothingReferredTo {
    id: i32,
    #[column(on_delete = "cascade")]
    name: String,
    #[column(deferrable)]
    tags: Vec<String>,
}

#[derive(Model)]
struct SetNullNeverNull {
    id: Id<SetNullNeverNull>,
    #[column(on_delete = "set_null")]
    parent: Id<SetNullNeverNull>,
    #[column(on_delete = "set_default")]
    other: Id<SetNullNeverNull>,
}

#[derive(Model)]
#[model(foreign_key(columns(a), references(Twice(b))))]
struct Twice {
    #[column(references(Twice(b)))]
    a: i32,
    #[column(unique)]
    b: i32,
    #[column(references(Twice(a, b)))]
    c: i32,
}

fn main() {}
