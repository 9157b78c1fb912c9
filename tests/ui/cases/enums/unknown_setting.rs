use whimbrel::PgEnum;

#[derive(PgEnum)]
#[pg(rename = "stage", rename_al = "x")]
enum Stage {
    #[pg(name = "open")]
    Open,
}

fn main() {}
