use whimbrel::Model;

#[derive(Model)]
struct Account {
    ctid: i32,
}

fn main() {}
