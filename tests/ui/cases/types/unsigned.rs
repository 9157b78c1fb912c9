use whimbrel::Model;

#[derive(Model)]
struct Account {
    id: u32,
}

fn main() {}
