use whimbrel::{Id, Model};

#[derive(Model)]
enum AnEnum {
    Open,
}

#[derive(Model)]
struct ArrayOfArrays {
    id: i32,
    matrix: Vec<Vec<i32>>,
}

#[derive(Model)]
struct Generic<T> {
    id: T,
}

#[derive(Model)]
struct NestedOption {
    id: i32,
    name: Option<Option<String>>,
}

#[derive(Model)]
struct NeverAColumn {
    a: &'static str,
    b: [i32; 3],
    c: (i32, i32),
    d: Option<u64>,
    e: Vec<char>,
}

#[derive(Model)]
struct NoFields {}

#[derive(Model)]
struct NoPostgresType {
    #[column(type = "varchar(")]
    name: String,
    #[column(type = "timestamp(9)")]
    at: chrono::NaiveDateTime,
    #[column(type = "unsigned int")]
    number: i32,
}

#[derive(Model)]
struct OtherType {
    #[column(type = "boolean")]
    number: i64,
    #[column(type = "integer[]")]
    one: Option<i32>,
    #[column(type = "text")]
    many: Vec<String>,
    #[column(type = "char(24)")]
    id: Id<OtherType>,
    #[column(type = "inet")]
    address: String,
}

#[derive(Model)]
struct Serial {
    #[column(type = "serial")]
    id: i32,
}

#[derive(Model)]
struct Tuple(i32);

#[derive(Model)]
struct Unit;

#[derive(Model)]
struct Unsigned {
    id: u32,
}

fn main() {}
