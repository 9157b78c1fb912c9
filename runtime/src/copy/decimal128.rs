//! IEEE 754-2008 decimal128 in its binary integer encoding, as BSON has it.

use super::numeric::Number;

const BIAS: i32 = 6176;
const GREATEST: u128 = 10_u128.pow(34) - 1;

/// Reads the 16 bytes that BSON has, least significant first; `None` for NaN and infinities.
///
/// A coefficient of more than 34 digits counts as zero, as the standard says.
#[inline]
pub(crate) fn number(bytes: [u8; 16]) -> Option<Number> {
    let bits = u128::from_le_bytes(bytes);
    let combination = (bits >> 122) & 0x1f;
    if combination >= 0b11110 {
        return None;
    }
    let (exponent, coefficient) = if combination >> 3 == 0b11 {
        // The coefficient would start with 0b100: more than 34 digits.
        ((bits >> 111) & 0x3fff, 0)
    } else {
        ((bits >> 113) & 0x3fff, bits & ((1 << 113) - 1))
    };
    Some(Number {
        negative: bits >> 127 == 1,
        coefficient: if coefficient > GREATEST { 0 } else { coefficient },
        exponent: i32::try_from(exponent).unwrap_or(0) - BIAS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_text_says_them() {
        let finite = |negative, coefficient, exponent| Some(Number { negative, coefficient, exponent });
        for (text, expected) in [
            ("1.50", finite(false, 150, -2)),
            ("-1E+6111", finite(true, 1, 6111)),
            ("1E-6176", finite(false, 1, -6176)),
            ("-0", finite(true, 0, 0)),
            ("9999999999999999999999999999999999", finite(false, GREATEST, 0)),
            ("NaN", None),
            ("Infinity", None),
            ("-Infinity", None),
        ] {
            assert_eq!(number(text.parse::<bson::Decimal128>().unwrap().bytes()), expected, "{text}");
        }
    }

    #[test]
    fn too_many_digits_are_zero() {
        let exponent = u128::from(BIAS.unsigned_abs());
        for bits in [(exponent << 113) | (GREATEST + 1), (0b11 << 125) | (exponent << 111) | 5] {
            let zero = Number { negative: false, coefficient: 0, exponent: 0 };
            assert_eq!(number(bits.to_le_bytes()), Some(zero));
        }
    }
}
