use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(default = now())]
    id: i32,
}

fn main() {}
