use whimbrel::Model;

#[derive(Model)]
#[model(index)]
struct AFlag {
    #[column(index(name = "x"))]
    code: i32,
}

#[derive(Model)]
#[model(index(columns(""), where = " "))]
struct EmptyPredicate {
    code: i32,
}

#[derive(Model)]
#[model(index(columns(code), include(code)))]
struct KeyIncluded {
    code: i32,
}

#[derive(Model)]
#[model(index(columns(code), method = "gin", unique))]
#[model(index(columns(code, name), method = "hash"))]
#[model(index(columns(code), method = "gin", include(name)))]
#[model(index(columns(code(desc)), method = "brin"))]
#[model(index(columns(code), method = "GIN"))]
struct Method {
    code: i32,
    name: String,
}

#[derive(Model)]
#[model(index(name = "by_code"), index(columns()))]
struct NoColumns {
    code: i32,
}

#[derive(Model)]
#[model(index(columns(code(nulls = "middle"))))]
struct Nulls {
    code: i32,
}

#[derive(Model)]
#[model(index(columns(code), order = "descending"))]
#[model(index(columns(code(down))))]
#[model(index(columns(code, name), order(asc, desc, asc)))]
#[model(index(columns(code(desc)), order = "asc"))]
struct Order {
    code: i32,
    name: String,
}

#[derive(Model)]
#[model(index(columns(code, name = "by_code")))]
struct SettingAmongColumns {
    code: i32,
}

#[derive(Model)]
#[model(index(columns(cod), include(nam)))]
struct UnknownColumn {
    code: i32,
    name: String,
}

fn main() {}
