//! How keys of the old system become UUIDs: `#[source(id = "…")]`.

/// The strategies that can be declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdStrategy {
    /// `object_id`, also when nothing is said: ObjectIds become UUIDv7, UUID binaries (subtype 4) pass through.
    #[default]
    ObjectId,
    /// `hex`: as above, and texts of 24 hexadecimal digits count as ObjectIds.
    Hex,
    /// `uuid`: UUID binaries (subtype 4) and UUIDs written as text.
    Uuid,
    /// `uuid_java`: as `uuid`, and binaries of subtype 3 in the byte order of the old Java driver.
    UuidJava,
    /// `uuid_csharp`: as `uuid`, and binaries of subtype 3 in the byte order of the old C# driver.
    UuidCsharp,
    /// `uuid_python`: as `uuid`, and binaries of subtype 3 in network byte order, as the old Python driver wrote.
    UuidPython,
    /// `integer`: integers become UUIDv5 under the namespace of the table they are keys of.
    Integer,
    /// `text`: texts become UUIDv5 under the namespace of the table they are keys of.
    Text,
}

impl IdStrategy {
    /// All of them by the name that `#[source(id = "…")]` uses.
    pub const NAMES: &'static [(&'static str, IdStrategy)] = &[
        ("object_id", IdStrategy::ObjectId),
        ("hex", IdStrategy::Hex),
        ("uuid", IdStrategy::Uuid),
        ("uuid_csharp", IdStrategy::UuidCsharp),
        ("uuid_java", IdStrategy::UuidJava),
        ("uuid_python", IdStrategy::UuidPython),
        ("integer", IdStrategy::Integer),
        ("text", IdStrategy::Text),
    ];
}
