use whimbrel::Model;

#[derive(Model)]
#[model(foreign_key(columns(a), references(Pair(b))))]
struct Pair {
    #[column(references(Pair(b)))]
    a: i32,
    #[column(unique)]
    b: i32,
    #[column(references(Pair(a, b)))]
    c: i32,
}

fn main() {}
