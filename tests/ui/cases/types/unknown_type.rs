use whimbrel::Model;

struct Money(i64);

#[derive(Model)]
struct Account {
    id: i32,
    balance: Money,
}

fn main() {}
