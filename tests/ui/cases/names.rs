use whimbrel::Model;

#[derive(Model)]
#[model(table = "crm.accounts")]
struct DottedTable {
    id: i32,
}

#[derive(Model)]
#[model(table = "", schema = "")]
struct Empty {
    #[column(name = "")]
    id: i32,
}

#[derive(Model)]
#[model(renamed_from = "renamed_from_itself")]
struct RenamedFromItself {
    #[column(renamed_from = "id")]
    id: i32,
}

#[derive(Model)]
#[model(schema = "pg_catalog")]
struct ReservedSchema {
    id: i32,
}

#[derive(Model)]
struct SystemColumn {
    ctid: i32,
}

#[derive(Model)]
#[model(check(code, "code > 0"), index(columns(code), name = "code"))]
struct Taken {
    code: i32,
}

#[derive(Model)]
#[model(table = "a_name_that_is_longer_than_postgresql_keeps_would_be_cut_silently_by_it")]
struct TooLong {
    a_name_that_is_longer_than_postgresql_keeps_would_be_cut_silently_by_it: i32,
    #[column(name = "a_name_that_is_longer_than_postgresql_keeps_would_be_cut_silently_by_it_b")]
    b: i32,
}

#[derive(Model)]
struct TwoColumns {
    name: String,
    #[column(name = "name")]
    title: String,
}

fn main() {}
