use whimbrel::Model;

#[derive(Model)]
#[model(table = "a_name_that_is_longer_than_postgresql_keeps_would_be_cut_silently_by_it")]
struct Account {
    a_name_that_is_longer_than_postgresql_keeps_would_be_cut_silently_by_it: i32,
    #[column(name = "a_name_that_is_longer_than_postgresql_keeps_would_be_cut_silently_by_it_b")]
    b: i32,
}

fn main() {}
