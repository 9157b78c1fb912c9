//! A declared type needs no Column, and what sqlx cannot read only lacks FromRow.
#![deny(warnings)]
#![allow(dead_code)]
use whimbrel::Model;

pub struct Vector(pub Vec<f32>);

#[derive(Model)]
pub struct Document {
    pub id: i32,
    #[column(type = "vector(3)")]
    pub embedding: Option<Vector>,
}

#[test]
fn it_works() {
    let table = Document::definition();
    let column = table.column("embedding").unwrap();
    assert!(!column.not_null);
}
