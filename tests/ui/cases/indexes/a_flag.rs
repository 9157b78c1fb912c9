use whimbrel::Model;

#[derive(Model)]
#[model(index)]
struct Account {
    #[column(index(name = "x"))]
    code: i32,
}

fn main() {}
