use whimbrel::Model;

#[derive(Model)]
#[model(schema = "pg_catalog")]
struct Account {
    id: i32,
}

fn main() {}
