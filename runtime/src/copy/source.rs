//! Which Rust types can be read from a document into which columns.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;

use crate::column::kind::{self, Kind, Scalar};
use crate::id::Id;
use crate::json::Json;
use crate::model::PgEnum;
use crate::transform::error::ValueError;
use crate::transform::plan::RestKind;
use crate::transform::value::Value;

use super::json::Form;
use super::{Shape, ToCopy, Writer, array, json, number, numeric, text, time, uuid};

/// A field's type that can be read from a BSON value straight into a column of kind `K`.
#[diagnostic::on_unimplemented(
    message = "a document's value cannot go into a `{K}` column through `{Self}`",
    label = "no conversion for this type and this column type",
    note = "change the field's type or its `#[column(type = \"…\")]`, or convert it yourself: `#[source(with = \"path::to::function\")]`"
)]
pub trait FromSource<K> {
    const NULLABLE: bool = false;

    /// Appends the bytes of a value that is not null, without their length.
    fn from_source(value: Value<'_>, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError>;
}

macro_rules! sources {
    ($($rust:ty => $($kind:ident)|+: |$value:ident, $shape:ident, $out:ident| $body:expr;)*) => {$($(
        impl FromSource<kind::$kind> for $rust {
            #[inline]
            fn from_source($value: Value<'_>, $shape: &Shape, $out: &mut Writer<'_>) -> Result<(), ValueError> {
                $body
            }
        }
    )+)*};
}

/// What is read as a Rust value first is written as [`ToCopy`] writes that.
macro_rules! read {
    ($($rust:ty => $($kind:ident)|+: $read:path;)*) => {$($(
        impl FromSource<kind::$kind> for $rust {
            #[inline]
            fn from_source(value: Value<'_>, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
                let read: $rust = $read(value)?;
                ToCopy::<kind::$kind>::to_copy(&read, shape, out).map(|_| ())
            }
        }
    )+)*};
}

read! {
    bool => Bool: number::boolean;
    i16 => Int2 | Int4 | Int8 | Numeric: number::integer_of;
    i32 => Int4 | Int8 | Numeric: number::integer_of;
    i64 => Int8 | Numeric: number::integer;
    f32 => Float4 | Float8: number::float;
    f64 => Float8: number::double;
    NaiveTime => Time: time::of_day;
}

sources! {
    f64 => Numeric: |value, shape, out| numeric::write(number::number(value)?, shape, out);
    Decimal => Numeric: |value, shape, out| numeric::write(number::number(value)?, shape, out);
    String => Text | Varchar | Citext: |value, shape, out| text::write(text::text(value)?, shape, out);
    String => Bpchar: |value, shape, out| text::write_padded(text::text(value)?, shape, out);
    Vec<u8> => Bytea: |value, _shape, out| { out.put(text::bytes(value)?); Ok(()) };
    ::uuid::Uuid => Uuid: |value, shape, out| uuid::write(value, shape, out);
    NaiveDate => Date: |value, _shape, out| time::write_day(time::milliseconds(value)?, out);
    NaiveDateTime => Timestamp | Timestamptz: |value, shape, out| {
        time::write_milliseconds(time::milliseconds(value)?, shape, out)
    };
    DateTime<Utc> => Timestamp | Timestamptz: |value, shape, out| {
        time::write_milliseconds(time::milliseconds(value)?, shape, out)
    };
    serde_json::Value => Json: |value, _shape, out| json::write(value, Form::Json, out);
    serde_json::Value => Jsonb: |value, _shape, out| json::write(value, Form::Jsonb, out);
}

impl<T> FromSource<kind::Uuid> for Id<T> {
    #[inline]
    fn from_source(value: Value<'_>, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
        uuid::write(value, shape, out)
    }
}

impl<K: RestKind, T> FromSource<K> for Json<T> {
    fn from_source(value: Value<'_>, _: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
        json::write(value, K::FORM, out)
    }
}

impl<E: PgEnum> FromSource<kind::Enum> for E {
    #[inline]
    fn from_source(value: Value<'_>, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
        text::write(text::label(value, E::LABELS)?, shape, out)
    }
}

impl<K, T: FromSource<K>> FromSource<K> for Option<T> {
    const NULLABLE: bool = true;

    #[inline]
    fn from_source(value: Value<'_>, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
        T::from_source(value, shape, out)
    }
}

impl<K: Scalar, T: FromSource<K>> FromSource<kind::Array<K>> for Vec<T> {
    fn from_source(value: Value<'_>, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
        array::from_source(value, <K as Kind>::OID, T::NULLABLE, shape, out, T::from_source)
    }
}
