use whimbrel::Model;

#[derive(Model)]
struct Account {}

fn main() {}
