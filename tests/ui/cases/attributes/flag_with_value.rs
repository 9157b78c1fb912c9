use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(unique = true)]
    id: i32,
}

fn main() {}
