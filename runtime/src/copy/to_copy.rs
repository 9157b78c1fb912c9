//! Which Rust values can be written into which columns: what `with` functions and defaults make.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;

use crate::column::kind::{self, Kind, Scalar};
use crate::id::Id;
use crate::json::Json;
use crate::model::PgEnum;
use crate::transform::error::{Code, ValueError};
use crate::transform::plan::RestKind;

use super::json::Form;
use super::numeric::{self, Number};
use super::{Shape, Writer, array, json, text, time};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Value,
    Null,
}

/// A Rust value that can be written into a column of kind `K`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written into a `{K}` column",
    label = "no encoding for this type and this column type",
    note = "change the field's type or its `#[column(type = \"…\")]`"
)]
pub trait ToCopy<K> {
    /// Appends the value's bytes, without their length.
    fn to_copy(&self, shape: &Shape, out: &mut Writer<'_>) -> Result<Written, ValueError>;
}

macro_rules! values {
    ($($rust:ty => $($kind:ident)|+: |$value:ident, $shape:ident, $out:ident| $body:expr;)*) => {$($(
        impl ToCopy<kind::$kind> for $rust {
            #[inline]
            fn to_copy(&self, $shape: &Shape, $out: &mut Writer<'_>) -> Result<Written, ValueError> {
                let $value = self;
                let written: Result<(), ValueError> = $body;
                written.map(|()| Written::Value)
            }
        }
    )+)*};
}

fn put(bytes: &[u8], out: &mut Writer<'_>) -> Result<(), ValueError> {
    out.put(bytes);
    Ok(())
}

fn decimal(value: f64) -> Result<Number, ValueError> {
    Number::shortest(value)
        .ok_or_else(|| ValueError::new(Code::NotANumber, "NaN or an infinity is not a numeric value"))
}

values! {
    bool => Bool: |value, _shape, out| put(&[u8::from(*value)], out);
    i16 => Int2: |value, _shape, out| put(&value.to_be_bytes(), out);
    i16 => Int4: |value, _shape, out| put(&i32::from(*value).to_be_bytes(), out);
    i16 => Int8: |value, _shape, out| put(&i64::from(*value).to_be_bytes(), out);
    i16 => Numeric: |value, shape, out| numeric::write(Number::integer((*value).into()), shape, out);
    i32 => Int4: |value, _shape, out| put(&value.to_be_bytes(), out);
    i32 => Int8: |value, _shape, out| put(&i64::from(*value).to_be_bytes(), out);
    i32 => Numeric: |value, shape, out| numeric::write(Number::integer((*value).into()), shape, out);
    i64 => Int8: |value, _shape, out| put(&value.to_be_bytes(), out);
    i64 => Numeric: |value, shape, out| numeric::write(Number::integer(*value), shape, out);
    f32 => Float4: |value, _shape, out| put(&value.to_be_bytes(), out);
    f32 => Float8: |value, _shape, out| put(&f64::from(*value).to_be_bytes(), out);
    f64 => Float8: |value, _shape, out| put(&value.to_be_bytes(), out);
    f64 => Numeric: |value, shape, out| numeric::write(decimal(*value)?, shape, out);
    Decimal => Numeric: |value, shape, out| {
        let exponent = -i32::try_from(value.scale()).unwrap_or(0);
        let number = Number {
            negative: value.is_sign_negative(),
            coefficient: value.mantissa().unsigned_abs(),
            exponent,
        };
        numeric::write(number, shape, out)
    };
    String => Text | Varchar | Citext: |value, shape, out| text::write(text::storable(value)?, shape, out);
    String => Bpchar: |value, shape, out| text::write_padded(text::storable(value)?, shape, out);
    Vec<u8> => Bytea: |value, _shape, out| put(value, out);
    ::uuid::Uuid => Uuid: |value, _shape, out| put(value.as_bytes(), out);
    NaiveDate => Date: |value, _shape, out| time::write_date(*value, out);
    NaiveTime => Time: |value, shape, out| time::write_time(*value, shape, out);
    NaiveDateTime => Timestamp | Timestamptz: |value, shape, out| time::write_date_time(*value, shape, out);
    DateTime<Utc> => Timestamp | Timestamptz: |value, shape, out| {
        time::write_date_time(value.naive_utc(), shape, out)
    };
    serde_json::Value => Json: |value, _shape, out| json::write_value(value, Form::Json, out);
    serde_json::Value => Jsonb: |value, _shape, out| json::write_value(value, Form::Jsonb, out);
}

impl<T> ToCopy<kind::Uuid> for Id<T> {
    fn to_copy(&self, _: &Shape, out: &mut Writer<'_>) -> Result<Written, ValueError> {
        out.put(self.uuid().as_bytes());
        Ok(Written::Value)
    }
}

impl<K: RestKind, T: serde::Serialize> ToCopy<K> for Json<T> {
    fn to_copy(&self, _: &Shape, out: &mut Writer<'_>) -> Result<Written, ValueError> {
        let value = serde_json::to_value(&self.0)
            .map_err(|error| ValueError::new(Code::Custom, format!("the value has no JSON: {error}")))?;
        json::write_value(&value, K::FORM, out).map(|()| Written::Value)
    }
}

impl<E: PgEnum> ToCopy<kind::Enum> for E {
    fn to_copy(&self, _: &Shape, out: &mut Writer<'_>) -> Result<Written, ValueError> {
        out.put(self.label().as_bytes());
        Ok(Written::Value)
    }
}

impl<K, T: ToCopy<K>> ToCopy<K> for Option<T> {
    fn to_copy(&self, shape: &Shape, out: &mut Writer<'_>) -> Result<Written, ValueError> {
        match self {
            Some(value) => value.to_copy(shape, out),
            None => Ok(Written::Null),
        }
    }
}

impl<K: Scalar, T: ToCopy<K>> ToCopy<kind::Array<K>> for Vec<T> {
    fn to_copy(&self, shape: &Shape, out: &mut Writer<'_>) -> Result<Written, ValueError> {
        let mut values = self.iter();
        array::write(<K as Kind>::OID, out, |out| match values.next() {
            Some(value) => out.field(|out| value.to_copy(shape, out)).map(Some),
            None => Ok(None),
        })?;
        Ok(Written::Value)
    }
}
