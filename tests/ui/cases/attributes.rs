use whimbrel::Model;

#[derive(Model)]
#[model(tabel = "a", schema = 1, index(name = "x"))]
struct AllAtOnce {
    #[column(on_delete = "casacde")]
    id: i32,
    #[column(defualt = "1")]
    code: i32,
}

#[derive(Model)]
struct DefaultIsNoFunction {
    #[column(default = now())]
    id: i32,
}

#[derive(Model)]
struct FlagWithValue {
    #[column(unique = true)]
    id: i32,
}

#[derive(Model)]
#[model(table = "a" schema = "b")]
struct MissingComma {
    id: i32,
}

#[derive(Model)]
#[model]
struct NoList {
    #[column = "x"]
    id: i32,
}

#[derive(Model)]
#[model(5, table = "a")]
struct NotAName {
    id: i32,
}

#[derive(Model)]
#[model(rename_all = "camel_case")]
struct RenameAll {
    id: i32,
}

#[derive(Model)]
#[model(table = "a")]
#[model(table = "b")]
struct SetTwice {
    #[column(unique, unique)]
    code: i32,
}

#[derive(Model)]
#[model(table = accounts, schema = 5, comment)]
struct TextNeeded {
    id: i32,
}

#[derive(Model)]
struct UnknownColumnSetting {
    #[column(foreign = "x")]
    id: i32,
}

#[derive(Model)]
#[model(tabel = "accounts")]
struct UnknownModelSetting {
    id: i32,
}

fn main() {}
