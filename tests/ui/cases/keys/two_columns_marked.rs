use whimbrel::Model;

#[derive(Model)]
struct Watcher {
    #[column(primary_key)]
    a: i32,
    #[column(primary_key)]
    b: i32,
}

fn main() {}
