use whimbrel::Model;

#[derive(Model)]
struct Contact {
    id: i32,
    #[column(references(Account))]
    account: i32,
}

fn main() {}
