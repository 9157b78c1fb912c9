use whimbrel::Model;

#[derive(Model)]
struct Account {
    id: i32,
    #[column(references("accounts"))]
    a: i32,
    #[column(references = "accounts")]
    b: i32,
    #[column(references())]
    c: i32,
}

fn main() {}
