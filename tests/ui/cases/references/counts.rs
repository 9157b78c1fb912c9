use whimbrel::Model;

#[derive(Model)]
#[model(foreign_key(columns(a, b), references(Pair(a))))]
#[model(foreign_key(columns(a)))]
#[model(foreign_key(columns(a, b), references(Pair), on_delete = "set_null"))]
struct Pair {
    a: i32,
    b: i32,
}

fn main() {}
