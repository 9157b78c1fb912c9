//! Strategies for BSON values.

use proptest::prelude::*;
use whimbrel::bson::spec::BinarySubtype;
use whimbrel::bson::{
    Binary, DateTime, DbPointer, Decimal128, RawArrayBuf, RawBson, RawDocumentBuf, Regex, Timestamp,
    oid::ObjectId,
};

/// Doubles: any bits, and those that people use.
pub fn double() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (-1_000_000_i32..1_000_000).prop_map(|cents| f64::from(cents) / 100.0),
        any::<i32>().prop_map(f64::from),
        Just(-0.0),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE),
        Just(5e-324),
        Just(9007199254740993.0),
    ]
}

/// Decimal128 of all lengths and exponents.
pub fn decimal() -> impl Strategy<Value = Decimal128> {
    let digits = (0..34_u32, any::<u128>()).prop_map(|(digits, bits)| bits % 10_u128.pow(digits + 1));
    let exponent = prop_oneof![4 => -8..=4_i32, 2 => -40..40_i32, 1 => -6176..=6111_i32];
    (any::<bool>(), digits, exponent).prop_map(|(negative, digits, exponent)| {
        let exponent = u128::from((exponent + 6176).unsigned_abs());
        let bits = u128::from(negative) << 127 | exponent << 113 | digits;
        Decimal128::from_bytes(bits.to_le_bytes())
    })
}

/// Any number.
pub fn number() -> impl Strategy<Value = RawBson> {
    prop_oneof![
        any::<i32>().prop_map(RawBson::Int32),
        any::<i64>().prop_map(RawBson::Int64),
        (-20_000_i64..20_000).prop_map(RawBson::Int64),
        double().prop_map(RawBson::Double),
        decimal().prop_map(RawBson::Decimal128),
    ]
}

/// Dates: recent ones, and from one end of PostgreSQL's range to the other and beyond.
pub fn date() -> impl Strategy<Value = RawBson> {
    let milliseconds = prop_oneof![
        4 => 0..2_000_000_000_000_i64,
        2 => (-40_000_i64..40_000).prop_map(|days| days * 86_400_000),
        2 => -300_000_000_000_000..10_000_000_000_000_000_i64,
        1 => any::<i64>(),
    ];
    milliseconds.prop_map(|ms| RawBson::DateTime(DateTime::from_millis(ms)))
}

/// Texts, with what JSON must escape.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zA-Z0-9 äöüß€😀]{0,30}",
        "[\u{1}-\u{24}\"\\\\/\u{7f}\u{80}\u{2028}]{0,20}",
    ]
}

/// Keys: short enough that some come in the wrong order.
pub fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[a-cA-C]{0,4}", "[ä-ü\"\\\\\n$.]{1,3}"]
}

/// Values of all types, but for documents, arrays and code with scope.
pub fn scalar() -> impl Strategy<Value = RawBson> {
    let object_id = any::<[u8; 12]>().prop_map(ObjectId::from_bytes);
    prop_oneof![
        number(),
        text().prop_map(RawBson::String),
        text().prop_map(RawBson::Symbol),
        text().prop_map(RawBson::JavaScriptCode),
        any::<bool>().prop_map(RawBson::Boolean),
        Just(RawBson::Null),
        Just(RawBson::Undefined),
        Just(RawBson::MinKey),
        Just(RawBson::MaxKey),
        date(),
        object_id.clone().prop_map(RawBson::ObjectId),
        (any::<u32>(), any::<u32>())
            .prop_map(|(time, increment)| RawBson::Timestamp(Timestamp { time, increment })),
        binary(),
        ("[a-z/\"\\\\]{0,5}", "[imsx]{0,2}").prop_map(|(pattern, options)| {
            RawBson::RegularExpression(Regex {
                pattern: pattern.try_into().unwrap(),
                options: options.try_into().unwrap(),
            })
        }),
        (text(), object_id).prop_map(|(namespace, id)| RawBson::DbPointer(pointer(namespace, id))),
    ]
}

/// Its fields are private: only bytes make one.
fn pointer(namespace: String, id: ObjectId) -> DbPointer {
    let mut element = b"\x0cp\0".to_vec();
    element.extend(u32::try_from(namespace.len() + 1).unwrap().to_le_bytes());
    element.extend(namespace.as_bytes());
    element.push(0);
    element.extend(id.bytes());
    let mut bytes = u32::try_from(element.len() + 5).unwrap().to_le_bytes().to_vec();
    bytes.extend(element);
    bytes.push(0);
    let document = RawDocumentBuf::from_bytes(bytes).unwrap();
    match document.get("p").unwrap().unwrap().into() {
        RawBson::DbPointer(pointer) => pointer,
        other => panic!("{other:?}"),
    }
}

/// Binaries of all subtypes.
pub fn binary() -> impl Strategy<Value = RawBson> {
    (any::<u8>(), any::<Vec<u8>>()).prop_map(|(subtype, mut bytes)| {
        let subtype = BinarySubtype::from(subtype);
        bytes.truncate(40);
        RawBson::Binary(Binary { subtype, bytes })
    })
}

/// Anything.
pub fn nested() -> impl Strategy<Value = RawBson> {
    scalar().prop_recursive(4, 60, 6, |inner| {
        let fields = proptest::collection::btree_map(key(), inner.clone(), 0..6);
        let document = (fields, any::<u64>()).prop_map(|(fields, seed)| {
            let mut fields: Vec<_> = fields.into_iter().collect();
            let turn = usize::try_from(seed % 7).unwrap() % fields.len().max(1);
            fields.rotate_left(turn);
            let mut document = RawDocumentBuf::new();
            for (key, value) in fields {
                document.append(whimbrel::bson::raw::CString::try_from(key).unwrap(), value);
            }
            document
        });
        let document = document.boxed();
        prop_oneof![
            document.clone().prop_map(RawBson::Document),
            proptest::collection::vec(inner, 0..6).prop_map(array),
            (text(), document).prop_map(|(code, scope)| {
                RawBson::JavaScriptCodeWithScope(whimbrel::bson::raw::RawJavaScriptCodeWithScope {
                    code,
                    scope,
                })
            }),
        ]
    })
}

/// An array of values.
pub fn array(values: Vec<RawBson>) -> RawBson {
    let mut array = RawArrayBuf::new();
    values.into_iter().for_each(|value| array.push(value));
    RawBson::Array(array)
}

/// Arrays of these values.
pub fn arrays(values: impl Strategy<Value = RawBson>) -> impl Strategy<Value = RawBson> {
    proptest::collection::vec(values, 0..6).prop_map(array)
}
