use whimbrel::{Json, Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct Account {
    #[source(rest)]
    a: Json,
    #[source(rest)]
    b: Json,
}

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct Contact {
    #[source(rest)]
    a: String,
}

fn main() {}
