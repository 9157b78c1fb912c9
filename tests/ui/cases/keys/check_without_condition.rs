use whimbrel::Model;

#[derive(Model)]
#[model(check(positive), check(named, ""))]
struct Account {
    code: i32,
}

fn main() {}
