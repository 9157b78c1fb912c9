use whimbrel::Model;

#[derive(Model)]
struct Account {
    id: Option<i32>,
}

fn main() {}
