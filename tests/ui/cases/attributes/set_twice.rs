use whimbrel::Model;

#[derive(Model)]
#[model(table = "a")]
#[model(table = "b")]
struct Account {
    #[column(unique, unique)]
    code: i32,
}

fn main() {}
