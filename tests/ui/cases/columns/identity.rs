use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(identity)]
    a: i32,
    #[column(identity = "sometimes")]
    b: i32,
    #[column(identity = "always")]
    c: String,
    #[column(identity = "by_default")]
    d: Option<i64>,
}

fn main() {}
