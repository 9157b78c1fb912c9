use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(type = "serial")]
    id: i32,
}

fn main() {}
