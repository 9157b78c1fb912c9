use whimbrel::{Id, Model};

#[derive(Model)]
struct Account {
    id: Id<Account>,
    #[column(on_delete = "delete", on_update = "set null")]
    parent: Option<Id<Account>>,
}

fn main() {}
