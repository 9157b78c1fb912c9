use whimbrel::Model;

#[derive(Model)]
#[model(index(columns(""), where = " "))]
struct Account {
    code: i32,
}

fn main() {}
