use whimbrel::Model;

#[derive(Model)]
struct Collate {
    #[column(collate = "C")]
    id: i32,
}

#[derive(Model)]
struct Empty {
    #[column(check = "", comment = " ", default = "")]
    id: i32,
}

#[derive(Model)]
struct Generated {
    #[column(generated = "GENERATED ALWAYS AS (id + 1) STORED")]
    id: i32,
}

#[derive(Model)]
struct Identity {
    #[column(identity)]
    a: i32,
    #[column(identity = "sometimes")]
    b: i32,
    #[column(identity = "always")]
    c: String,
    #[column(identity = "by_default")]
    d: Option<i64>,
}

#[derive(Model)]
struct OneValue {
    #[column(identity = "always", default = "1")]
    id: i32,
    #[column(generated = "id + 1", default = 0)]
    next: i32,
}

fn main() {}
