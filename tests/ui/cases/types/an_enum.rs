use whimbrel::Model;

#[derive(Model)]
enum Account {
    Open,
}

fn main() {}
