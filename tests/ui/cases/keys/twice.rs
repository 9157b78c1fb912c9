use whimbrel::Model;

#[derive(Model)]
#[model(primary_key(a))]
struct Watcher {
    a: i32,
    #[column(primary_key)]
    b: i32,
}

fn main() {}
