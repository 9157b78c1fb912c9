use whimbrel::{Id, Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct Account {
    #[source(id = "objectid")]
    id: Id<Account>,
    #[source(id = "hex")]
    name: String,
}

fn main() {}
