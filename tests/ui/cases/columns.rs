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

#[derive(Model)]
#[model(timestamps, table = "expanded")]
struct Expand {
    #[column(expand, renamed_from = "key")]
    id: i32,
    #[column(expand)]
    a: String,
    #[column(expand, renamed_from = "b")]
    b: String,
    #[column(expand, renamed_from = "a")]
    c: String,
    #[column(expand(type = "text"), renamed_from = "old_d")]
    d: String,
    #[column(expand(old_type = "strng", forward = ""), renamed_from = "old_e")]
    e: String,
    #[column(expand = "text", renamed_from = "old_f")]
    f: String,
    #[column(expand, renamed_from = "old_g", identity = "always")]
    g: i32,
    #[column(expand, renamed_from = "old_h", generated = "g + 1")]
    h: i32,
    #[column(expand, renamed_from = "changed_at")]
    updated_at: chrono::DateTime<chrono::Utc>,
    created_at: chrono::DateTime<chrono::Utc>,
}

#[derive(Model)]
#[model(partition_by(range(day)), primary_key(id, day))]
struct Partitioned {
    id: i32,
    #[column(expand, renamed_from = "at")]
    day: i32,
    #[column(expand, renamed_from = "old_kind")]
    kind: String,
}

#[derive(Model)]
#[model(view = "SELECT 1 AS id")]
struct View {
    #[column(expand, renamed_from = "key")]
    id: i32,
}

#[derive(Model)]
#[model(table = "more", check("a > 0) , d int CHECK (true"))]
#[model(index(columns("lower(b)), (c"), where = "a > 0; DROP TABLE more", name = "more_index"))]
#[model(index(columns(b(opclass = "text_ops), (c")), name = "more_other"))]
struct MoreThanAnExpression {
    #[column(check = "b > 0) , d int CHECK (true")]
    a: i32,
    #[column(default = "'', ADD COLUMN d int")]
    b: String,
    #[column(default = "0 NOT NULL", renamed_from = "old")]
    c: i32,
    #[column(generated = "a + 1 -- why")]
    d: i32,
    #[column(expand(forward = "old_e)", back = "(e"), renamed_from = "old_e")]
    e: String,
}

fn main() {}
