//! `numeric`: base-10000 digits with a weight, a sign and a display scale (PostgreSQL, `numeric_send`).

use crate::transform::fault::{Code, Fault};

use super::{Shape, Writer};

const NEGATIVE: u16 = 0x4000;
/// The most base-10000 digits a 128-bit coefficient of 37 decimal digits has.
const MOST_DIGITS: usize = 10;

/// A decimal number: `coefficient * 10^exponent`, of at most 34 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// Whether it is below zero.
    pub negative: bool,
    /// The digits.
    pub coefficient: u128,
    /// The power of ten.
    pub exponent: i32,
}

impl Number {
    /// An integer.
    #[inline]
    pub fn integer(value: i64) -> Self {
        Number { negative: value < 0, coefficient: u128::from(value.unsigned_abs()), exponent: 0 }
    }

    /// The shortest decimal number that is read as this double; `None` for NaN and infinities.
    pub fn shortest(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let mut digits =
            Digits { coefficient: 0, point: None, exponent: 0, in_exponent: false, minus: false };
        // Writing to `Digits` cannot fail.
        let _ = std::fmt::Write::write_fmt(&mut digits, format_args!("{:e}", value.abs()));
        let exponent = if digits.minus { -digits.exponent } else { digits.exponent };
        Some(Number {
            negative: value < 0.0,
            coefficient: u128::from(digits.coefficient),
            exponent: exponent - digits.point.unwrap_or(0),
        })
    }

    /// The integer it is, if it is one that fits.
    pub fn to_i64(self) -> Option<i64> {
        let mut coefficient = self.coefficient;
        if coefficient == 0 {
            return Some(0);
        }
        for _ in self.exponent..0 {
            if !coefficient.is_multiple_of(10) {
                return None;
            }
            coefficient /= 10;
        }
        for _ in 0..self.exponent.max(0) {
            coefficient = coefficient.checked_mul(10).filter(|c| *c <= u128::from(u64::MAX))?;
        }
        let magnitude = i128::try_from(coefficient).ok()?;
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }
}

/// Reads `1.2345e-7` as it is printed, without a text in between.
struct Digits {
    coefficient: u64,
    /// Digits after the point.
    point: Option<i32>,
    exponent: i32,
    in_exponent: bool,
    minus: bool,
}

impl std::fmt::Write for Digits {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            match byte {
                b'.' => self.point = Some(0),
                b'e' => self.in_exponent = true,
                b'-' => self.minus = true,
                b'0'..=b'9' if self.in_exponent => {
                    self.exponent = self.exponent * 10 + i32::from(byte - b'0')
                }
                b'0'..=b'9' => {
                    self.coefficient = self.coefficient * 10 + u64::from(byte - b'0');
                    if let Some(digits) = &mut self.point {
                        *digits += 1;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Writes a number, with the column's scale if it has one.
///
/// # Errors
/// `precision`: there are more digits after the point than the column has. `out_of_range`: there are more before
/// it. Nothing is rounded.
#[inline]
pub fn write(number: Number, shape: &Shape, out: &mut Writer<'_>) -> Result<(), Fault> {
    let (number, scale) = match shape.numeric {
        Some((precision, scale)) => (fit(number, precision, scale)?, i32::from(scale).max(0)),
        None => (number, (-number.exponent).max(0)),
    };
    digits(number, scale, out);
    Ok(())
}

/// Brings a number to at most `scale` digits after the point.
#[inline]
fn fit(mut number: Number, precision: u16, scale: i16) -> Result<Number, Fault> {
    let lowest = -i32::from(scale);
    if number.coefficient == 0 {
        return Ok(Number { exponent: lowest, ..number });
    }
    let original = number;
    while number.exponent < lowest && number.coefficient.is_multiple_of(10) {
        number.coefficient /= 10;
        number.exponent += 1;
    }
    if number.exponent < lowest {
        let reason = format!(
            "{} has more digits after the point than numeric({precision},{scale}) holds; it is not rounded",
            Shown(original)
        );
        return Err(Fault::new(Code::Precision, reason));
    }
    let digits = i32::try_from(number.coefficient.ilog10()).unwrap_or(i32::MAX) + 1;
    if digits + number.exponent > i32::from(precision) - i32::from(scale) {
        let reason = format!("{} is too great for numeric({precision},{scale})", Shown(original));
        return Err(Fault::new(Code::OutOfRange, reason));
    }
    Ok(number)
}

/// Writes header and base-10000 digits; leading and trailing zeros are not stored.
fn digits(number: Number, scale: i32, out: &mut Writer<'_>) {
    let mut digits = [0_u16; MOST_DIGITS];
    // Aligned to the point, a base-10000 digit starts at a multiple of four.
    let shift = number.exponent.rem_euclid(4).unsigned_abs();
    let mut coefficient = number.coefficient * 10_u128.pow(shift);
    let mut lowest = number.exponent.div_euclid(4);
    let mut count = 0;
    while u64::try_from(coefficient).is_err() {
        digits[count] = u16::try_from(coefficient % 10_000).unwrap_or(0);
        coefficient /= 10_000;
        count += 1;
    }
    let mut small = u64::try_from(coefficient).unwrap_or(0);
    while small != 0 {
        digits[count] = u16::try_from(small % 10_000).unwrap_or(0);
        small /= 10_000;
        count += 1;
    }
    let zeros = digits[..count].iter().take_while(|digit| **digit == 0).count();
    lowest += i32::try_from(zeros).unwrap_or(0);
    let digits = &digits[zeros..count];

    let sign = if number.negative && !digits.is_empty() { NEGATIVE } else { 0 };
    let weight = match i32::try_from(digits.len()) {
        Ok(0) | Err(_) => 0,
        Ok(length) => length - 1 + lowest,
    };
    // At most 10 digits, a weight below 1600 and a scale below 6200: all far from 16 bits.
    let narrow = |value: i32| i16::try_from(value).unwrap_or(i16::MAX).to_be_bytes();
    out.put(&narrow(i32::try_from(digits.len()).unwrap_or(0)));
    out.put(&narrow(weight));
    out.put(&sign.to_be_bytes());
    out.put(&narrow(scale));
    for digit in digits.iter().rev() {
        out.put(&digit.to_be_bytes());
    }
}

/// A number in words for messages.
pub(crate) struct Shown(pub(crate) Number);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Number { negative, coefficient, exponent } = self.0;
        let sign = if negative { "-" } else { "" };
        let digits = coefficient.to_string();
        match usize::try_from(-exponent) {
            Ok(0) => write!(f, "{sign}{digits}"),
            Ok(after) if after < digits.len() => {
                let (whole, fraction) = digits.split_at(digits.len() - after);
                write!(f, "{sign}{whole}.{fraction}")
            }
            Ok(after) if after < 40 => write!(f, "{sign}0.{digits:0>after$}"),
            _ => write!(f, "{sign}{digits}E{exponent:+}"),
        }
    }
}
