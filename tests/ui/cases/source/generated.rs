use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct Account {
    a: i32,
    #[column(generated = "a + 1")]
    #[source(field = "b")]
    b: i32,
}

fn main() {}
