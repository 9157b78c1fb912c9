//! The typed values of Extended JSON: `{"$oid": …}` and its relatives.

use bson::oid::ObjectId;
use chrono::DateTime;

use super::extjson::put_string;
use super::extjson_number::{is_decimal, is_json_number, is_whole_number};

/// A field of an object whose first name begins with a dollar, its value as BSON.
#[derive(Debug)]
pub(super) struct Field {
    pub key: String,
    pub tag: u8,
    pub value: Vec<u8>,
    /// Whether it was an object: a typed value of its own, or a document.
    pub wrapped: bool,
}

const STRING: u8 = 0x02;

/// The names that tell a type. Names of references (`$ref`, `$id`, `$db`) are ordinary fields.
pub(super) fn wrapper_key(key: &str) -> bool {
    matches!(
        key,
        "$oid"
            | "$numberInt"
            | "$numberLong"
            | "$numberDouble"
            | "$numberDecimal"
            | "$date"
            | "$binary"
            | "$uuid"
            | "$code"
            | "$symbol"
            | "$regularExpression"
            | "$timestamp"
            | "$dbPointer"
            | "$minKey"
            | "$maxKey"
            | "$undefined"
    )
}

/// The value that these fields together mean, or `None` when they are an ordinary document.
pub(super) fn typed(fields: &[Field]) -> Result<Option<(u8, Vec<u8>)>, String> {
    let field = |key: &str| fields.iter().find(|field| field.key == key);
    match fields {
        [only] => typed_one(only),
        [_, _] => {
            if let (Some(data), Some(kind)) = (field("$binary"), field("$type")) {
                return binary(text(data)?, text(kind)?).map(Some);
            }
            if let (Some(code), Some(scope)) = (field("$code"), field("$scope")) {
                return code_with_scope(text(code)?, scope).map(Some);
            }
            // `$regex` is a query operator, too: only two texts are a regular expression.
            if let (Some(pattern), Some(options)) = (field("$regex"), field("$options"))
                && pattern.tag == STRING
                && options.tag == STRING
            {
                return regex(text(pattern)?, text(options)?).map(Some);
            }
            unless_typed(fields)
        }
        _ => unless_typed(fields),
    }
}

fn unless_typed(fields: &[Field]) -> Result<Option<(u8, Vec<u8>)>, String> {
    match fields.iter().find(|field| wrapper_key(&field.key)) {
        Some(_) => {
            let names: Vec<_> = fields.iter().map(|field| field.key.as_str()).collect();
            Err(format!("it tells a type and must stand alone, not among {}", names.join(", ")))
        }
        None => Ok(None),
    }
}

fn typed_one(field: &Field) -> Result<Option<(u8, Vec<u8>)>, String> {
    let value = match field.key.as_str() {
        "$oid" => {
            let id = ObjectId::parse_str(text(field)?).map_err(|_| "24 hexadecimal digits are needed")?;
            (0x07, id.bytes().to_vec())
        }
        "$numberInt" => {
            (0x10, parsed::<i32>(field, is_whole_number, "a whole number of 32 bits")?.to_le_bytes().to_vec())
        }
        "$numberLong" => {
            (0x12, parsed::<i64>(field, is_whole_number, "a whole number of 64 bits")?.to_le_bytes().to_vec())
        }
        "$numberDouble" => (0x01, double(field)?.to_le_bytes().to_vec()),
        "$numberDecimal" => {
            let decimal =
                parsed::<bson::Decimal128>(field, is_decimal, "a decimal number of at most 34 digits")?;
            (0x13, decimal.bytes().to_vec())
        }
        "$date" => (0x09, date(field)?.to_le_bytes().to_vec()),
        "$uuid" => {
            let text = text(field)?;
            let id = uuid::Uuid::parse_str(text).ok().filter(|_| text.len() == 36);
            let id = id.ok_or_else(|| format!("{text:?} is not a UUID of 36 characters"))?;
            return binary_bytes(id.as_bytes(), 4).map(Some);
        }
        "$binary" => return binary_v2(field).map(Some),
        "$code" => (0x0D, string(text(field)?)),
        "$symbol" => (0x0E, string(text(field)?)),
        "$regularExpression" => {
            let inner = inner(field, &["pattern", "options"])?;
            return regex(&inner_text(&inner[0])?, &inner_text(&inner[1])?).map(Some);
        }
        "$timestamp" => (0x11, timestamp(field)?),
        "$dbPointer" => {
            let inner = inner(field, &["$ref", "$id"])?;
            let mut bytes = string(&inner_text(&inner[0])?);
            match &inner[1] {
                bson::Bson::ObjectId(id) => bytes.extend_from_slice(&id.bytes()),
                _ => return Err("its $id must be an ObjectId".into()),
            }
            (0x0C, bytes)
        }
        "$minKey" if is_one(field) => (0xFF, Vec::new()),
        "$maxKey" if is_one(field) => (0x7F, Vec::new()),
        "$minKey" | "$maxKey" => return Err("its value must be 1".into()),
        "$undefined" if (field.tag, field.value.as_slice()) == (0x08, &[1]) => (0x06, Vec::new()),
        "$undefined" => return Err("its value must be true".into()),
        _ => return Ok(None),
    };
    Ok(Some(value))
}

