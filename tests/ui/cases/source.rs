use whimbrel::{Id, Json, Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "accounts", table = "accounts")]
struct CollectionTwice {
    id: i32,
}

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct ElementWithoutEach {
    #[source(parent = "_id")]
    account_id: i32,
    #[source(element)]
    user_id: i32,
    #[source(ordinal)]
    position: i32,
}

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct Generated {
    a: i32,
    #[column(generated = "a + 1")]
    #[source(field = "b")]
    b: i32,
}

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct IdStrategy {
    #[source(id = "objectid")]
    id: Id<IdStrategy>,
    #[source(id = "hex")]
    name: String,
}

#[derive(Model, Transform)]
#[source(collection = "accounts", ignore_rest)]
struct IgnoreAccount {
    #[source(rest)]
    a: Json,
}

#[derive(Model, Transform)]
#[source(collection = "contacts", ignore("a..b"))]
struct IgnoreContact {
    a: String,
}

#[derive(Model, Transform)]
struct Missing {
    id: i32,
}

#[derive(Model, Transform)]
#[source(rename_all = "camelCase")]
struct NoCollection {
    id: i32,
}

#[derive(Model, Transform)]
#[model(tabel = "x")]
#[source(collection = "accounts")]
struct OneMessageFromTwoDerives {
    #[column(nam = "y")]
    a: i32,
}

#[derive(Model, Transform)]
#[source(collection = "accounts", each = "a..b")]
struct Paths {
    #[source(field = "")]
    user_id: i32,
    #[source(parent = ".x")]
    account_id: i32,
}

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct RequiredAndDefault {
    #[source(required, default)]
    a: Option<i32>,
    #[source(required)]
    b: i32,
}

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct RestAccount {
    #[source(rest)]
    a: Json,
    #[source(rest)]
    b: Json,
}

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct RestContact {
    #[source(rest)]
    a: String,
}

#[derive(Model, Transform)]
#[source(collection = "accounts", each = "watchers")]
struct TwoOrigins {
    #[source(field = "x", element)]
    user_id: i32,
}

#[derive(Model, Transform)]
#[source(colection = "accounts", collection = "accounts")]
struct UnknownSetting {
    #[source(fields = "_id")]
    id: i32,
}

#[derive(Model, Transform)]
#[source(collection = "accounts")]
struct With {
    #[source(with = "a b")]
    a: i32,
    #[source(with)]
    b: i32,
}

fn main() {}
