//! Documents that cannot become rows, or not all of their rows, each for another reason.
//!
//! No other document refers to them, so that one of them makes exactly the rejects that its [`Kind`] says.

use super::bson::{Fields, document};
use super::{Collection, object_id};

/// A way of being bad.
pub(super) struct Kind {
    /// Where it is found.
    pub(super) collection: Collection,
    /// The field that is bad; every other one is as it should be.
    field: &'static str,
    /// Writes the bad field, or writes nothing; gets the running number among the documents of its kind.
    write: fn(&mut Fields<'_>, u64),
    /// Why it is rejected.
    pub(super) code: &'static str,
    /// The tables whose rows are rejected, one each; an empty name for a document that cannot be read at all.
    pub(super) rejects: &'static [&'static str],
    /// The tables that get a row all the same.
    pub(super) rows: &'static [&'static str],
    /// Whether the bad thing is that two of a kind are there: then every second one arrives in full.
    pub(super) twins: bool,
}

use Collection::{Accounts, Contacts, Opportunities, Tasks, Users};

/// All kinds.
pub(super) const KINDS: &[Kind] = &[
    bad(Users, "email", "missing", |_, _| {}),
    bad(Users, "role", "unknown_label", |fields, _| fields.string("role", "wizard")),
    bad(Users, "name", "nul_in_text", |fields, _| fields.string("name", "Nu\0l")),
    bad(Users, "name", "invalid_utf8", |fields, _| fields.bytes("name", b"Jos\xe9")),
    Kind {
        twins: true,
        ..bad(Users, "email", "duplicate_key", |fields, number| {
            fields.string("email", &format!("twice{}@whimbrel.example", number / 2));
        })
    },
    bad(Accounts, "name", "null", |fields, _| fields.null("name")),
    bad(Accounts, "name", "check_violation", |fields, _| fields.string("name", "")),
    bad(Accounts, "employees", "out_of_range", |fields, _| fields.long("employees", 1 << 40)),
    bad(Accounts, "createdAt", "out_of_range", |fields, _| fields.date("createdAt", i64::MAX)),
    bad(Accounts, "billing", "too_long", |fields, _| {
        fields.object("billing", |billing| billing.string("country", "Germany"));
    }),
    bad(Contacts, "account", "bad_reference", |fields, number| fields.id("account", object_id(15, number))),
    bad(Contacts, "account", "type_mismatch", |fields, _| fields.string("account", "the one in Kiel")),
    bad(Contacts, "email", "check_violation", |fields, _| fields.null("email")),
    bad(Opportunities, "amount", "not_a_number", |fields, _| fields.decimal_nan("amount")),
    bad(Opportunities, "amount", "precision", |fields, _| fields.decimal("amount", 1005, -3)),
    bad(Opportunities, "amount", "type_mismatch", |fields, _| fields.string("amount", "12,50 €")),
    bad(Opportunities, "amount", "check_violation", |fields, _| fields.decimal("amount", -1, 0)),
    Kind {
        rejects: &["opportunity_watchers"],
        rows: &["opportunities"],
        ..bad(Opportunities, "watchers", "type_mismatch", |fields, _| fields.string("watchers", "nobody"))
    },
    Kind {
        rejects: &["opportunity_watchers"],
        rows: &["opportunities", "opportunity_watchers"],
        ..bad(Opportunities, "watchers", "duplicate_key", |fields, _| {
            fields.array("watchers", &[Users.id(0); 2], |list, index, user| list.id(index, *user));
        })
    },
    bad(Tasks, "due", "type_mismatch", |fields, _| fields.string("due", "tomorrow")),
    bad(Tasks, "priority", "check_violation", |fields, _| fields.int("priority", 9)),
    bad(Tasks, "custom", "duplicate_field", |fields, _| {
        fields.object("custom", |custom| {
            custom.int("twice", 1);
            custom.int("twice", 2);
        });
    }),
    Kind {
        // The document cannot be read at all: it belongs to no table.
        rejects: &[""],
        ..bad(Tasks, "custom", "malformed", |fields, _| fields.raw("custom", 0x42, &[]))
    },
    Kind {
        rejects: &["task_comments"],
        rows: &["tasks", "task_comments"],
        ..bad(Tasks, "comments", "missing", |fields, number| {
            fields.array("comments", &[true, false], |list, index, signed| {
                list.object(index, |comment| {
                    comment.id("_id", object_id(14, number * 2 + u64::from(*signed)));
                    if *signed {
                        comment.id("author", Users.id(0));
                    }
                    comment.string("text", "Who wrote this?");
                    comment.date("at", 0);
                });
            });
        })
    },
];

const fn bad(
    collection: Collection,
    field: &'static str,
    code: &'static str,
    write: fn(&mut Fields<'_>, u64),
) -> Kind {
    Kind { collection, field, write, code, rejects: collection.table(), rows: &[], twins: false }
}

/// What a document of a collection needs at least.
type Field = (&'static str, fn(&mut Fields<'_>));

const fn fields_of(collection: Collection) -> &'static [Field] {
    match collection {
        Users => &[
            ("email", |_| {}),
            ("name", |fields| fields.string("name", "Nemo")),
            ("role", |fields| fields.string("role", "guest")),
            ("active", |fields| fields.bool("active", false)),
            ("createdAt", |fields| fields.date("createdAt", 0)),
        ],
        Accounts => &[
            ("name", |fields| fields.string("name", "Nautilus")),
            ("owner", |fields| fields.id("owner", Users.id(0))),
            ("createdAt", |fields| fields.date("createdAt", 0)),
        ],
        Contacts => &[
            ("account", |fields| fields.id("account", Accounts.id(0))),
            ("firstName", |fields| fields.string("firstName", "Pierre")),
            ("lastName", |fields| fields.string("lastName", "Aronnax")),
            ("email", |fields| fields.string("email", "aronnax@museum.example")),
            ("createdAt", |fields| fields.date("createdAt", 0)),
        ],
        Opportunities => &[
            ("name", |fields| fields.string("name", "Twenty thousand leagues")),
            ("account", |fields| fields.id("account", Accounts.id(0))),
            ("stage", |fields| fields.string("stage", "negotiation")),
            ("createdAt", |fields| fields.date("createdAt", 0)),
        ],
        Tasks => &[
            ("assignee", |fields| fields.id("assignee", Users.id(0))),
            ("title", |fields| fields.string("title", "Dive")),
            ("done", |fields| fields.bool("done", false)),
            ("priority", |fields| fields.int("priority", 1)),
            ("createdAt", |fields| fields.date("createdAt", 0)),
        ],
    }
}

impl Kind {
    /// Appends a document; `index` is one that nothing refers to, `number` counts those of this kind.
    pub(super) fn write(&self, out: &mut Vec<u8>, index: u64, number: u64) {
        document(out, |fields| {
            fields.id("_id", self.collection.id(index));
            let mut written = false;
            for (name, write) in fields_of(self.collection) {
                match *name == self.field {
                    true => (self.write)(fields, number),
                    false if *name == "email" && self.collection == Users => {
                        fields.string("email", &format!("nemo{index}@whimbrel.example"));
                    }
                    false => write(fields),
                }
                written |= *name == self.field;
            }
            if !written {
                (self.write)(fields, number);
            }
        });
    }
}