fn text(field: &Field) -> Result<&str, String> {
    let inner = field.value.get(4..field.value.len().saturating_sub(1)).unwrap_or_default();
    match std::str::from_utf8(inner) {
        Ok(text) if field.tag == STRING => Ok(text),
        _ => Err("a text in quotes is needed".into()),
    }
}

fn string(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 5);
    put_string(&mut bytes, text);
    bytes
}

/// A value in quotes; `allowed` is stricter than Rust's own parsers.
fn parsed<T: std::str::FromStr>(field: &Field, allowed: fn(&str) -> bool, what: &str) -> Result<T, String> {
    let text = text(field)?;
    let value = text.parse().ok().filter(|_| allowed(text));
    value.ok_or_else(|| format!("{text:?} is not {what}"))
}

fn is_one(field: &Field) -> bool {
    !field.wrapped && (field.tag, field.value.as_slice()) == (0x10, &1_i32.to_le_bytes())
}

fn double(field: &Field) -> Result<f64, String> {
    match text(field)? {
        "NaN" => Ok(f64::NAN),
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        _ => {
            let finite =
                parsed::<f64>(field, is_json_number, "a number").ok().filter(|double| double.is_finite());
            finite.ok_or_else(|| {
                format!("{:?} is not a number that a double holds", text(field).unwrap_or_default())
            })
        }
    }
}

/// Milliseconds since 1970.
fn date(field: &Field) -> Result<i64, String> {
    if let (true, 0x12, Ok(milliseconds)) = (field.wrapped, field.tag, field.value.as_slice().try_into()) {
        return Ok(i64::from_le_bytes(milliseconds));
    }
    let text = text(field).map_err(|_| "a time in ISO 8601 or {\"$numberLong\": \"…\"} is needed")?;
    let time = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%z"))
        .map_err(|e| format!("{text:?} is not a time in ISO 8601: {e}"))?;
    if time.timestamp_subsec_nanos() % 1_000_000 != 0 {
        return Err(format!("{text:?} is finer than the milliseconds that BSON holds"));
    }
    Ok(time.timestamp_millis())
}

/// The values of an inner document that must have exactly these fields, in this order of names.
fn inner(field: &Field, names: &[&str]) -> Result<Vec<bson::Bson>, String> {
    let needed = || format!("a document with {} is needed", names.join(" and "));
    if field.tag != 0x03 {
        return Err(needed());
    }
    let document = bson::Document::from_reader(field.value.as_slice()).map_err(|_| needed())?;
    if document.len() != names.len() {
        return Err(needed());
    }
    names.iter().map(|name| document.get(*name).cloned().ok_or_else(needed)).collect()
}

fn inner_text(value: &bson::Bson) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "its fields must be texts".to_owned())
}

fn timestamp(field: &Field) -> Result<Vec<u8>, String> {
    let part = |value: &bson::Bson| {
        let number = value.as_i64().or_else(|| value.as_i32().map(i64::from));
        number.and_then(|n| u32::try_from(n).ok()).ok_or("t and i must be whole numbers of 32 bits")
    };
    let inner = inner(field, &["t", "i"])?;
    let mut bytes = part(&inner[1])?.to_le_bytes().to_vec();
    bytes.extend_from_slice(&part(&inner[0])?.to_le_bytes());
    Ok(bytes)
}

fn binary_v2(field: &Field) -> Result<(u8, Vec<u8>), String> {
    let inner = inner(field, &["base64", "subType"])?;
    binary(&inner_text(&inner[0])?, &inner_text(&inner[1])?)
}

fn binary(data: &str, subtype: &str) -> Result<(u8, Vec<u8>), String> {
    let kind =
        u8::from_str_radix(subtype, 16).ok().filter(|_| !subtype.starts_with('+') && subtype.len() <= 2);
    let kind = kind.ok_or_else(|| format!("the subtype {subtype:?} is not one or two hexadecimal digits"))?;
    let decoded = data_encoding::BASE64.decode(data.as_bytes()).map_err(|_| "its text is not base64")?;
    binary_bytes(&decoded, kind)
}

fn binary_bytes(data: &[u8], kind: u8) -> Result<(u8, Vec<u8>), String> {
    let mut bytes = Vec::with_capacity(data.len() + 9);
    let length = data.len() as u32;
    if kind == 2 {
        bytes.extend_from_slice(&(length + 4).to_le_bytes());
        bytes.push(kind);
        bytes.extend_from_slice(&length.to_le_bytes());
    } else {
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.push(kind);
    }
    bytes.extend_from_slice(data);
    Ok((0x05, bytes))
}

fn regex(pattern: &str, options: &str) -> Result<(u8, Vec<u8>), String> {
    if pattern.contains('\0') || options.contains('\0') {
        return Err("a zero byte cannot stand in a regular expression".into());
    }
    // BSON wants the options in alphabetical order.
    let mut sorted: Vec<char> = options.chars().collect();
    sorted.sort_unstable();
    let options: String = sorted.into_iter().collect();
    Ok((0x0B, [pattern.as_bytes(), &[0], options.as_bytes(), &[0]].concat()))
}

fn code_with_scope(code: &str, scope: &Field) -> Result<(u8, Vec<u8>), String> {
    if scope.tag != 0x03 {
        return Err("its $scope must be a document".into());
    }
    let code = string(code);
    let length = (4 + code.len() + scope.value.len()) as u32;
    Ok((0x0F, [&length.to_le_bytes()[..], &code, &scope.value].concat()))
}
