//! IEEE 754-2008 decimal128 in its binary integer encoding, as BSON has it.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decimal128 {
    /// `coefficient * 10^exponent`, with at most 34 digits.
    Finite {
        /// Whether there is a minus sign, also before zero.
        negative: bool,
        coefficient: u128,
        exponent: i32,
    },
    NotANumber,
}

const BIAS: i32 = 6176;
const GREATEST: u128 = 10_u128.pow(34) - 1;

impl Decimal128 {
    /// Reads the 16 bytes that BSON has, least significant first.
    ///
    /// A coefficient of more than 34 digits counts as zero, as the standard says.
    pub fn from_le_bytes(bytes: [u8; 16]) -> Self {
        let bits = u128::from_le_bytes(bytes);
        let negative = bits >> 127 == 1;
        let combination = (bits >> 122) & 0x1f;
        if combination >= 0b11110 {
            return Decimal128::NotANumber;
        }
        let (exponent, coefficient) = if combination >> 3 == 0b11 {
            // The coefficient would start with 0b100: more than 34 digits.
            ((bits >> 111) & 0x3fff, 0)
        } else {
            ((bits >> 113) & 0x3fff, bits & ((1 << 113) - 1))
        };
        let coefficient = if coefficient > GREATEST { 0 } else { coefficient };
        let exponent = i32::try_from(exponent).unwrap_or(0) - BIAS;
        Decimal128::Finite { negative, coefficient, exponent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Decimal128 {
        Decimal128::from_le_bytes(text.parse::<bson::Decimal128>().unwrap().bytes())
    }

    #[test]
    fn finite() {
        let finite = |negative, coefficient, exponent| Decimal128::Finite { negative, coefficient, exponent };
        assert_eq!(parsed("1.50"), finite(false, 150, -2));
        assert_eq!(parsed("-1E+6111"), finite(true, 1, 6111));
        assert_eq!(parsed("1E-6176"), finite(false, 1, -6176));
        assert_eq!(parsed("-0"), finite(true, 0, 0));
        let nines = "9".repeat(34);
        assert_eq!(parsed(&nines), finite(false, GREATEST, 0));
    }

    #[test]
    fn not_a_number() {
        for text in ["NaN", "Infinity", "-Infinity"] {
            assert_eq!(parsed(text), Decimal128::NotANumber);
        }
    }

    #[test]
    fn too_many_digits_are_zero() {
        let too_great = ((u128::from(BIAS.unsigned_abs())) << 113) | (GREATEST + 1);
        assert!(matches!(
            Decimal128::from_le_bytes(too_great.to_le_bytes()),
            Decimal128::Finite { coefficient: 0, exponent: 0, .. }
        ));
        let long_form = (0b11 << 125) | (u128::from(BIAS.unsigned_abs()) << 111) | 5;
        assert!(matches!(
            Decimal128::from_le_bytes(long_form.to_le_bytes()),
            Decimal128::Finite { coefficient: 0, exponent: 0, .. }
        ));
    }
}
