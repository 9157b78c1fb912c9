//! Documents that cannot become rows, or not all of their rows, each for another reason.
//!
//! No other document refers to them, so that one of them makes exactly the rejects that its [`Kind`] says.

use whimbrel::bson::{Bson, DateTime, Decimal128, Document, doc};

use super::{Collection, decimal, object_id};

/// A way of being bad.
pub(super) struct Kind {
    pub(super) collection: Collection,
    /// Why it is rejected.
    pub(super) code: &'static str,
    /// Spoils a document; gets the running number among the documents of its kind.
    spoil: fn(&mut Document, u64),
    /// Bytes to write in place of others: what the driver would not write.
    patch: (&'static [u8], &'static [u8]),
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
    bad(Users, "missing", |user, _| drop(user.remove("email"))),
    bad(Users, "unknown_label", |user, _| set(user, "role", "wizard")),
    bad(Users, "nul_in_text", |user, _| set(user, "name", "Nu\0l")),
    Kind { patch: (b"Jos?", b"Jos\xe9"), ..bad(Users, "invalid_utf8", |user, _| set(user, "name", "Jos?")) },
    Kind {
        twins: true,
        ..bad(Users, "duplicate_key", |user, number| {
            set(user, "email", format!("twice{}@whimbrel.example", number / 2));
        })
    },
    bad(Accounts, "null", |account, _| set(account, "name", Bson::Null)),
    bad(Accounts, "check_violation", |account, _| set(account, "name", "")),
    bad(Accounts, "out_of_range", |account, _| set(account, "employees", 1_i64 << 40)),
    bad(Accounts, "out_of_range", |account, _| set(account, "createdAt", DateTime::from_millis(i64::MAX))),
    bad(Accounts, "too_long", |account, _| set(account, "billing", doc! { "country": "Germany" })),
    bad(Contacts, "bad_reference", |contact, number| set(contact, "account", object_id(15, number))),
    bad(Contacts, "type_mismatch", |contact, _| set(contact, "account", "the one in Kiel")),
    bad(Contacts, "check_violation", |contact, _| set(contact, "email", Bson::Null)),
    bad(Opportunities, "not_a_number", |opportunity, _| {
        set(opportunity, "amount", Decimal128::from_bytes((0x7c_u128 << 120).to_le_bytes()));
    }),
    bad(Opportunities, "precision", |opportunity, _| set(opportunity, "amount", decimal(1005, -3))),
    bad(Opportunities, "type_mismatch", |opportunity, _| set(opportunity, "amount", "12,50 €")),
    bad(Opportunities, "check_violation", |opportunity, _| set(opportunity, "amount", decimal(-1, 0))),
    Kind {
        rejects: &["opportunity_watchers"],
        rows: &["opportunities"],
        ..bad(Opportunities, "type_mismatch", |opportunity, _| set(opportunity, "watchers", "nobody"))
    },
    Kind {
        rejects: &["opportunity_watchers"],
        rows: &["opportunities", "opportunity_watchers"],
        ..bad(Opportunities, "duplicate_key", |opportunity, _| {
            set(opportunity, "watchers", vec![Users.id(0); 2]);
        })
    },
    bad(Tasks, "type_mismatch", |task, _| set(task, "due", "tomorrow")),
    bad(Tasks, "check_violation", |task, _| set(task, "priority", 9)),
    Kind {
        patch: (b"again", b"twice"),
        ..bad(Tasks, "duplicate_field", |task, _| set(task, "custom", doc! { "twice": 1, "again": 2 }))
    },
    Kind {
        // A type that BSON does not have. The document cannot be read at all: it belongs to no table.
        patch: (b"\x0acustom", b"\x42custom"),
        rejects: &[""],
        ..bad(Tasks, "malformed", |task, _| set(task, "custom", Bson::Null))
    },
    Kind {
        rejects: &["task_comments"],
        rows: &["tasks", "task_comments"],
        ..bad(Tasks, "missing", |task, number| {
            let comment = |place| doc! { "_id": object_id(14, number * 2 + place), "text": "Who wrote this?", "at": epoch() };
            let mut signed = comment(1);
            signed.insert("author", Users.id(0));
            set(task, "comments", vec![signed, comment(0)]);
        })
    },
];

const fn bad(collection: Collection, code: &'static str, spoil: fn(&mut Document, u64)) -> Kind {
    Kind { collection, code, spoil, patch: (&[], &[]), rejects: collection.table(), rows: &[], twins: false }
}

fn set(document: &mut Document, field: &str, value: impl Into<Bson>) {
    document.insert(field, value);
}

fn epoch() -> DateTime {
    DateTime::from_millis(0)
}

/// What a document needs at least.
fn least(collection: Collection, index: u64) -> Document {
    let id = collection.id(index);
    match collection {
        Users => doc! {
            "_id": id, "email": format!("nemo{index}@whimbrel.example"), "name": "Nemo", "role": "guest",
            "active": false, "createdAt": epoch(),
        },
        Accounts => doc! { "_id": id, "name": "Nautilus", "owner": Users.id(0), "createdAt": epoch() },
        Contacts => doc! {
            "_id": id, "account": Accounts.id(0), "firstName": "Pierre", "lastName": "Aronnax",
            "email": "aronnax@museum.example", "createdAt": epoch(),
        },
        Opportunities => doc! {
            "_id": id, "name": "Twenty thousand leagues", "account": Accounts.id(0), "stage": "negotiation",
            "createdAt": epoch(),
        },
        Tasks => doc! {
            "_id": id, "assignee": Users.id(0), "title": "Dive", "done": false, "priority": 1, "createdAt": epoch(),
        },
    }
}

impl Kind {
    /// A document; `index` is one that nothing refers to, `number` counts those of this kind.
    pub(super) fn document(&self, index: u64, number: u64) -> whimbrel::bson::error::Result<Vec<u8>> {
        let mut document = least(self.collection, index);
        (self.spoil)(&mut document, number);
        let mut bytes = document.to_vec()?;
        let (old, new) = self.patch;
        if let Some(at) = bytes.windows(old.len().max(1)).position(|window| window == old) {
            bytes[at..at + old.len()].copy_from_slice(new);
        }
        Ok(bytes)
    }
}
