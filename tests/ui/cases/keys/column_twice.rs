use whimbrel::Model;

#[derive(Model)]
#[model(primary_key(a, a))]
struct Watcher {
    a: i32,
}

fn main() {}
