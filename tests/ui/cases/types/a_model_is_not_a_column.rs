use whimbrel::Model;

#[derive(Model)]
struct Account {
    id: i32,
}

#[derive(Model)]
struct Contact {
    id: i32,
    account: Account,
}

fn main() {}
