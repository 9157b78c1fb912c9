//! Keys: what becomes a UUID, and how.

use uuid::Uuid;

use crate::id::{self, IdStrategy};
use crate::object_id::ObjectId;
use crate::transform::error::{Code, ValueError};
use crate::transform::value::{Tag, Value};

use super::{Shape, Writer};

const SUBTYPE_LEGACY: u8 = 3;
const SUBTYPE_UUID: u8 = 4;

/// Writes the UUID a key becomes under the column's strategy.
#[inline]
pub fn write(value: Value<'_>, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
    out.put(convert(value, shape)?.as_bytes());
    Ok(())
}

#[inline]
fn convert(value: Value<'_>, shape: &Shape) -> Result<Uuid, ValueError> {
    use IdStrategy::{Hex, Integer, Text, UuidCsharp, UuidJava, UuidPython};
    let found = match (value.tag, shape.id) {
        (Tag::ObjectId, IdStrategy::ObjectId | Hex) => Some(ObjectId(value.fixed()).to_uuid()),
        (Tag::Binary, IdStrategy::ObjectId | Hex | IdStrategy::Uuid | UuidJava | UuidCsharp | UuidPython) => {
            binary(value, shape.id)?
        }
        (Tag::String | Tag::Symbol, Hex) => ObjectId::from_hex(value.bytes).map(ObjectId::to_uuid),
        (Tag::String | Tag::Symbol, IdStrategy::Uuid | UuidJava | UuidCsharp | UuidPython) => {
            Uuid::try_parse_ascii(value.bytes).ok()
        }
        (Tag::String | Tag::Symbol, Text) => Some(id::from_text(&namespace(shape)?, value.text()?)),
        (Tag::Int32 | Tag::Int64 | Tag::Double | Tag::Decimal128, Integer) => {
            Some(id::from_integer(&namespace(shape)?, super::number::integer(value)?))
        }
        _ => None,
    };
    found.ok_or_else(|| refusal(value, shape.id))
}

fn namespace(shape: &Shape) -> Result<Uuid, ValueError> {
    let missing = || {
        ValueError::new(
            Code::Unprepared,
            "the column's keys have no namespace: the table they refer to is not known",
        )
    };
    shape.namespace.map(|namespace| namespace()).ok_or_else(missing)
}

fn binary(value: Value<'_>, strategy: IdStrategy) -> Result<Option<Uuid>, ValueError> {
    let (subtype, bytes) = value.binary()?;
    let Ok(bytes) = <[u8; 16]>::try_from(bytes) else { return Ok(None) };
    Ok(match subtype {
        SUBTYPE_UUID => Some(Uuid::from_bytes(bytes)),
        SUBTYPE_LEGACY => id::from_legacy_binary(strategy, bytes),
        _ => None,
    })
}

#[cold]
fn refusal(value: Value<'_>, strategy: IdStrategy) -> ValueError {
    let name = IdStrategy::NAMES.iter().find(|(_, known)| *known == strategy).map_or("", |(name, _)| name);
    let found = match value.tag {
        Tag::Binary => match value.bytes.first() {
            Some(3) => "a UUID binary of subtype 3, whose byte order is not declared,".to_owned(),
            Some(subtype) => format!("a binary of subtype {subtype} and {} bytes", value.bytes.len() - 1),
            None => "an empty binary".to_owned(),
        },
        tag => tag.name().to_owned(),
    };
    let hint = match value.tag {
        Tag::String => {
            "`id = \"hex\"` takes 24 hexadecimal digits, `id = \"uuid\"` UUIDs, `id = \"text\"` any text"
        }
        Tag::Binary => "`id = \"uuid_java\"`, `\"uuid_csharp\"` or `\"uuid_python\"` declare a byte order",
        Tag::Int32 | Tag::Int64 | Tag::Double => "`id = \"integer\"` takes integers",
        _ => "`with` takes anything",
    };
    ValueError::new(Code::TypeMismatch, format!("{found} is not a key for the strategy `{name}`; {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_a_namespace_is_an_error() {
        let text = Value { tag: Tag::String, bytes: b"kim" };
        let integer = Value { tag: Tag::Int32, bytes: &[7, 0, 0, 0] };
        for (value, id) in [(text, IdStrategy::Text), (integer, IdStrategy::Integer)] {
            let error = convert(value, &Shape { id, ..Shape::PLAIN }).unwrap_err();
            assert_eq!(error.code(), Code::Unprepared, "{error}");
        }
    }
}
