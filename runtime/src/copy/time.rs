//! Dates and times: days or microseconds since 2000-01-01 (PostgreSQL, `timestamp_send`, `date_send`).

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

use crate::transform::error::{Code, ValueError};
use crate::transform::value::{Tag, Value};

use super::number::mismatch;
use super::{Shape, Writer, text};

/// Seconds from 1970-01-01 to 2000-01-01.
const EPOCH_SECONDS: i64 = 946_684_800;
const DAY_MILLISECONDS: i64 = 86_400_000;
/// 4714-11-24 BC, the first day, in days since 2000-01-01.
const FIRST_DAY: i64 = -2_451_545;
/// 5874898-01-01, the day after the last `date`.
const END_DAY: i64 = 2_145_031_949;
const FIRST_MICROSECOND: i64 = FIRST_DAY * DAY_MILLISECONDS * 1000;
/// 294277-01-01, the moment after the last `timestamp`.
const END_MICROSECOND: i64 = 9_223_371_331_200_000_000;

#[cold]
fn out_of_range(what: impl std::fmt::Display) -> ValueError {
    ValueError::new(Code::OutOfRange, format!("{what} is outside of what PostgreSQL's type holds"))
}

#[inline]
pub fn milliseconds(value: Value<'_>) -> Result<i64, ValueError> {
    match value.tag {
        Tag::DateTime => Ok(i64::from_le_bytes(value.fixed())),
        _ => Err(mismatch(value, "a date")),
    }
}

/// Writes a `timestamp` or `timestamptz` of milliseconds since 1970-01-01.
#[inline]
pub fn write_milliseconds(milliseconds: i64, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
    let since_2000 = milliseconds.checked_sub(EPOCH_SECONDS * 1000).and_then(|ms| ms.checked_mul(1000));
    match since_2000 {
        Some(microseconds) => write_microseconds(microseconds, shape, out),
        None => Err(out_of_range(format_args!("the date of {milliseconds} ms since 1970"))),
    }
}

fn write_microseconds(microseconds: i64, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
    if !(FIRST_MICROSECOND..END_MICROSECOND).contains(&microseconds) {
        return Err(out_of_range(format_args!("the date of {microseconds} µs since 2000")));
    }
    check_fraction(microseconds, shape)?;
    out.put(&microseconds.to_be_bytes());
    Ok(())
}

/// Refuses fractions of a second that the column would round.
#[inline]
fn check_fraction(microseconds: i64, shape: &Shape) -> Result<(), ValueError> {
    if shape.fraction >= 6 || microseconds % 10_i64.pow(6 - u32::from(shape.fraction)) == 0 {
        return Ok(());
    }
    let reason = format!(
        "{} µs are left of a second, the column holds {} digits of a fraction; it is not rounded",
        microseconds.rem_euclid(1_000_000),
        shape.fraction
    );
    Err(ValueError::new(Code::Precision, reason))
}

/// Writes a `date` of milliseconds since 1970-01-01, which must be midnight UTC.
pub fn write_day(milliseconds: i64, out: &mut Writer<'_>) -> Result<(), ValueError> {
    if milliseconds.rem_euclid(DAY_MILLISECONDS) != 0 {
        let reason = "the date has a time of day other than midnight UTC, which a `date` column would lose";
        return Err(ValueError::new(Code::Precision, reason));
    }
    put_day(milliseconds.div_euclid(DAY_MILLISECONDS) - EPOCH_SECONDS * 1000 / DAY_MILLISECONDS, out)
}

fn put_day(days: i64, out: &mut Writer<'_>) -> Result<(), ValueError> {
    match i32::try_from(days) {
        Ok(narrow) if (FIRST_DAY..END_DAY).contains(&days) => {
            out.put(&narrow.to_be_bytes());
            Ok(())
        }
        _ => Err(out_of_range(format_args!("the day {days} days after 2000-01-01"))),
    }
}

pub fn write_date(date: NaiveDate, out: &mut Writer<'_>) -> Result<(), ValueError> {
    let epoch = DateTime::<Utc>::from_timestamp(EPOCH_SECONDS, 0).unwrap_or_default().date_naive();
    put_day(date.signed_duration_since(epoch).num_days(), out)
}

/// The time of day that a text gives as ISO 8601 does: `07:30`, `07:30:15` or `07:30:15.250`. BSON has no type of
/// its own for it.
pub fn of_day(value: Value<'_>) -> Result<NaiveTime, ValueError> {
    let expected = "a time of day as text is expected: `07:30`, `07:30:15` or `07:30:15.250`";
    if !matches!(value.tag, Tag::String | Tag::Symbol) {
        return Err(ValueError::new(
            Code::TypeMismatch,
            format!("{} was found, {expected}", value.tag.name()),
        ));
    }
    let text = text::text(value)?;
    let other = || ValueError::new(Code::TypeMismatch, format!("`{}` was found, {expected}", shown(text)));
    let in_place = text.bytes().enumerate().all(|(at, byte)| match at {
        2 | 5 => byte == b':',
        8 => byte == b'.',
        _ => byte.is_ascii_digit(),
    });
    if !in_place || !matches!(text.len(), 5 | 8 | 10..) {
        return Err(other());
    }
    if text.split_once('.').is_some_and(|(_, digits)| digits.trim_end_matches('0').len() > 6) {
        return Err(ValueError::new(
            Code::Precision,
            format!("`{}` has more than the six digits of a microsecond; it is not rounded", shown(text)),
        ));
    }
    let format = if text.len() == 5 { "%H:%M" } else { "%H:%M:%S%.f" };
    NaiveTime::parse_from_str(text, format)
        .map_err(|_| out_of_range(format_args!("the time of day `{}`", shown(text))))
}

/// As much of a text as a reason needs.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

pub fn write_time(time: NaiveTime, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
    let nanoseconds = i64::from(time.nanosecond());
    if nanoseconds >= 1_000_000_000 {
        return Err(out_of_range(format_args!("the leap second {time}")));
    }
    let microseconds = i64::from(time.num_seconds_from_midnight()) * 1_000_000 + nanoseconds / 1000;
    check_nanoseconds(time.nanosecond())?;
    check_fraction(microseconds, shape)?;
    out.put(&microseconds.to_be_bytes());
    Ok(())
}

/// Writes a `timestamp`, or a `timestamptz` in UTC.
pub fn write_date_time(time: NaiveDateTime, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
    check_nanoseconds(time.nanosecond())?;
    match time.and_utc().timestamp_micros().checked_sub(EPOCH_SECONDS * 1_000_000) {
        Some(microseconds) => write_microseconds(microseconds, shape, out),
        None => Err(out_of_range(time)),
    }
}

fn check_nanoseconds(nanoseconds: u32) -> Result<(), ValueError> {
    if nanoseconds.is_multiple_of(1000) {
        return Ok(());
    }
    let reason = "the time has nanoseconds; PostgreSQL holds microseconds, and nothing is rounded";
    Err(ValueError::new(Code::Precision, reason))
}
