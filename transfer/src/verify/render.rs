//! A field of a binary COPY tuple in words, for a difference that a person reads.

use std::fmt::Write as _;

use crate::verify::kept::Kept;

/// The most characters of a value that are shown.
const SHOWN: usize = 120;

/// What a field holds, by the type's name as `format_type` prints it. A type without a rule here, and bytes that
/// do not fit their type, are shown in hexadecimal: a report must be able to show what is broken.
pub fn field(type_name: &str, field: Kept<'_>) -> String {
    match field {
        Kept::Null => "NULL".to_owned(),
        Kept::Whole(bytes) => {
            let text = known(type_name, bytes).unwrap_or_else(|| hex(bytes));
            match text.char_indices().nth(SHOWN) {
                Some((cut, _)) => format!("{}… ({} bytes)", &text[..cut], bytes.len()),
                None => text,
            }
        }
        Kept::Long { head, length, digest } => {
            // The head may end within a character.
            let whole = head.utf8_chunks().next().map_or(&b""[..], |chunk| chunk.valid().as_bytes());
            let head = if head.len() - whole.len() < 4 { whole } else { head };
            let text = known(type_name, head).unwrap_or_else(|| hex(head));
            let cut = text.char_indices().nth(SHOWN).map_or(text.len(), |(cut, _)| cut);
            format!("{}… ({length} bytes, XXH3-128 {digest})", &text[..cut])
        }
    }
}

/// Two different values side by side: where what is shown of them is the same, with the place where they part.
pub fn pair(type_name: &str, left: Kept<'_>, right: Kept<'_>) -> (String, String) {
    let (mut texts, bytes) = ((field(type_name, left), field(type_name, right)), (left, right));
    if texts.0 == texts.1
        && let (Kept::Whole(left), Kept::Whole(right)) = bytes
    {
        let place = left.iter().zip(right).take_while(|(left, right)| left == right).count();
        let rest = |bytes: &[u8]| hex(bytes.get(place..).unwrap_or_default());
        texts.0 += &format!(", from byte {place}: {}", rest(left));
        texts.1 += &format!(", from byte {place}: {}", rest(right));
    }
    texts
}

fn known(type_name: &str, bytes: &[u8]) -> Option<String> {
    let base = type_name.split('(').next().unwrap_or(type_name).trim();
    if type_name.ends_with("[]") {
        return None;
    }
    Some(match base {
        "boolean" => match bytes {
            [0] => "false".to_owned(),
            [1] => "true".to_owned(),
            _ => return None,
        },
        "smallint" => i16::from_be_bytes(bytes.try_into().ok()?).to_string(),
        "integer" => i32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        "bigint" => i64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        "real" => f32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        "double precision" => f64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        "uuid" => uuid::Uuid::from_slice(bytes).ok()?.to_string(),
        "bytea" => return None,
        "jsonb" => quote(bytes.strip_prefix(&[1])?)?,
        "numeric" => numeric(bytes)?,
        "date" => date(i32::from_be_bytes(bytes.try_into().ok()?))?,
        _ if base.starts_with("timestamp") => {
            timestamp(i64::from_be_bytes(bytes.try_into().ok()?), type_name.ends_with("with time zone"))?
        }
        _ if base.starts_with("time") => return None,
        // Text, its relatives, and enum labels travel as their characters.
        _ => quote(bytes)?,
    })
}

fn quote(bytes: &[u8]) -> Option<String> {
    Some(format!("{:?}", std::str::from_utf8(bytes).ok()?))
}

/// Days since 2000-01-01.
fn date(days: i32) -> Option<String> {
    let epoch = chrono::NaiveDate::from_ymd_opt(2000, 1, 1)?;
    Some(epoch.checked_add_signed(chrono::Duration::try_days(days.into())?)?.to_string())
}

/// Microseconds since 2000-01-01 00:00, UTC for the type with a time zone.
fn timestamp(micros: i64, zoned: bool) -> Option<String> {
    let epoch = chrono::NaiveDate::from_ymd_opt(2000, 1, 1)?.and_hms_opt(0, 0, 0)?;
    let at = epoch.checked_add_signed(chrono::Duration::microseconds(micros))?;
    Some(format!("{at}{}", if zoned { "Z" } else { "" }))
}

