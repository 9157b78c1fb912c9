use whimbrel::{Id, Model};

struct Account;

#[derive(Model)]
struct Contact {
    id: i32,
    account: Id<Account>,
}

fn main() {}
