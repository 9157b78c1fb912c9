use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(identity = "always", default = "1")]
    id: i32,
    #[column(generated = "id + 1", default = 0)]
    next: i32,
}

fn main() {}
