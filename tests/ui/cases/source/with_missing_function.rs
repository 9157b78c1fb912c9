use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct Account {
    #[source(with = "convert::nothing")]
    a: i32,
}

fn main() {}
