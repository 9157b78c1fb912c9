use whimbrel::Model;

#[derive(Model)]
struct Keyless {
    code: i32,
}

#[derive(Model)]
struct Contact {
    id: i32,
    #[column(references(Keyless))]
    keyless: i32,
}

fn main() {}
