use whimbrel::{Id, Model};

#[derive(Model)]
struct Account {
    id: Id<Account>,
    #[column(on_delete = "set_null")]
    parent: Id<Account>,
    #[column(on_delete = "set_default")]
    other: Id<Account>,
}

fn main() {}
