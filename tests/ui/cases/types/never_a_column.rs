use whimbrel::Model;

#[derive(Model)]
struct Account {
    a: &'static str,
    b: [i32; 3],
    c: (i32, i32),
    d: Option<u64>,
    e: Vec<char>,
}

fn main() {}
