use whimbrel::Model;

#[derive(Model)]
#[model(table = "", schema = "")]
struct Account {
    #[column(name = "")]
    id: i32,
}

fn main() {}
