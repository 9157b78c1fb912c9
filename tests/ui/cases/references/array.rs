use whimbrel::Model;

#[derive(Model)]
struct Account {
    id: i32,
    #[column(references(Account))]
    friends: Vec<i32>,
}

fn main() {}
