use whimbrel::Model;

#[derive(Model)]
struct Account(i32);

fn main() {}
