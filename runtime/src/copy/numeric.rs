//! `numeric`: base-10000 digits with a weight, a sign and a display scale (PostgreSQL, `numeric_send`).

use crate::transform::error::{Code, ValueError};

use super::{Shape, Writer};

const NEGATIVE: u16 = 0x4000;
/// The most base-10000 digits a 128-bit coefficient of 37 decimal digits has.
const MOST_DIGITS: usize = 10;

/// A decimal number: `coefficient * 10^exponent`, of at most 34 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    pub negative: bool,
    pub coefficient: u128,
    pub exponent: i32,
}

impl Number {
    #[inline]
    pub fn integer(value: i64) -> Self {
        Number { negative: value < 0, coefficient: u128::from(value.unsigned_abs()), exponent: 0 }
    }

    /// The shortest decimal number that is read as this double; `None` for NaN and infinities.
    pub fn shortest(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let mut buffer = zmij::Buffer::new();
        let mut number = Number { negative: value < 0.0, coefficient: 0, exponent: 0 };
        let (mut coefficient, mut after_point) = (0_u64, false);
        let mut text = buffer.format_finite(value.abs()).bytes();
        for byte in text.by_ref() {
            match byte {
                b'.' => after_point = true,
                b'0'..=b'9' => {
                    coefficient = coefficient * 10 + u64::from(byte - b'0');
                    number.exponent -= i32::from(after_point);
                }
                // `e`: the power of ten follows.
                _ => break,
            }
        }
        number.exponent += power(text);
        // `5.0` is five: a double knows no scale.
        if after_point && coefficient.is_multiple_of(10) {
            coefficient /= 10;
            number.exponent += 1;
        }
        number.coefficient = u128::from(coefficient);
        Some(number)
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

/// Reads a power of ten: `-7`, `+21`, or nothing.
fn power(text: impl Iterator<Item = u8>) -> i32 {
    let (mut power, mut minus) = (0, false);
    for byte in text {
        match byte {
            b'-' => minus = true,
            b'0'..=b'9' => power = power * 10 + i32::from(byte - b'0'),
            _ => {}
        }
    }
    if minus { -power } else { power }
}

/// Writes a number, with the column's scale if it has one. Nothing is rounded.
#[inline]
pub fn write(number: Number, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
    let (number, scale) = match shape.numeric {
        Some((precision, scale)) => (fit(number, precision, scale)?, i32::from(scale).max(0)),
        None => (number, (-number.exponent).max(0)),
    };
    digits(number, scale, out);
    Ok(())
}

/// Brings a number to at most `scale` digits after the point.
#[inline]
fn fit(mut number: Number, precision: u16, scale: i16) -> Result<Number, ValueError> {
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
        return Err(ValueError::new(Code::Precision, reason));
    }
    let digits = i32::try_from(number.coefficient.ilog10()).unwrap_or(i32::MAX) + 1;
    if digits + number.exponent > i32::from(precision) - i32::from(scale) {
        let reason = format!("{} is too great for numeric({precision},{scale})", Shown(original));
        return Err(ValueError::new(Code::OutOfRange, reason));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn shortest(value: f64) -> String {
        Shown(Number::shortest(value).unwrap()).to_string()
    }

    #[test]
    fn doubles_by_their_shortest_spelling() {
        assert_eq!(shortest(19.99), "19.99");
        assert_eq!(shortest(-0.1), "-0.1");
        assert_eq!(shortest(5.0), "5");
        assert_eq!(shortest(100.0), "100");
        assert_eq!(shortest(1e21), "1E+21");
        assert_eq!(shortest(5e-324), "5E-324");
        assert_eq!(shortest(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(Number::shortest(f64::NAN), None);
    }

    #[test]
    fn integers() {
        let number = |negative, coefficient, exponent| Number { negative, coefficient, exponent };
        assert_eq!(number(true, 1 << 63, 0).to_i64(), Some(i64::MIN));
        assert_eq!(number(false, 1 << 63, 0).to_i64(), None);
        assert_eq!(number(false, 500, -2).to_i64(), Some(5));
        assert_eq!(number(false, 505, -2).to_i64(), None);
        assert_eq!(number(false, 1, 6111).to_i64(), None);
        assert_eq!(number(false, 0, 6111).to_i64(), Some(0));
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(whimbrel_scratch::seed()), ..Default::default() })]

        #[test]
        fn the_shortest_spelling_is_the_double(bits: u64) {
            let value = f64::from_bits(bits);
            if let Some(Number { negative, coefficient, exponent }) = Number::shortest(value) {
                let sign = if negative { "-" } else { "" };
                let back: f64 = format!("{sign}{coefficient}e{exponent}").parse().unwrap();
                prop_assert_eq!(back, value);
                prop_assert!(coefficient < 10_u128.pow(17));
            }
        }
    }
}
