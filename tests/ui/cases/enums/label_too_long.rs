use whimbrel::PgEnum;

#[derive(PgEnum)]
enum Stage {
    #[pg(rename = "a_name_that_is_longer_than_postgresql_keeps_would_be_cut_silently_by_it")]
    Open,
    #[pg(rename = "")]
    Closed,
}

fn main() {}
