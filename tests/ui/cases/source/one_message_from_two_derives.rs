use whimbrel::{Model, Transform};

#[derive(Model, Transform)]
#[model(tabel = "x")]
#[source(collection = "accounts")]
struct Account {
    #[column(nam = "y")]
    a: i32,
}

fn main() {}
