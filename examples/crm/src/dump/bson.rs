//! Writes BSON (<https://bsonspec.org/spec.html>) straight into a buffer, also such as no driver would write.

/// The fields of a document that is being written.
#[derive(Debug)]
pub(crate) struct Fields<'b> {
    out: &'b mut Vec<u8>,
}

/// Appends a document.
pub(crate) fn document(out: &mut Vec<u8>, fill: impl FnOnce(&mut Fields<'_>)) {
    let start = out.len();
    out.extend([0; 4]);
    fill(&mut Fields { out });
    out.push(0);
    // A generated document has a few hundred bytes.
    let length = i32::try_from(out.len() - start).unwrap_or(i32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

impl Fields<'_> {
    /// A field of any type.
    pub(crate) fn raw(&mut self, key: &str, tag: u8, payload: &[u8]) {
        self.head(key, tag);
        self.out.extend_from_slice(payload);
    }

    fn head(&mut self, key: &str, tag: u8) {
        self.out.push(tag);
        self.out.extend_from_slice(key.as_bytes());
        self.out.push(0);
    }

    pub(crate) fn double(&mut self, key: &str, value: f64) {
        self.raw(key, 0x01, &value.to_le_bytes());
    }

    pub(crate) fn string(&mut self, key: &str, value: &str) {
        self.bytes(key, value.as_bytes());
    }

    /// A string of bytes that need not be UTF-8.
    pub(crate) fn bytes(&mut self, key: &str, value: &[u8]) {
        self.head(key, 0x02);
        let length = i32::try_from(value.len() + 1).unwrap_or(i32::MAX);
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.extend_from_slice(value);
        self.out.push(0);
    }

    pub(crate) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Fields<'_>)) {
        self.head(key, 0x03);
        document(self.out, fill);
    }

    /// An array whose elements `fill` writes, with their index as key.
    pub(crate) fn array<T>(&mut self, key: &str, of: &[T], fill: impl Fn(&mut Fields<'_>, &str, &T)) {
        self.head(key, 0x04);
        document(self.out, |fields| {
            for (index, item) in of.iter().enumerate() {
                fill(fields, &index.to_string(), item);
            }
        });
    }

    pub(crate) fn binary(&mut self, key: &str, value: &[u8]) {
        self.head(key, 0x05);
        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.push(0);
        self.out.extend_from_slice(value);
    }

    pub(crate) fn id(&mut self, key: &str, value: [u8; 12]) {
        self.raw(key, 0x07, &value);
    }

    pub(crate) fn bool(&mut self, key: &str, value: bool) {
        self.raw(key, 0x08, &[u8::from(value)]);
    }

    /// A date in milliseconds since 1970.
    pub(crate) fn date(&mut self, key: &str, milliseconds: i64) {
        self.raw(key, 0x09, &milliseconds.to_le_bytes());
    }

    pub(crate) fn null(&mut self, key: &str) {
        self.raw(key, 0x0a, &[]);
    }

    pub(crate) fn int(&mut self, key: &str, value: i32) {
        self.raw(key, 0x10, &value.to_le_bytes());
    }

    pub(crate) fn long(&mut self, key: &str, value: i64) {
        self.raw(key, 0x12, &value.to_le_bytes());
    }

    /// `coefficient × 10^exponent` as Decimal128 (IEEE 754-2008, binary integer decimal).
    pub(crate) fn decimal(&mut self, key: &str, coefficient: i64, exponent: i16) {
        const BIAS: u64 = 6176;
        let sign = u64::from(coefficient < 0) << 63;
        let exponent = BIAS.wrapping_add_signed(exponent.into()) << 49;
        let high = sign | exponent;
        let value = (u128::from(high) << 64) | u128::from(coefficient.unsigned_abs());
        self.raw(key, 0x13, &value.to_le_bytes());
    }

    /// Not a number, as Decimal128.
    pub(crate) fn decimal_nan(&mut self, key: &str) {
        self.raw(key, 0x13, &(0x7c_u128 << 120).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whimbrel::bson::{Bson, Document};

    #[test]
    fn the_driver_reads_what_was_written() {
        let mut bytes = Vec::new();
        document(&mut bytes, |fields| {
            fields.id("_id", *b"0123456789ab");
            fields.string("text", "Möwe");
            fields.int("int", -7);
            fields.long("long", 1 << 40);
            fields.double("double", 0.5);
            fields.bool("yes", true);
            fields.date("at", 1_700_000_000_123);
            fields.null("nothing");
            fields.binary("bytes", &[1, 2, 3]);
            fields.decimal("price", -12345, -2);
            fields.decimal_nan("nan");
            fields.object("inner", |inner| inner.int("one", 1));
            fields.array("list", &["a", "b"], |list, index, item| list.string(index, item));
        });
        let document = Document::from_reader(bytes.as_slice()).unwrap();
        assert_eq!(document.get_str("text").unwrap(), "Möwe");
        assert_eq!(document.get_i32("int").unwrap(), -7);
        assert_eq!(document.get_i64("long").unwrap(), 1 << 40);
        assert_eq!(document.get_f64("double").unwrap(), 0.5);
        assert!(document.get_bool("yes").unwrap());
        assert_eq!(document.get_datetime("at").unwrap().timestamp_millis(), 1_700_000_000_123);
        assert_eq!(document.get("nothing"), Some(&Bson::Null));
        assert_eq!(document.get_binary_generic("bytes").unwrap(), &[1, 2, 3]);
        assert_eq!(document.get("price").unwrap().to_string(), "-123.45");
        assert_eq!(document.get("nan").unwrap().to_string(), "NaN");
        assert_eq!(document.get_document("inner").unwrap().get_i32("one").unwrap(), 1);
        assert_eq!(document.get_array("list").unwrap().len(), 2);
    }
}
