//! BSON values that contain no others, as JSON.

use std::fmt::Write as _;

use data_encoding::{BASE64, HEXLOWER};

use crate::transform::error::ValueError;
use crate::transform::value::{Tag, Value};

use super::{Writer, string};

/// Writes anything but documents, arrays and code with scope; those are left to the caller.
pub(super) fn write(value: Value<'_>, out: &mut Writer<'_>) -> Result<(), ValueError> {
    match value.tag {
        Tag::String => string(value.text()?, out)?,
        Tag::Boolean => out.put(if value.bytes == [1] { b"true" } else { b"false" }),
        Tag::Null => out.put(b"null"),
        Tag::Int32 => integer(i32::from_le_bytes(value.fixed()).into(), out),
        Tag::Int64 => integer(i64::from_le_bytes(value.fixed()), out),
        Tag::Double => double(f64::from_le_bytes(value.fixed()), out),
        Tag::ObjectId => {
            out.put(b"{\"$oid\": \"");
            hex(value.fixed(), out);
            out.put(b"\"}");
        }
        Tag::DateTime => {
            out.put(b"{\"$date\": {\"$numberLong\": \"");
            integer(i64::from_le_bytes(value.fixed()), out);
            out.put(b"\"}}");
        }
        Tag::Decimal128 => {
            let decimal = bson::Decimal128::from_bytes(value.fixed());
            print(out, format_args!("{{\"$numberDecimal\": \"{decimal}\"}}"));
        }
        Tag::Timestamp => {
            let [i0, i1, i2, i3, t0, t1, t2, t3] = value.fixed();
            let (i, t) = (u32::from_le_bytes([i0, i1, i2, i3]), u32::from_le_bytes([t0, t1, t2, t3]));
            print(out, format_args!("{{\"$timestamp\": {{\"i\": {i}, \"t\": {t}}}}}"));
        }
        Tag::Binary => {
            let (subtype, bytes) = value.binary()?;
            out.put(b"{\"$binary\": {\"base64\": \"");
            base64(bytes, out);
            print(out, format_args!("\", \"subType\": \"{subtype:02x}\"}}}}"));
        }
        Tag::Regex => {
            let (pattern, options) = value.regex()?;
            out.put(b"{\"$regularExpression\": {\"options\": ");
            string(options, out)?;
            out.put(b", \"pattern\": ");
            string(pattern, out)?;
            out.put(b"}}");
        }
        Tag::Code => tagged(b"{\"$code\": ", value, out)?,
        Tag::Symbol => tagged(b"{\"$symbol\": ", value, out)?,
        Tag::DbPointer => {
            let (namespace, id) = value.db_pointer()?;
            out.put(b"{\"$dbPointer\": {\"$id\": {\"$oid\": \"");
            hex(id, out);
            out.put(b"\"}, \"$ref\": ");
            string(namespace, out)?;
            out.put(b"}}");
        }
        Tag::MinKey => out.put(b"{\"$minKey\": 1}"),
        Tag::MaxKey => out.put(b"{\"$maxKey\": 1}"),
        // Only undefined is left; values that contain others do not come here.
        Tag::Undefined | Tag::Document | Tag::Array | Tag::CodeWithScope => {
            out.put(b"{\"$undefined\": true}")
        }
    }
    Ok(())
}

fn tagged(before: &[u8], value: Value<'_>, out: &mut Writer<'_>) -> Result<(), ValueError> {
    out.put(before);
    string(value.text()?, out)?;
    out.put_byte(b'}');
    Ok(())
}

fn print(out: &mut Writer<'_>, arguments: std::fmt::Arguments<'_>) {
    // Writing to a `Writer` cannot fail.
    let _ = out.write_fmt(arguments);
}

/// Writes a double so that it is read as the same double, and as no integer.
pub(super) fn double(value: f64, out: &mut Writer<'_>) {
    if value.is_nan() {
        out.put(b"{\"$numberDouble\": \"NaN\"}");
    } else if value.is_infinite() {
        let sign = if value < 0.0 { "-" } else { "" };
        print(out, format_args!("{{\"$numberDouble\": \"{sign}Infinity\"}}"));
    } else if value == 0.0 && value.is_sign_negative() {
        // A numeric, which `jsonb` keeps, knows no negative zero.
        out.put(b"{\"$numberDouble\": \"-0.0\"}");
    } else {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(value);
        if !text.contains('e') {
            return out.put(text.as_bytes());
        }
        // Very great or very small: all digits, since `jsonb` prints no exponent.
        let start = out.position();
        print(out, format_args!("{value}"));
        if !out.written_since(start).contains(&b'.') {
            out.put(b".0");
        }
    }
}

fn integer(value: i64, out: &mut Writer<'_>) {
    out.put(itoa::Buffer::new().format(value).as_bytes());
}

fn hex(bytes: [u8; 12], out: &mut Writer<'_>) {
    let mut digits = [0; 24];
    HEXLOWER.encode_mut(&bytes, &mut digits);
    out.put(&digits);
}

/// Writes base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8], out: &mut Writer<'_>) {
    let mut text = [0; 1024];
    // A multiple of three bytes needs no padding.
    for chunk in bytes.chunks(768) {
        let text = &mut text[..BASE64.encode_len(chunk.len())];
        BASE64.encode_mut(chunk, text);
        out.put(text);
    }
}
