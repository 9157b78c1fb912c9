//! A program that knows `whimbrel` only through another crate: nothing here may name `::whimbrel`.

mod framework {
    pub mod data {
        pub use whimbrel as store;
    }
}

mod app {
    use super::framework::data::store::bson::RawBsonRef;
    use super::framework::data::store::{Id, Migrator, Model, Newtype, PgEnum, Transform};

    #[derive(PgEnum)]
    #[pg(crate = "super::framework::data::store")]
    pub enum Level {
        Low,
        High,
    }

    #[derive(Newtype)]
    #[newtype(crate = "super::framework::data::store")]
    pub struct Email(String);

    #[derive(Model, Transform)]
    #[model(crate = "super::framework::data::store")]
    #[source(collection = "readings")]
    pub struct Reading {
        #[source(field = "_id", id = "integer")]
        pub id: Id<Reading>,
        pub level: Level,
        #[column(type = "text")]
        pub reporter: Email,
        #[source(with = "celsius", default = 0)]
        pub celsius: i32,
    }

    fn celsius(_: Option<RawBsonRef<'_>>) -> Result<i32, String> {
        Ok(0)
    }

    pub static MIGRATOR: Migrator = super::framework::data::store::embed!("migrations");
}

#[test]
fn a_reexport_is_enough() {
    use framework::data::store::Model as _;
    assert_eq!(app::Reading::COLUMNS, ["id", "level", "reporter", "celsius"]);
    assert!(!app::MIGRATOR.migrations().is_empty());
}
