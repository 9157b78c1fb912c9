use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts", each = "a..b")]
struct Watcher {
    #[source(field = "")]
    user_id: i32,
    #[source(parent = ".x")]
    account_id: i32,
}

fn main() {}
