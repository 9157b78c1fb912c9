use whimbrel::Model;

#[derive(Model)]
#[model(primary_key(), unique())]
struct Watcher {
    a: i32,
}

fn main() {}
