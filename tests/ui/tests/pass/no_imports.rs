//! Nothing of Whimbrel need be in scope, and other things may have its names.
#![deny(warnings)]
#![allow(dead_code)]

trait Model {}
trait Column {}
struct Table;
struct Errors;

#[derive(Clone, Copy, PartialEq, Eq, Debug, whimbrel::PgEnum)]
pub enum Option2 {
    Some,
    None,
}

#[derive(whimbrel::Newtype)]
pub struct Email(String);

#[derive(whimbrel::Model)]
pub struct Result {
    pub id: whimbrel::Id<Result>,
    pub r#type: Option2,
    pub email: ::core::option::Option<Email>,
}

#[test]
fn it_works() {
    assert_eq!(<Result as whimbrel::Model>::COLUMNS, ["id", "type", "email"]);
    assert_eq!("None".parse::<Option2>(), Ok(Option2::None));
}
