use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(foreign = "x")]
    id: i32,
}

fn main() {}
