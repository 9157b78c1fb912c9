use whimbrel::Model;

#[derive(Model)]
#[model(index(columns(code(nulls = "middle"))))]
struct Account {
    code: i32,
}

fn main() {}
