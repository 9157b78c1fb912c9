use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[source(rename_all = "camelCase")]
struct Account {
    id: i32,
}

fn main() {}
