use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct Account {
    #[source(with = "a b")]
    a: i32,
    #[source(with)]
    b: i32,
}

fn main() {}
