use whimbrel::Model;

#[derive(Model)]
#[model(unique(id))]
struct Account {
    id: i32,
    #[column(primary_key)]
    code: i32,
}

#[derive(Model)]
#[model(unique(id))]
struct Contact {
    id: i32,
}

fn main() {}
