use whimbrel::Model;

#[derive(Model)]
#[model(index(columns(code, name = "by_code")))]
struct Account {
    code: i32,
}

fn main() {}
