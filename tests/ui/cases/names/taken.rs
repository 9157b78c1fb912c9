use whimbrel::Model;

#[derive(Model)]
#[model(check(code, "code > 0"), index(columns(code), name = "code"))]
struct Account {
    code: i32,
}

fn main() {}
