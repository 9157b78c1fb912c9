use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct Account {
    #[source(required, default)]
    a: Option<i32>,
    #[source(required)]
    b: i32,
}

fn main() {}
