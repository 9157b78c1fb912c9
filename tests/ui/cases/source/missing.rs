use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
struct Account {
    id: i32,
}

fn main() {}
