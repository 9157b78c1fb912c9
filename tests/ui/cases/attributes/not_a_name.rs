use whimbrel::Model;

#[derive(Model)]
#[model(5, table = "a")]
struct Account {
    id: i32,
}

fn main() {}
