//! Integers, floats and booleans, and numerics from any number.

use crate::transform::error::{Code, ValueError};
use crate::transform::value::{Tag, Value};

use super::decimal128;
use super::numeric::{Number, Shown};

#[cold]
pub(crate) fn mismatch(value: Value<'_>, expected: &str) -> ValueError {
    ValueError::new(Code::TypeMismatch, format!("{} was found, {expected} is expected", value.tag.name()))
}

/// An integer of any of the number types, if its value is integral.
#[inline]
pub fn integer(value: Value<'_>) -> Result<i64, ValueError> {
    match value.tag {
        Tag::Int32 => Ok(i64::from(i32::from_le_bytes(value.fixed()))),
        Tag::Int64 => Ok(i64::from_le_bytes(value.fixed())),
        Tag::Double | Tag::Decimal128 => integral(value),
        _ => Err(mismatch(value, "an integer")),
    }
}

fn integral(value: Value<'_>) -> Result<i64, ValueError> {
    let number = number(value)?;
    number.to_i64().ok_or_else(|| {
        let too_great = number.exponent >= 0;
        let (code, why) = match too_great {
            true => (Code::OutOfRange, "is beyond 64 bits"),
            false => (Code::Precision, "has a fraction; an integer is expected, and nothing is rounded"),
        };
        ValueError::new(code, format!("{} {why}", Shown(number)))
    })
}

/// Like [`integer`], in fewer bits.
#[inline]
pub fn integer_of<T: TryFrom<i64>>(value: Value<'_>) -> Result<T, ValueError> {
    let wide = integer(value)?;
    T::try_from(wide).map_err(|_| {
        let bits = size_of::<T>() * 8;
        ValueError::new(Code::OutOfRange, format!("{wide} does not fit an integer of {bits} bits"))
    })
}

#[inline]
pub fn number(value: Value<'_>) -> Result<Number, ValueError> {
    let number = match value.tag {
        Tag::Int32 => Some(Number::integer(i64::from(i32::from_le_bytes(value.fixed())))),
        Tag::Int64 => Some(Number::integer(i64::from_le_bytes(value.fixed()))),
        Tag::Double => Number::shortest(f64::from_le_bytes(value.fixed())),
        Tag::Decimal128 => decimal128::number(value.fixed()),
        _ => return Err(mismatch(value, "a number")),
    };
    number.ok_or_else(|| {
        ValueError::new(Code::NotANumber, "NaN or an infinity was found, a number is expected")
    })
}

/// A double that has exactly the value of any of the binary number types.
#[inline]
pub fn double(value: Value<'_>) -> Result<f64, ValueError> {
    match value.tag {
        Tag::Double => Ok(f64::from_le_bytes(value.fixed())),
        Tag::Int32 => Ok(f64::from(i32::from_le_bytes(value.fixed()))),
        Tag::Int64 => {
            let wide = i64::from_le_bytes(value.fixed());
            let double = wide as f64;
            // Through i128, since i64::MAX as f64 would saturate back to i64::MAX.
            if double as i128 == i128::from(wide) {
                Ok(double)
            } else {
                let reason = format!("{wide} has more digits than double precision holds; it is not rounded");
                Err(ValueError::new(Code::Precision, reason))
            }
        }
        _ => Err(mismatch(value, "a double")),
    }
}

/// A float that has exactly the value of any of the binary number types.
#[inline]
pub fn float(value: Value<'_>) -> Result<f32, ValueError> {
    let wide = double(value)?;
    let narrow = wide as f32;
    if f64::from(narrow) == wide || wide.is_nan() {
        return Ok(narrow);
    }
    let reason = format!(
        "{wide:?} has more digits than `real` holds; use `double precision`, or round it in a `with` function"
    );
    Err(ValueError::new(Code::Precision, reason))
}

#[inline]
pub fn boolean(value: Value<'_>) -> Result<bool, ValueError> {
    match value.tag {
        Tag::Boolean => Ok(value.bytes == [1]),
        _ => Err(mismatch(value, "a boolean")),
    }
}
