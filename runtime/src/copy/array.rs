//! Arrays: one dimension from 1, as `array_send` writes them.

use crate::transform::error::{Code, ValueError};
use crate::transform::value::{Elements, Tag, Value};

use super::number::mismatch;
use super::to_copy::Written;
use super::{Shape, Writer};

/// Writes an array of the elements that `next` puts until it says that there are no more.
pub fn write(
    oid: Option<u32>,
    out: &mut Writer<'_>,
    mut next: impl FnMut(&mut Writer<'_>) -> Result<Option<Written>, ValueError>,
) -> Result<(), ValueError> {
    let oid = oid.unwrap_or(out.element_oid);
    if oid == 0 {
        let reason = "the OID of the array's elements is not known: the target has not been asked";
        return Err(ValueError::new(Code::Unprepared, reason));
    }
    let start = out.position();
    // Dimensions, whether there are NULLs, element type; then length and lower bound of the dimension.
    out.put(&[0; 8]);
    out.put(&oid.to_be_bytes());
    let dimension = out.position();
    out.put(&[0, 0, 0, 0, 0, 0, 0, 1]);
    let (mut count, mut nulls) = (0_i32, 0_i32);
    while let Some(written) = next(out)? {
        count += 1;
        if written == Written::Null {
            nulls = 1;
        }
    }
    if count == 0 {
        out.truncate(dimension);
        return Ok(());
    }
    out.patch(start, 1_i32.to_be_bytes());
    out.patch(start + 4, nulls.to_be_bytes());
    out.patch(dimension, count.to_be_bytes());
    Ok(())
}

/// Writes a BSON array with a function for its elements.
#[inline]
pub fn from_source(
    value: Value<'_>,
    oid: Option<u32>,
    nullable: bool,
    shape: &Shape,
    out: &mut Writer<'_>,
    element: impl Fn(Value<'_>, &Shape, &mut Writer<'_>) -> Result<(), ValueError>,
) -> Result<(), ValueError> {
    if value.tag != Tag::Array {
        return Err(mismatch(value, "an array"));
    }
    let mut elements = Elements::new(value.bytes)?;
    write(oid, out, |out| {
        let Some(item) = elements.next_element()? else { return Ok(None) };
        let written = if item.value.is_null() {
            if !nullable {
                let reason = "an element is null; `Vec<Option<_>>` would take it";
                return Err(ValueError::new(Code::Null, reason).within(item.key));
            }
            out.null();
            Written::Null
        } else {
            out.field(|out| element(item.value, shape, out).map(|()| Written::Value))
                .map_err(|error| error.within(item.key))?
        };
        Ok(Some(written))
    })
}
