//! Extended JSON, value by value.

use bson::oid::ObjectId;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, DateTime, Document, Timestamp, doc};
use whimbrel_transfer::source::{check_structure, to_bson};

fn value(text: &str) -> Result<Bson, String> {
    let mut bytes = Vec::new();
    to_bson(&format!("{{\"v\":{text}}}"), &mut bytes).map_err(|e| e.to_string())?;
    check_structure(&bytes).expect("what is made is well-formed");
    Ok(Document::from_reader(bytes.as_slice()).expect("BSON").remove("v").expect("a value"))
}

fn binary(subtype: BinarySubtype, bytes: &[u8]) -> Bson {
    Bson::Binary(Binary { subtype, bytes: bytes.to_vec() })
}

#[test]
fn typed_values_of_both_versions() {
    let id = ObjectId::parse_str("507f1f77bcf86cd799439011").unwrap();
    let date = |ms| Bson::DateTime(DateTime::from_millis(ms));
    for (text, wanted) in [
        (r#"{"$oid":"507f1f77bcf86cd799439011"}"#, Bson::ObjectId(id)),
        (r#"{"$numberInt":"-5"}"#, Bson::Int32(-5)),
        (r#"{"$numberLong":"5"}"#, Bson::Int64(5)),
        (r#"{"$numberDouble":"5"}"#, Bson::Double(5.0)),
        (r#"{"$numberDouble":"-Infinity"}"#, Bson::Double(f64::NEG_INFINITY)),
        (r#"{"$numberDecimal":"1.50"}"#, Bson::Decimal128("1.50".parse().unwrap())),
        (r#"{"$date":{"$numberLong":"-62135596800001"}}"#, date(-62_135_596_800_001)),
        (r#"{"$date":"2014-02-19T12:00:00.123Z"}"#, date(1_392_811_200_123)),
        (r#"{"$date":"2014-02-19T12:00:00.000+0000"}"#, date(1_392_811_200_000)),
        (r#"{"$date":"2014-02-19T14:00:00+02:00"}"#, date(1_392_811_200_000)),
        (r#"{"$binary":{"base64":"AQI=","subType":"00"}}"#, binary(BinarySubtype::Generic, &[1, 2])),
        (r#"{"$binary":{"base64":"AQI=","subType":"2"}}"#, binary(BinarySubtype::BinaryOld, &[1, 2])),
        (r#"{"$binary":"AQI=","$type":"80"}"#, binary(BinarySubtype::UserDefined(0x80), &[1, 2])),
        (r#"{"$type":"0","$binary":"AQI="}"#, binary(BinarySubtype::Generic, &[1, 2])),
        (
            r#"{"$timestamp":{"t":7,"i":4294967295}}"#,
            Bson::Timestamp(Timestamp { time: 7, increment: u32::MAX }),
        ),
        (r#"{"$symbol":"s"}"#, Bson::Symbol("s".into())),
        (r#"{"$code":"f()"}"#, Bson::JavaScriptCode("f()".into())),
        (r#"{"$minKey":1}"#, Bson::MinKey),
        (r#"{"$maxKey":1}"#, Bson::MaxKey),
        (r#"{"$undefined":true}"#, Bson::Undefined),
        (r#"{"$ref":"users","$id":7}"#, Bson::Document(doc! { "$ref": "users", "$id": 7 })),
        (r#"{"$regex":{"a":1}}"#, Bson::Document(doc! { "$regex": { "a": 1 } })),
    ] {
        assert_eq!(value(text).as_ref(), Ok(&wanted), "{text}");
    }
    assert!(matches!(value(r#"{"$numberDouble":"NaN"}"#), Ok(Bson::Double(d)) if d.is_nan()));
    assert!(matches!(value(r#"{"$uuid":"73ffd264-44b3-4c69-90e8-e7d1dfc035d4"}"#),
        Ok(Bson::Binary(b)) if b.subtype == BinarySubtype::Uuid && b.bytes[0] == 0x73));
    for text in
        [r#"{"$regularExpression":{"pattern":"a.b","options":"xi"}}"#, r#"{"$options":"xi","$regex":"a.b"}"#]
    {
        let Ok(Bson::RegularExpression(regex)) = value(text) else { panic!("{text}") };
        assert_eq!((regex.pattern.as_str(), regex.options.as_str()), ("a.b", "ix"));
    }
    let Ok(Bson::JavaScriptCodeWithScope(code)) = value(r#"{"$code":"f","$scope":{"x":1}}"#) else {
        panic!()
    };
    assert_eq!((code.code.as_str(), code.scope), ("f", doc! { "x": 1 }));
}

#[test]
fn plain_values() {
    for (text, wanted) in [
        ("1", Bson::Int32(1)),
        ("-2147483648", Bson::Int32(i32::MIN)),
        ("2147483648", Bson::Int64(2_147_483_648)),
        ("9223372036854775807", Bson::Int64(i64::MAX)),
        ("10000000000000000000", Bson::Double(1e19)),
        ("1.0", Bson::Double(1.0)),
        ("1E+2", Bson::Double(100.0)),
        ("Infinity", Bson::Double(f64::INFINITY)),
        ("-Infinity", Bson::Double(f64::NEG_INFINITY)),
        ("true", Bson::Boolean(true)),
        ("false", Bson::Boolean(false)),
        ("null", Bson::Null),
        (r#""a\n\u00e9\ud83d\ude00\/""#, Bson::String("a\né😀/".into())),
        (r#""nul \u0000""#, Bson::String("nul \0".into())),
        (r#"[1,[],{}]"#, Bson::Array(vec![Bson::Int32(1), Bson::Array(vec![]), Bson::Document(doc! {})])),
    ] {
        assert_eq!(value(text).as_ref(), Ok(&wanted), "{text}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    for (text, words) in [
        ("01", "not a number"),
        ("1.", "not a number"),
        ("12345678901234567890", "not a number that BSON holds exactly"),
        ("1e999", "not a number"),
        ("tru", "value is missing"),
        (r#""\x""#, "escape"),
        (r#""\ud83d""#, "surrogate"),
        ("\"a\tb\"", "control character"),
        (r#"{"a\u0000b":1}"#, "zero byte"),
        (r#"{"$oid":"507f"}"#, "24 hexadecimal"),
        (r#"{"$oid":"507f1f77bcf86cd799439011","x":1}"#, "must stand alone"),
        (r#"{"$numberInt":"3000000000"}"#, "32 bits"),
        (r#"{"$date":"yesterday"}"#, "ISO 8601"),
        (r#"{"$date":"2014-02-19T12:00:00.0001Z"}"#, "finer than the milliseconds"),
        (r#"{"$binary":{"base64":"!","subType":"0"}}"#, "base64"),
        (r#"{"$timestamp":{"t":-1,"i":0}}"#, "32 bits"),
        ("[1 2]", "a , or ]"),
        ("[1,]", "value is missing"),
        (r#"{"a":1,}"#, "name in quotes"),
        ("ISODate(\"x\")", "shell"),
    ] {
        let reason = value(text).expect_err(text);
        assert!(reason.contains(words), "{text}: {reason}");
    }
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    assert!(value(&deep).expect_err("deep").contains("deeper"));
}

/// What MongoDB's own BSON corpus calls errors, and what Rust's parsers would take.
#[test]
fn no_value_is_invented() {
    for text in [
        r#"{"$numberDecimal":""}"#,
        r#"{"$numberDecimal":"."}"#,
        r#"{"$numberDecimal":"e100"}"#,
        r#"{"$numberDecimal":".E+1"}"#,
        r#"{"$numberDecimal":"-+32.4"}"#,
        r#"{"$numberDecimal":"1e"}"#,
        r#"{"$numberDecimal":"1_0"}"#,
        r#"{"$numberDecimal":"1e+-3"}"#,
        r#"{"$numberDecimal":1}"#,
        r#"{"$numberInt":5}"#,
        r#"{"$numberInt":"+5"}"#,
        r#"{"$numberLong":42}"#,
        r#"{"$numberLong":"+5"}"#,
        r#"{"$numberLong":""}"#,
        r#"{"$numberDouble":1.5}"#,
        r#"{"$numberDouble":"inf"}"#,
        r#"{"$numberDouble":".5"}"#,
        r#"{"$numberDouble":"1e999"}"#,
        r#"{"$date":42}"#,
        r#"{"$date":{"$numberLong":42}}"#,
        r#"{"$date":{"$numberInt":"42"}}"#,
        r#"{"$minKey":0}"#,
        r#"{"$minKey":true}"#,
        r#"{"$maxKey":{"$numberInt":"1"}}"#,
        r#"{"$undefined":false}"#,
        r#"{"$uuid":"73ffd26444b34c6990e8e7d1dfc035d4"}"#,
        r#"{"$binary":"AQI=","$type":0}"#,
        r#"{"$binary":{"base64":"AQI=","subType":"+1"}}"#,
        r#"{"$binary":{"base64":"AQI","subType":"0"}}"#,
    ] {
        let reason = value(text).expect_err(text);
        let name = text.split('"').nth(1).unwrap();
        assert!(reason.starts_with("v: $") || reason.starts_with("v.$date: $"), "{text}: {reason}");
        assert!(reason.contains(name), "{text}: {reason}");
    }
    for (text, wanted) in [
        ("+1.5E-3", "0.0015"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e+3", "1E+3"),
        ("-Infinity", "-Infinity"),
        ("inf", "Infinity"),
    ] {
        let decimal = value(&format!(r#"{{"$numberDecimal":"{text}"}}"#));
        assert_eq!(decimal, Ok(Bson::Decimal128(wanted.parse().unwrap())), "{text}");
    }
    assert_eq!(value(r#"{"$numberDecimal":"+NaN"}"#).map(|v| v.to_string()), Ok("NaN".into()));
}

#[test]
fn an_error_names_the_field() {
    let reason = value(r#"{"a":[1,{"b":{"$numberLong":"x"}}]}"#).unwrap_err();
    assert_eq!(reason, "v.a.1.b: $numberLong: \"x\" is not a whole number of 64 bits");
}

#[test]
fn canonical_form_of_every_type_comes_back() {
    let Some(path) = crate::support::shared("data/mongo-tools/bsondump/testdata") else { return };
    for name in ["all_in_one_doc.bson", "all_types.bson"] {
        let source = whimbrel_transfer::source::from_arg(path.join(name).to_str().unwrap()).unwrap();
        let collection = source.collections().unwrap().remove(0).name;
        for document in crate::support::read_all(&*source, &collection).documents {
            let owned = Document::try_from(document.as_ref()).unwrap();
            let text = Bson::Document(owned).into_canonical_extjson().to_string();
            let mut bytes = Vec::new();
            to_bson(&text, &mut bytes).unwrap_or_else(|e| panic!("{text}: {e:?}"));
            assert_eq!(bytes, document.as_bytes(), "{text}");
        }
    }
}
