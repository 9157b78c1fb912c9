use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(primary_key, unique)]
    code: i32,
    #[column(unique, index)]
    name: String,
}

fn main() {}
