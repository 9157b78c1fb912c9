use whimbrel::Model;

#[derive(Model)]
struct Account {
    id: i32,
    #[column(unique)]
    code: i32,
}

#[derive(Model)]
struct Contact {
    id: i32,
    #[column(references(Account(cod)))]
    account: i32,
}

fn main() {}
