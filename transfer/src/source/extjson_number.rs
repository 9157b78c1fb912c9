//! Plain numbers of JSON, and the tags of BSON's types that plain JSON has.

/// The tags of BSON's types that plain JSON has.
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

/// Whether a text is a number as JSON writes them.
fn is_json_number(text: &str) -> bool {
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
