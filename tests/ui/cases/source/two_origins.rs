use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts", each = "watchers")]
struct Watcher {
    #[source(field = "x", element)]
    user_id: i32,
}

fn main() {}
