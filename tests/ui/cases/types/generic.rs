use whimbrel::Model;

#[derive(Model)]
struct Account<T> {
    id: T,
}

fn main() {}
