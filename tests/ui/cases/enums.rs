use whimbrel::PgEnum;

#[derive(PgEnum)]
struct AStruct {
    id: i32,
}

#[derive(PgEnum)]
enum Generic<T> {
    Open(T),
}

#[derive(PgEnum)]
enum LabelTooLong {
    #[pg(rename = "a_name_that_is_longer_than_postgresql_keeps_would_be_cut_silently_by_it")]
    Open,
    #[pg(rename = "")]
    Closed,
}

#[derive(PgEnum)]
enum NoVariants {}

#[derive(PgEnum)]
#[pg(renamed_from = "renamed_from_itself")]
enum RenamedFromItself {
    #[pg(renamed_from = "Open")]
    Open,
}

#[derive(PgEnum)]
enum SameLabel {
    Open,
    #[pg(rename = "Open")]
    Closed,
}

#[derive(PgEnum)]
#[pg(rename_all = "SnakeCase")]
enum UnknownCase {
    Open,
}

#[derive(PgEnum)]
#[pg(rename = "stage", rename_al = "x")]
enum UnknownSetting {
    #[pg(name = "open")]
    Open,
}

#[derive(PgEnum)]
enum VariantWithFields {
    Open,
    Closed(i32),
    Lost { why: String },
}

fn main() {}
