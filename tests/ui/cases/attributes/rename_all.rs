use whimbrel::Model;

#[derive(Model)]
#[model(rename_all = "camel_case")]
struct Account {
    id: i32,
}

fn main() {}
