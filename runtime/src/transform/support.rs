//! What generated code calls.

use std::fmt::Display;

use sqlx::Postgres;
use sqlx::encode::IsNull;
use sqlx::postgres::PgArgumentBuffer;
use uuid::Uuid;

use crate::column::Column;
use crate::copy::{FromSource, Shape, ToCopy, Writer, Written};
use crate::model::Model;

use super::error::{Code, ValueError};
use super::value::Value;

/// A field's type that is a column and can be read from a document into it. One trait for both, so that a type that
/// is neither is one mistake.
#[diagnostic::on_unimplemented(
    message = "a document's value cannot go into a column through `{Self}`",
    label = "no conversion for this type",
    note = "change the field's type, or convert it yourself: `#[source(with = \"path::to::function\")]`"
)]
pub trait Field {
    const NULLABLE: bool;

    fn from_source(value: Value<'_>, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError>;
}

#[diagnostic::do_not_recommend]
impl<T: Column + FromSource<<T as Column>::Kind>> Field for T {
    const NULLABLE: bool = <T as FromSource<T::Kind>>::NULLABLE;

    #[inline]
    fn from_source(value: Value<'_>, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
        <T as FromSource<T::Kind>>::from_source(value, shape, out)
    }
}

pub fn with<K, T: ToCopy<K>, E: Display>(
    made: Result<T, E>,
    shape: &Shape,
    out: &mut Writer<'_>,
) -> Result<Written, ValueError> {
    match made {
        Ok(value) => value.to_copy(shape, out),
        Err(error) => Err(ValueError::new(Code::Custom, error.to_string())),
    }
}

/// Writes what a `with` function has made for a type that only sqlx knows.
pub fn with_sqlx<'q, T: sqlx::Encode<'q, Postgres>, E: Display>(
    made: Result<T, E>,
    out: &mut Writer<'_>,
) -> Result<Written, ValueError> {
    let value = made.map_err(|error| ValueError::new(Code::Custom, error.to_string()))?;
    let mut buffer = PgArgumentBuffer::default();
    match value.encode_by_ref(&mut buffer) {
        Ok(IsNull::No) => {
            out.put(&buffer);
            Ok(Written::Value)
        }
        Ok(IsNull::Yes) => Ok(Written::Null),
        Err(error) => Err(ValueError::new(Code::Custom, error.to_string())),
    }
}

pub fn namespace_of<M: Model>() -> Uuid {
    crate::id::namespace(&M::qname())
}

/// The namespace of the keys that a column of type `C` holds: those of the table it refers to, otherwise of `M`.
pub fn namespace_of_column<C: Column, M: Model>() -> Uuid {
    crate::id::namespace(&C::keys_of().unwrap_or_else(M::qname))
}
