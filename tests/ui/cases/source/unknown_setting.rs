use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[source(colection = "accounts", collection = "accounts")]
struct Account {
    #[source(fields = "_id")]
    id: i32,
}

fn main() {}
