use whimbrel::{Json, Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts", ignore_rest)]
struct Account {
    #[source(rest)]
    a: Json,
}

#[derive(Model, Transform)]
#[source(collection = "contacts", ignore("a..b"))]
struct Contact {
    a: String,
}

fn main() {}
