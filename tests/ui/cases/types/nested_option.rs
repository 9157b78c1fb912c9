use whimbrel::Model;

#[derive(Model)]
struct Account {
    id: i32,
    name: Option<Option<String>>,
}

fn main() {}
