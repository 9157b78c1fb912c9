use whimbrel::Model;

#[derive(Model)]
#[model(index(columns(code), include(code)))]
struct Account {
    code: i32,
}

fn main() {}
