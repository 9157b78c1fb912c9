//! The models of these tests. `Model` is implemented by hand: what is tested is the engine.

use whimbrel::{Id, Json, Model, Transform};
use whimbrel_syntax::model::{QName, Table};

macro_rules! model {
    ($name:ident $table:literal) => {
        impl Model for $name {
            const SCHEMA: &'static str = "public";
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[];
            const PRIMARY_KEY: &'static [&'static str] = &["id"];

            fn definition() -> Table {
                Table::new(QName::public($table))
            }
        }
    };
}

#[derive(Transform)]
#[source(collection = "teams", ignore("old"))]
#[allow(dead_code)]
pub struct Team {
    #[source(field = "_id")]
    pub id: Id<Team>,
    pub name: String,
}
model!(Team "teams");

#[derive(Transform)]
#[source(collection = "people")]
#[allow(dead_code)]
pub struct Person {
    #[source(field = "_id")]
    pub id: Id<Person>,
    pub team: Option<Id<Team>>,
    pub boss: Option<Id<Person>>,
    pub email: Option<String>,
    pub age: i32,
    #[source(rest)]
    pub extra: Json,
}
model!(Person "people");

#[derive(Transform)]
#[model(primary_key(person_id, position))]
#[source(collection = "people", each = "phones")]
#[allow(dead_code)]
pub struct Phone {
    #[source(parent = "_id")]
    pub person_id: Id<Person>,
    #[source(ordinal)]
    pub position: i32,
    #[source(element)]
    pub number: String,
}
model!(Phone "phones");

/// The tables, with a constraint, index or trigger of every kind.
pub const DDL: &str = r#"
CREATE TABLE teams (id uuid PRIMARY KEY, name text NOT NULL);
CREATE UNIQUE INDEX teams_lower_name_idx ON teams (lower(name)) WHERE name <> '';
COMMENT ON INDEX teams_lower_name_idx IS 'it''s a comment';
ALTER INDEX teams_lower_name_idx ALTER COLUMN 1 SET STATISTICS 300;
CREATE TABLE people (
    id uuid PRIMARY KEY,
    team uuid REFERENCES teams (id) ON DELETE CASCADE,
    boss uuid REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED,
    email varchar(40) CONSTRAINT "one Email" UNIQUE,
    age integer NOT NULL CHECK (age >= 0),
    extra jsonb NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY
);
COMMENT ON CONSTRAINT people_age_check ON people IS 'nobody is younger';
CREATE INDEX people_team_idx ON people (team) WITH (fillfactor = 70);
CREATE TABLE phones (
    person_id uuid NOT NULL REFERENCES people (id),
    position integer NOT NULL,
    number text NOT NULL,
    PRIMARY KEY (person_id, position)
);
CREATE TABLE badges (person uuid REFERENCES people (id), label text);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER people_refuse BEFORE INSERT OR DELETE ON people FOR EACH ROW EXECUTE FUNCTION refuse();
"#;
