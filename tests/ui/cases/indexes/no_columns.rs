use whimbrel::Model;

#[derive(Model)]
#[model(index(name = "by_code"), index(columns()))]
struct Account {
    code: i32,
}

fn main() {}
