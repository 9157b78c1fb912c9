use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts", table = "accounts")]
struct Account {
    id: i32,
}

fn main() {}
