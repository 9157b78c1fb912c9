//! Arrays whose elements' type has another OID in every database.

use whimbrel::__private::copy::TupleBuffer;
use whimbrel::__private::transform::{Context, element_oids};
use whimbrel::bson::{RawDocument, rawdoc};
use whimbrel::{Model, PgEnum, Transform};

use crate::harness::Server;

#[derive(Model, Transform)]
#[model(table = "tagged", schema = "crm")]
#[source(collection = "tagged")]
#[allow(dead_code)]
struct Tagged {
    #[source(field = "n")]
    id: i32,
    moods: Vec<Mood>,
    #[column(type = "text[]")]
    names: Option<Vec<String>>,
}

#[derive(PgEnum)]
#[pg(rename_all = "snake_case")]
#[allow(dead_code)]
enum Mood {
    Good,
    Bad,
}

fn encode(document: &RawDocument, oids: &[u32]) -> (TupleBuffer, Vec<&'static str>) {
    let (mut out, mut errors) = (TupleBuffer::new(), Vec::new());
    let context = Context { element_oids: oids, ..Context::default() };
    (Tagged::spec().encode)(document, &context, &mut out, &mut errors);
    (out, errors.into_iter().map(|error| error.code).collect())
}

#[test]
fn arrays_of_enums() {
    let Some(mut server) = Server::new("oids") else { return };
    server.execute(
        "CREATE SCHEMA crm;
         CREATE TYPE mood AS ENUM ('good', 'bad');
         CREATE TABLE crm.tagged (names text[], moods mood[] NOT NULL, id int PRIMARY KEY)"
            .into(),
    );
    let document = rawdoc! { "n": 1, "moods": ["bad", "good"], "names": ["a"] };
    assert_eq!(encode(&document, &[]).1, ["unprepared"]);
    assert_eq!(encode(&rawdoc! { "n": 1, "moods": ["ugly"] }, &[0, 1, 25]).1, ["unknown_label"]);

    let oids = server.block_on(async |connection| element_oids(connection, Tagged::spec()).await.unwrap());
    assert_eq!((oids[0], oids[2]), (0, 25));
    let (tuples, errors) = encode(&document, &oids);
    assert!(errors.is_empty(), "{errors:?}");
    let columns = "crm.tagged (id, moods, names)";
    let (sent, returned) = server.copy(columns, columns, &tuples);
    assert_eq!(returned, sent);
}

#[test]
fn a_table_without_the_column() {
    let Some(mut server) = Server::new("no_column") else { return };
    server.execute("CREATE SCHEMA crm; CREATE TABLE crm.tagged (id int)".into());
    let error =
        server.block_on(async |connection| element_oids(connection, Tagged::spec()).await.unwrap_err());
    assert!(error.to_string().contains("crm.tagged.moods"), "{error}");
}
