use whimbrel::Model;

#[derive(Model)]
#[model(table = accounts, schema = 5, comment)]
struct Account {
    id: i32,
}

fn main() {}
