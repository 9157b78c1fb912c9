//! Numbers of JSON, plain and in the short typed forms that fill canonical exports, and the tags of BSON's types.

use bson::oid::ObjectId;

pub(super) mod tag {
    pub const DOUBLE: u8 = 0x01;
    pub const STRING: u8 = 0x02;
    pub const DOCUMENT: u8 = 0x03;
    pub const ARRAY: u8 = 0x04;
    pub const BOOL: u8 = 0x08;
    pub const NULL: u8 = 0x0A;
    pub const INT32: u8 = 0x10;
    pub const INT64: u8 = 0x12;
}

pub(super) fn is_json_number(text: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// Whether a text is a whole number as MongoDB writes them: no plus sign.
pub(super) fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a decimal number as the specification of Decimal128 writes them.
///
/// Grammar: <https://specifications.readthedocs.io/en/latest/bson-decimal128/decimal128/>, "from string".
pub(super) fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ["nan", "inf", "infinity"].iter().any(|name| unsigned.eq_ignore_ascii_case(name)) {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix('+').unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(is_whole_number)
}

/// Appends a number in the smallest type that holds it exactly and gives its tag; `None` where no type does.
pub(super) fn plain_number(text: &str, out: &mut Vec<u8>) -> Option<u8> {
    if !is_json_number(text) {
        return None;
    }
    let whole = !text.contains(['.', 'e', 'E']);
    if whole && text != "-0" {
        if let Ok(small) = text.parse::<i32>() {
            out.extend_from_slice(&small.to_le_bytes());
            return Some(tag::INT32);
        }
        if let Ok(large) = text.parse::<i64>() {
            out.extend_from_slice(&large.to_le_bytes());
            return Some(tag::INT64);
        }
    }
    let double: f64 = text.parse().ok()?;
    // JavaScript writes large doubles as whole numbers; that is one if it is exact.
    if !double.is_finite() || (whole && text != "-0" && format!("{double:.0}") != text) {
        return None;
    }
    out.extend_from_slice(&double.to_le_bytes());
    Some(tag::DOUBLE)
}

/// Takes `{"$oid": "…"}` and the typed numbers without making anything in between: canonical exports consist of
/// little else. `text` begins at the brace. Gives the tag and the length taken, or `None` for whatever is not exactly
/// that, well-formed or not: the general way decides then.
pub(super) fn short_typed(text: &[u8], out: &mut Vec<u8>) -> Option<(u8, usize)> {
    let mut rest = text.strip_prefix(b"{")?.trim_ascii_start();
    let key = quoted(&mut rest)?;
    rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let value = std::str::from_utf8(quoted(&mut rest)?).ok()?;
    rest = rest.trim_ascii_start().strip_prefix(b"}")?;
    let tag = match key {
        b"$oid" => {
            out.extend_from_slice(&ObjectId::parse_str(value).ok()?.bytes());
            0x07
        }
        b"$numberInt" if is_whole_number(value) => {
            out.extend_from_slice(&value.parse::<i32>().ok()?.to_le_bytes());
            tag::INT32
        }
        b"$numberLong" if is_whole_number(value) => {
            out.extend_from_slice(&value.parse::<i64>().ok()?.to_le_bytes());
            tag::INT64
        }
        b"$numberDouble" if is_json_number(value) => {
            let double: f64 = value.parse().ok().filter(|double: &f64| double.is_finite())?;
            out.extend_from_slice(&double.to_le_bytes());
            tag::DOUBLE
        }
        _ => return None,
    };
    Some((tag, text.len() - rest.len()))
}

/// A short text in quotes that has no escapes.
fn quoted<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let inner = rest.strip_prefix(b"\"")?;
    let length = inner.iter().take(64).position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
    *rest = inner.get(length..)?.strip_prefix(b"\"")?;
    inner.get(..length)
}
