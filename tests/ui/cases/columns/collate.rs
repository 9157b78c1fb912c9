use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(collate = "C")]
    id: i32,
}

fn main() {}
