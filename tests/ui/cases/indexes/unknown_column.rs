use whimbrel::Model;

#[derive(Model)]
#[model(index(columns(cod), include(nam)))]
struct Account {
    code: i32,
    name: String,
}

fn main() {}
