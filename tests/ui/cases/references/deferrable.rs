use whimbrel::{Id, Model};

#[derive(Model)]
struct Account {
    id: Id<Account>,
    #[column(deferrable = "deferred")]
    parent: Id<Account>,
}

fn main() {}
