//! A BSON writer that also writes what no driver would: that is what a generator of bad documents needs
//! (bsonspec.org, version 1.1).

/// A document being written.
#[derive(Debug, Clone)]
pub struct Doc {
    bytes: Vec<u8>,
}

/// A decimal as Decimal128 stores it: `coefficient * 10^exponent`.
#[derive(Debug, Clone, Copy)]
pub enum Decimal {
    /// A number.
    Number {
        /// Its digits.
        coefficient: i64,
        /// The power of ten.
        exponent: i16,
    },
    /// Not a number.
    Nan,
}

impl Doc {
    /// An empty document.
    pub fn new() -> Self {
        Doc { bytes: vec![0; 4] }
    }

    fn key(mut self, kind: u8, key: &str) -> Self {
        self.bytes.push(kind);
        self.bytes.extend_from_slice(key.as_bytes());
        self.bytes.push(0);
        self
    }

    fn with(mut self, kind: u8, key: &str, value: &[u8]) -> Self {
        self = self.key(kind, key);
        self.bytes.extend_from_slice(value);
        self
    }

    /// A string.
    pub fn text(self, key: &str, value: &str) -> Self {
        self.text_bytes(key, value.as_bytes())
    }

    /// A string's bytes, whatever they are.
    pub fn text_bytes(mut self, key: &str, value: &[u8]) -> Self {
        self = self.key(0x02, key);
        self.bytes.extend_from_slice(&length(value.len() + 1));
        self.bytes.extend_from_slice(value);
        self.bytes.push(0);
        self
    }

    /// An ObjectId.
    pub fn id(self, key: &str, value: [u8; 12]) -> Self {
        self.with(0x07, key, &value)
    }

    /// A boolean.
    pub fn bool(self, key: &str, value: bool) -> Self {
        self.with(0x08, key, &[u8::from(value)])
    }

    /// Milliseconds since 1970.
    pub fn date(self, key: &str, milliseconds: i64) -> Self {
        self.with(0x09, key, &milliseconds.to_le_bytes())
    }

    /// Null.
    pub fn null(self, key: &str) -> Self {
        self.with(0x0a, key, &[])
    }

    /// A 32-bit integer.
    pub fn int(self, key: &str, value: i32) -> Self {
        self.with(0x10, key, &value.to_le_bytes())
    }

    /// A 64-bit integer.
    pub fn long(self, key: &str, value: i64) -> Self {
        self.with(0x12, key, &value.to_le_bytes())
    }

    /// A 64-bit floating-point number.
    pub fn double(self, key: &str, value: f64) -> Self {
        self.with(0x01, key, &value.to_le_bytes())
    }

    /// A Decimal128 (IEEE 754-2008, binary integer decimal).
    pub fn decimal(self, key: &str, value: Decimal) -> Self {
        let bits: u128 = match value {
            Decimal::Nan => 0x7c << 120,
            Decimal::Number { coefficient, exponent } => {
                let sign = u128::from(coefficient < 0) << 127;
                let exponent = u128::from((i32::from(exponent) + 6176).unsigned_abs()) << 113;
                sign | exponent | u128::from(coefficient.unsigned_abs())
            }
        };
        self.with(0x13, key, &bits.to_le_bytes())
    }

    /// A document in the document.
    pub fn doc(self, key: &str, value: Doc) -> Self {
        self.with(0x03, key, &value.finish())
    }

    /// An array; each element is written by `write` under the key it is given.
    pub fn array<T>(self, key: &str, items: &[T], write: impl Fn(Doc, &str, &T) -> Doc) -> Self {
        let mut array = Doc::new();
        for (number, item) in items.iter().enumerate() {
            array = write(array, &number.to_string(), item);
        }
        self.with(0x04, key, &array.finish())
    }

    /// The document's bytes.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.push(0);
        let length = length(self.bytes.len());
        self.bytes[..4].copy_from_slice(&length);
        self.bytes
    }
}

/// A length as BSON writes it. No document of the generator comes near the limit.
fn length(bytes: usize) -> [u8; 4] {
    i32::try_from(bytes).unwrap_or(i32::MAX).to_le_bytes()
}
