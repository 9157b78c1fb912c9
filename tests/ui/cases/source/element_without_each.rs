use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct Watcher {
    #[source(parent = "_id")]
    account_id: i32,
    #[source(element)]
    user_id: i32,
    #[source(ordinal)]
    position: i32,
}

fn main() {}
