use whimbrel::{Id, Model, Transform};

struct Money(i64);

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct Account {
    #[source(field = "_id")]
    id: Id<Account>,
    balance: Money,
}

fn main() {}
