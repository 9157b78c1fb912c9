use whimbrel::{Id, Model};

#[derive(Model)]
struct Account {
    id: Id<Account>,
    #[column(no_reference, on_delete = "cascade")]
    parent: Id<Account>,
    #[column(no_reference, references(Account))]
    other: Id<Account>,
    #[column(no_reference)]
    name: String,
}

fn main() {}
