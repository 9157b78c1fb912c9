//! Every attribute name, once, and which of them each attribute takes.
//!
//! The parser, its "did you mean" and the table in the README are made from these lists.

/// `#[model(…)]`, on a struct.
pub const MODEL: &str = "model";
/// `#[column(…)]`, on a field.
pub const COLUMN: &str = "column";
/// `#[source(…)]`, on a struct or a field.
pub const SOURCE: &str = "source";
/// `#[pg(…)]`, on an enum or a variant.
pub const PG: &str = "pg";
/// `#[newtype(…)]`, on a struct with one field.
pub const NEWTYPE: &str = "newtype";

macro_rules! names {
    ($($(#[$doc:meta])* $constant:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $constant: &str = $text;)*
    };
}

names! {
    /// The table's name; also the source table.
    TABLE = "table";
    /// The PostgreSQL schema.
    SCHEMA = "schema";
    /// A primary key.
    PRIMARY_KEY = "primary_key";
    /// An index.
    INDEX = "index";
    /// A unique constraint, or that an index is unique.
    UNIQUE = "unique";
    /// A check constraint.
    CHECK = "check";
    /// A foreign key.
    FOREIGN_KEY = "foreign_key";
    /// A comment in the database.
    COMMENT = "comment";
    /// What the thing was called before.
    RENAMED_FROM = "renamed_from";
    /// How Rust names become other names.
    RENAME_ALL = "rename_all";
    /// A list of columns.
    COLUMNS = "columns";
    /// The name of a thing in PostgreSQL.
    NAME = "name";
    /// An index's access method.
    METHOD = "method";
    /// The predicate of a partial index.
    WHERE = "where";
    /// The columns an index carries along.
    INCLUDE = "include";
    /// Ascending or descending.
    ORDER = "order";
    /// An index key's operator class.
    OPCLASS = "opclass";
    /// Whether NULLs come first or last.
    NULLS = "nulls";
    /// What a foreign key refers to.
    REFERENCES = "references";
    /// What happens when the referenced row is deleted.
    ON_DELETE = "on_delete";
    /// What happens when the referenced key changes.
    ON_UPDATE = "on_update";
    /// When a constraint is checked.
    DEFERRABLE = "deferrable";
    /// The PostgreSQL type.
    TYPE = "type";
    /// A default value.
    DEFAULT = "default";
    /// That an `Id<T>` is not a foreign key.
    NO_REFERENCE = "no_reference";
    /// A collation.
    COLLATE = "collate";
    /// The expression of a generated column.
    GENERATED = "generated";
    /// An identity column.
    IDENTITY = "identity";
    /// The source collection.
    COLLECTION = "collection";
    /// The array that gives one row per element.
    EACH = "each";
    /// Paths that no column takes, and that may be left out.
    IGNORE = "ignore";
    /// That whatever no column takes may be left out.
    IGNORE_REST = "ignore_rest";
    /// The path of a field in the record.
    FIELD = "field";
    /// A field of the enclosing document.
    PARENT = "parent";
    /// The element itself.
    ELEMENT = "element";
    /// The element's index.
    ORDINAL = "ordinal";
    /// A function that converts the value.
    WITH = "with";
    /// Everything that no other column takes.
    REST = "rest";
    /// That a missing value is an error although the column may be NULL.
    REQUIRED = "required";
    /// How a key becomes a UUID.
    ID = "id";
    /// The label of a variant.
    RENAME = "rename";
    /// Descending, on an index key.
    DESC = "desc";
    /// Ascending, on an index key.
    ASC = "asc";
    /// Where the crate `whimbrel` is.
    CRATE = "crate";
}

/// What `#[model(…)]` takes.
pub const MODEL_NAMES: &[&str] = &[
    TABLE,
    SCHEMA,
    PRIMARY_KEY,
    INDEX,
    UNIQUE,
    CHECK,
    FOREIGN_KEY,
    COMMENT,
    RENAME_ALL,
    RENAMED_FROM,
    CRATE,
];
/// What `index(…)` in `#[model(…)]` takes.
pub const INDEX_NAMES: &[&str] =
    &[COLUMNS, NAME, UNIQUE, METHOD, WHERE, INCLUDE, ORDER, OPCLASS, NULLS, COLLATE];
/// What may follow one key in `columns(…)` of an index.
pub const INDEX_KEY_NAMES: &[&str] = &[ASC, DESC, NULLS, OPCLASS, COLLATE];
/// What `unique(…)` in `#[model(…)]` takes besides column names.
pub const UNIQUE_NAMES: &[&str] = &[COLUMNS, NAME, DEFERRABLE];
/// What `foreign_key(…)` in `#[model(…)]` takes.
pub const FOREIGN_KEY_NAMES: &[&str] = &[COLUMNS, REFERENCES, NAME, ON_DELETE, ON_UPDATE, DEFERRABLE];
/// What `#[column(…)]` takes.
pub const COLUMN_NAMES: &[&str] = &[
    NAME,
    TYPE,
    PRIMARY_KEY,
    UNIQUE,
    INDEX,
    DEFAULT,
    CHECK,
    REFERENCES,
    ON_DELETE,
    ON_UPDATE,
    DEFERRABLE,
    NO_REFERENCE,
    COLLATE,
    GENERATED,
    IDENTITY,
    COMMENT,
    RENAMED_FROM,
];
/// What `#[source(…)]` takes on a struct.
pub const SOURCE_STRUCT_NAMES: &[&str] = &[COLLECTION, TABLE, RENAME_ALL, EACH, IGNORE, IGNORE_REST];
/// What `#[source(…)]` takes on a field.
pub const SOURCE_FIELD_NAMES: &[&str] = &[FIELD, PARENT, ELEMENT, ORDINAL, WITH, DEFAULT, REST, REQUIRED, ID];
/// What `#[pg(…)]` takes on an enum.
pub const PG_ENUM_NAMES: &[&str] = &[NAME, SCHEMA, RENAME_ALL, COMMENT, RENAMED_FROM, CRATE];
/// What `#[pg(…)]` takes on a variant.
pub const PG_VARIANT_NAMES: &[&str] = &[RENAME, RENAMED_FROM];
/// What `#[newtype(…)]` takes.
pub const NEWTYPE_NAMES: &[&str] = &[CRATE];