/// Base-10,000 digits, weight of the first, sign, and digits after the point (`numeric_send` in PostgreSQL's
/// `numeric.c`).
fn numeric(bytes: &[u8]) -> Option<String> {
    let half =
        |at: usize| -> Option<u16> { Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)) };
    let (count, weight, sign, scale) = (half(0)?, half(2)? as i16, half(4)?, half(6)?);
    match sign {
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => {}
    }
    let digit = |group: i32| -> u16 {
        let at = i32::from(weight) - group;
        if at < 0 || at >= i32::from(count) { 0 } else { half(8 + 2 * at as usize).unwrap_or(0) }
    };
    if bytes.len() != 8 + 2 * usize::from(count) || weight > 2_000 || scale > 20_000 {
        return None;
    }
    let mut text = if sign == 0x4000 { "-".to_owned() } else { String::new() };
    let top = i32::from(weight).max(0);
    let _ = write!(text, "{}", digit(top));
    (0..top).rev().for_each(|group| {
        let _ = write!(text, "{:04}", digit(group));
    });
    if scale > 0 {
        let groups = scale.div_ceil(4);
        let fraction: String = (1..=i32::from(groups)).map(|group| format!("{:04}", digit(-group))).collect();
        let _ = write!(text, ".{}", fraction.get(..usize::from(scale))?);
    }
    Some(text)
}

fn hex(bytes: &[u8]) -> String {
    format!("\\x{}", data_encoding::HEXLOWER.encode(&bytes[..bytes.len().min(SHOWN)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(type_name: &str, bytes: &[u8], expect: &str) {
        assert_eq!(field(type_name, Kept::Whole(bytes)), expect, "{type_name}");
    }

    #[test]
    fn values_read_as_people_write_them() {
        check("boolean", &[1], "true");
        check("integer", &(-7i32).to_be_bytes(), "-7");
        check("text", "Kr\u{e4}henstein".as_bytes(), "\"Kr\u{e4}henstein\"");
        check("jsonb", b"\x01{\"a\": 1}", "\"{\\\"a\\\": 1}\"");
        check("date", &9_000i32.to_be_bytes(), "2024-08-22");
        check("timestamp(3) without time zone", &0i64.to_be_bytes(), "2000-01-01 00:00:00");
        check("timestamp with time zone", &1_500_000i64.to_be_bytes(), "2000-01-01 00:00:01.500Z");
        assert_eq!(field("text", Kept::Null), "NULL");
    }

    #[test]
    fn numerics_have_their_scale() {
        let numeric = |weight: i16, sign: u16, scale: u16, digits: &[u16]| {
            let mut bytes = (digits.len() as u16).to_be_bytes().to_vec();
            bytes.extend(weight.to_be_bytes());
            bytes.extend(sign.to_be_bytes());
            bytes.extend(scale.to_be_bytes());
            digits.iter().for_each(|digit| bytes.extend(digit.to_be_bytes()));
            bytes
        };
        check("numeric(14,2)", &numeric(1, 0, 2, &[1, 2345, 6700]), "12345.67");
        check("numeric", &numeric(-1, 0x4000, 4, &[5]), "-0.0005");
        check("numeric", &numeric(0, 0, 0, &[]), "0");
        check("numeric", &numeric(2, 0, 0, &[3]), "300000000");
        check("numeric", &numeric(0, 0xC000, 0, &[]), "NaN");
    }

    #[test]
    fn what_does_not_fit_is_shown_as_it_is() {
        check("integer", &[1, 2], "\\x0102");
        check("text", &[0xff], "\\xff");
        check("bytea", &[0xde, 0xad], "\\xdead");
        check("numeric", &[0, 9], "\\x0009");
        assert!(field("text", Kept::Whole("x".repeat(500).as_bytes())).ends_with("… (500 bytes)"));
    }

    #[test]
    fn long_values_show_their_beginning_and_what_tells_them_apart() {
        let head = "ä".repeat(240);
        // Cut within the last character.
        let head = &head.as_bytes()[..479];
        let long = Kept::Long { head, length: 1_000_000, digest: crate::digest::Digest::of(b"") };
        let shown = field("text", long);
        assert!(shown.starts_with("\"ääää"), "{shown}");
        assert!(shown.ends_with("ä… (1000000 bytes, XXH3-128 99aa06d3014798d86001c324468d497f)"), "{shown}");
    }

    #[test]
    fn values_that_look_the_same_are_shown_where_they_part() {
        let (left, right) = ("x".repeat(200) + "a", "x".repeat(200) + "b");
        let (left, right) = pair("text", Kept::Whole(left.as_bytes()), Kept::Whole(right.as_bytes()));
        assert!(left.ends_with("… (201 bytes), from byte 200: \\x61"), "{left}");
        assert!(right.ends_with("… (201 bytes), from byte 200: \\x62"), "{right}");
    }
}
