use whimbrel::Model;

#[derive(Model)]
#[model(table = "a" schema = "b")]
struct Account {
    id: i32,
}

fn main() {}
