use whimbrel::Model;

#[derive(Model)]
#[model(table = "crm.accounts")]
struct Account {
    id: i32,
}

fn main() {}
