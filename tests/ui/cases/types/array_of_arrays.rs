use whimbrel::Model;

#[derive(Model)]
struct Account {
    id: i32,
    matrix: Vec<Vec<i32>>,
}

fn main() {}
