use whimbrel::Model;

#[derive(Model)]
#[model]
struct Account {
    #[column = "x"]
    id: i32,
}

fn main() {}
