use whimbrel::Model;

#[derive(Model)]
#[model(tabel = "accounts")]
struct Account {
    id: i32,
}

fn main() {}
