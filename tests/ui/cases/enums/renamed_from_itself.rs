use whimbrel::PgEnum;

#[derive(PgEnum)]
#[pg(renamed_from = "stage")]
enum Stage {
    #[pg(renamed_from = "Open")]
    Open,
}

fn main() {}
