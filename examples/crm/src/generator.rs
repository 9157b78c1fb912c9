//! Writes a MongoDB dump that the models of this crate read: deterministic, as large as wanted, and with a few
//! documents in each collection that cannot or must not arrive.
//!
//! The documents, by collection; `?` marks fields that are missing or null now and then:
//!
//! ```text
//! users              _id, name, email (unique), role "admin"|"sales"|"support", active, createdAt, lastLoginAt?,
//!                    settings {theme, locale}
//! crm_Accounts       _id, name, industry "retail"|"manufacturing"|"health"|"finance"|"education", website?,
//!                    employees (int32), annualRevenue? (Decimal128, 2 digits), address {street, city, zip, country},
//!                    assignedTo (users), tags [text], createdAt, updatedAt?, __v
//! crm_Contacts       _id, firstName, lastName, email?, phone?, account (crm_Accounts), birthday? (date),
//!                    newsletter, createdAt
//! crm_Opportunities  _id, name, account (crm_Accounts), stage "prospecting"|"negotiation"|"closed_won"|"closed_lost",
//!                    amount? (Decimal128, 2 digits, >= 0), closeDate? (date), watchers [users], createdAt,
//!                    probability (double), source
//! crm_Tasks          _id, title, description?, status "open"|"in_progress"|"done", priority (int32, 1 to 5),
//!                    opportunity? (crm_Opportunities), assignee (users), dueAt?, estimate? (double),
//!                    comments [{author (users), body, at}], createdAt
//! ```

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

mod bad;
mod bson;
mod random;

use bad::Bad;
use bson::Doc;
use random::Random;

/// The seed of the dump that `whimbrel demo` shows.
pub const SEED: u64 = 0x5712_e01d;

/// One document in this many is bad.
pub const BAD_EVERY: u64 = 331;

/// 2021-01-01T00:00:00Z in seconds.
const EPOCH: u64 = 1_609_459_200;

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Documents by collection, the bad ones included.
    pub collections: BTreeMap<&'static str, u64>,
    /// Bad documents by what is wrong with them.
    pub bad: BTreeMap<&'static str, u64>,
    /// Bytes of all files.
    pub bytes: u64,
}

impl Summary {
    /// All documents.
    pub fn documents(&self) -> u64 {
        self.collections.values().sum()
    }

    /// All bad documents.
    pub fn bad_documents(&self) -> u64 {
        self.bad.values().sum()
    }
}

/// How many documents each collection gets.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    users: u64,
    accounts: u64,
    contacts: u64,
    opportunities: u64,
    tasks: u64,
}

impl Sizes {
    fn of(documents: u64) -> Self {
        let users = (documents / 200).max(1);
        let accounts = (documents / 10).saturating_sub(users).max(1);
        let contacts = documents * 3 / 10;
        let opportunities = (documents / 5).max(1);
        let tasks = documents.saturating_sub(users + accounts + contacts + opportunities);
        Sizes { users, accounts, contacts, opportunities, tasks }
    }
}

/// The kinds of documents; their number is part of every ObjectId.
#[derive(Debug, Clone, Copy)]
enum Kind {
    User = 1,
    Account = 2,
    Contact = 3,
    Opportunity = 4,
    Task = 5,
}

/// The ObjectId of the document of that number: a second apart, five bytes for the kind, the number.
fn id(kind: Kind, number: u64) -> [u8; 12] {
    let mut id = [0; 12];
    let seconds = u32::try_from(EPOCH + number * 60).unwrap_or(u32::MAX);
    id[..4].copy_from_slice(&seconds.to_be_bytes());
    id[4..9].copy_from_slice(&[kind as u8, 0xc5, 0x1a, 0x9b, 0x42]);
    id[9..].copy_from_slice(&number.to_be_bytes()[5..]);
    id
}

/// The time a document of that number was made, in milliseconds.
fn made(number: u64) -> i64 {
    i64::try_from((EPOCH + number * 60) * 1000 + number % 1000).unwrap_or(i64::MAX)
}

/// Whether the document of that number is bad. The first ones never are, so that there is always somebody to refer to.
fn is_bad(number: u64) -> bool {
    number % BAD_EVERY == BAD_EVERY - 1
}

/// Writes `folder/<collection>.bson` for each collection, as `mongodump` does, and `.metadata.json` beside it.
///
/// The same number of documents and the same seed give the same bytes. Good documents refer to good ones only, so
/// that one bad document makes no others bad.
///
/// # Errors
///
/// The folder or a file cannot be written.
pub fn write_dump(folder: &Path, documents: u64, seed: u64) -> io::Result<Summary> {
    std::fs::create_dir_all(folder)?;
    let sizes = Sizes::of(documents);
    let mut dump = Dump { folder, random: Random::new(seed), sizes, summary: Summary::default() };
    dump.collection("users", sizes.users, user)?;
    dump.collection("crm_Accounts", sizes.accounts, account)?;
    dump.collection("crm_Contacts", sizes.contacts, contact)?;
    dump.collection("crm_Opportunities", sizes.opportunities, opportunity)?;
    dump.collection("crm_Tasks", sizes.tasks, task)?;
    Ok(dump.summary)
}

struct Dump<'a> {
    folder: &'a Path,
    random: Random,
    sizes: Sizes,
    summary: Summary,
}

/// Makes the document of a number, bad if so asked.
type Make = fn(u64, Option<Bad>, &Sizes, &mut Random) -> Vec<u8>;

impl Dump<'_> {
    fn collection(&mut self, name: &'static str, size: u64, make: Make) -> io::Result<()> {
        let kinds = bad::kinds(name);
        let mut file =
            BufWriter::with_capacity(1 << 18, File::create(self.folder.join(format!("{name}.bson")))?);
        let mut turn = kinds.iter().copied().cycle();
        for number in 0..size {
            let bad = if is_bad(number) { turn.next() } else { None };
            let bytes = make(number, bad, &self.sizes, &mut self.random);
            file.write_all(&bytes)?;
            self.summary.bytes += bytes.len() as u64;
            if let Some(bad) = bad {
                *self.summary.bad.entry(bad.words()).or_default() += 1;
            }
        }
        file.flush()?;
        let metadata = format!(
            "{{\"indexes\":[{{\"v\":{{\"$numberInt\":\"2\"}},\"key\":{{\"_id\":{{\"$numberInt\":\"1\"}}}},\"name\":\"_id_\"}}],\
             \"collectionName\":\"{name}\",\"type\":\"collection\"}}"
        );
        std::fs::write(self.folder.join(format!("{name}.metadata.json")), metadata)?;
        self.summary.collections.insert(name, size);
        Ok(())
    }
}

const FIRST: [&str; 16] = [
    "Ada", "Björn", "Chloé", "Dmitri", "Elif", "Fatou", "Göran", "Hana", "Ines", "Jørn", "Keiko", "Lakshmi",
    "Miloš", "Nadia", "Oskar", "Zoë",
];
const LAST: [&str; 16] = [
    "Almeida",
    "Becker",
    "Çelik",
    "Dvořák",
    "Eriksson",
    "Fischer",
    "García",
    "Håkansson",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lefèvre",
    "Müller",
    "Nakamura",
    "O'Neill",
    "Papadopoulos",
];
const CITIES: [&str; 8] = ["Aarhus", "Brno", "Córdoba", "Düsseldorf", "Eger", "Faro", "Gdańsk", "Helsinki"];
const THINGS: [&str; 8] =
    ["Ceramics", "Software", "Bicycles", "Instruments", "Textiles", "Optics", "Foods", "Logistics"];
const INDUSTRIES: [&str; 5] = ["retail", "manufacturing", "health", "finance", "education"];
const TAGS: [&str; 6] = ["key", "partner", "trial", "churn risk", "eu", "newsletter"];
const WORDS: [&str; 12] = [
    "call",
    "prepare",
    "the offer",
    "again",
    "with care",
    "before Friday",
    "send",
    "a reminder",
    "about",
    "the contract",
    "and ask",
    "for feedback",
];

fn user(number: u64, bad: Option<Bad>, _: &Sizes, random: &mut Random) -> Vec<u8> {
    let (first, last) = (random.pick(&FIRST), random.pick(&LAST));
    let mut doc = Doc::new().id("_id", id(Kind::User, number));
    doc = bad::text(doc, "name", &format!("{first} {last}"), bad);
    doc = match bad {
        // The address of the first user, who is good.
        Some(Bad::DuplicateKey) => doc.text("email", "user0@example.org"),
        _ => doc.text("email", &format!("user{number}@example.org")),
    };
    doc = bad::label(doc, "role", random.pick(&["admin", "sales", "support"]), bad);
    doc = doc.bool("active", random.below(10) != 0).date("createdAt", made(number));
    doc = match random.below(4) {
        0 => doc,
        1 => doc.null("lastLoginAt"),
        _ => doc.date("lastLoginAt", made(number + random.below(100_000))),
    };
    let settings = Doc::new()
        .text("theme", random.pick(&["light", "dark"]))
        .text("locale", random.pick(&["en", "de-DE", "sv", "pt-BR"]));
    doc.doc("settings", settings).finish()
}

fn account(number: u64, bad: Option<Bad>, sizes: &Sizes, random: &mut Random) -> Vec<u8> {
    let name = format!("{} {}", random.pick(&LAST), random.pick(&THINGS));
    let mut doc = Doc::new().id("_id", id(Kind::Account, number));
    doc = bad::text(doc, "name", &name, bad);
    doc = bad::label(doc, "industry", random.pick(&INDUSTRIES), bad);
    if random.below(3) != 0 {
        doc = doc.text("website", &format!("https://account{number}.example.com"));
    }
    let employees = i32::try_from(random.below(5_000)).unwrap_or(0);
    doc = match bad {
        Some(Bad::TooLarge) => doc.long("employees", 7_900_000_000),
        _ => doc.int("employees", employees),
    };
    doc = match random.below(5) {
        0 => doc,
        1 => doc.null("annualRevenue"),
        _ => bad::money(doc, "annualRevenue", random, bad),
    };
    let address = Doc::new()
        .text("street", &format!("{} street {}", random.pick(&LAST), random.below(200) + 1))
        .text("city", random.pick(&CITIES))
        .text("zip", &format!("{:05}", random.below(100_000)))
        .text("country", random.pick(&["DK", "CZ", "ES", "DE", "HU", "PT", "PL", "FI"]));
    let tags: Vec<&str> = (0..random.below(4)).map(|_| random.pick(&TAGS)).collect();
    doc = doc.doc("address", address);
    doc = bad::reference(doc, "assignedTo", good(Kind::User, sizes.users, random), bad);
    doc = doc.array("tags", &tags, |array, key, tag| array.text(key, tag)).date("createdAt", made(number));
    if random.below(2) == 0 {
        doc = doc.date("updatedAt", made(number + random.below(50_000)));
    }
    doc.int("__v", i32::try_from(random.below(9)).unwrap_or(0)).finish()
}

fn contact(number: u64, bad: Option<Bad>, sizes: &Sizes, random: &mut Random) -> Vec<u8> {
    let mut doc = Doc::new().id("_id", id(Kind::Contact, number));
    doc = bad::text(doc, "firstName", random.pick(&FIRST), bad).text("lastName", random.pick(&LAST));
    doc = match random.below(6) {
        0 => doc,
        1 => doc.null("email"),
        _ => doc.text("email", &format!("contact{number}@example.net")),
    };
    if random.below(2) == 0 {
        doc = doc.text("phone", &format!("+49 30 {:07}", random.below(10_000_000)));
    }
    doc = bad::reference(doc, "account", good(Kind::Account, sizes.accounts, random), bad);
    let day = i64::try_from(random.below(18_000)).unwrap_or(0) * 86_400_000;
    doc = match bad {
        // The year 300,000: MongoDB stores it, PostgreSQL's dates end in 5,874,897 but its times in 294,276.
        Some(Bad::TooLarge) => doc.date("birthday", 9_404_640_000_000_000),
        _ if random.below(3) == 0 => doc.date("birthday", day),
        _ => doc,
    };
    let doc = doc.bool("newsletter", random.below(3) == 0);
    match bad {
        Some(Bad::TooLarge) => doc.date("createdAt", 9_404_640_000_000_000),
        _ => doc.date("createdAt", made(number)),
    }
    .finish()
}

fn opportunity(number: u64, bad: Option<Bad>, sizes: &Sizes, random: &mut Random) -> Vec<u8> {
    let mut doc = Doc::new().id("_id", id(Kind::Opportunity, number));
    doc = bad::text(doc, "name", &format!("{} for {}", random.pick(&THINGS), random.pick(&CITIES)), bad);
    doc = bad::reference(doc, "account", good(Kind::Account, sizes.accounts, random), bad);
    let stage = random.pick(&["prospecting", "negotiation", "closed_won", "closed_lost"]);
    doc = bad::label(doc, "stage", stage, bad);
    doc = match random.below(6) {
        0 if bad.is_none() => doc,
        1 if bad.is_none() => doc.null("amount"),
        _ => bad::money(doc, "amount", random, bad),
    };
    if random.below(2) == 0 {
        doc = doc.date("closeDate", made(number + random.below(200_000)) / 86_400_000 * 86_400_000);
    }
    // A bad opportunity is watched by nobody, so that it takes nothing with it.
    let watchers = if bad.is_some() { Vec::new() } else { some_users(random, sizes, 4) };
    let probability = f64::from(u32::try_from(random.below(101)).unwrap_or(0)) / 100.0;
    doc.array("watchers", &watchers, |array, key, user| array.id(key, *user))
        .date("createdAt", made(number))
        .double("probability", probability)
        .text("source", random.pick(&["web", "fair", "referral", "cold call"]))
        .finish()
}

fn task(number: u64, bad: Option<Bad>, sizes: &Sizes, random: &mut Random) -> Vec<u8> {
    let mut doc = Doc::new().id("_id", id(Kind::Task, number));
    doc = bad::text(doc, "title", &sentence(random, 4), bad);
    if random.below(2) == 0 {
        doc = doc.text("description", &sentence(random, 12));
    }
    doc = bad::label(doc, "status", random.pick(&["open", "in_progress", "done"]), bad);
    doc = doc.int("priority", i32::try_from(random.below(5)).unwrap_or(0) + 1);
    doc = match random.below(4) {
        0 => doc,
        1 => doc.null("opportunity"),
        _ => doc.id("opportunity", good(Kind::Opportunity, sizes.opportunities, random)),
    };
    doc = bad::reference(doc, "assignee", good(Kind::User, sizes.users, random), bad);
    if random.below(2) == 0 {
        doc = doc.date("dueAt", made(number + random.below(100_000)));
    }
    if random.below(3) == 0 {
        doc = doc.double("estimate", f64::from(u32::try_from(random.below(80)).unwrap_or(0)) / 4.0);
    }
    // A bad task has no comments, unless a comment is what is bad.
    let authors =
        if bad.is_some_and(|bad| bad != Bad::Comment) { Vec::new() } else { some_users(random, sizes, 3) };
    let mut comments: Vec<Doc> = authors
        .iter()
        .map(|author| {
            Doc::new().id("author", *author).text("body", &sentence(random, 8)).date("at", made(number + 60))
        })
        .collect();
    if bad == Some(Bad::Comment) {
        comments.push(
            Doc::new().text("author", "somebody").text("body", "who was it?").date("at", made(number + 61)),
        );
    }
    doc.array("comments", &comments, |array, key, comment| array.doc(key, comment.clone()))
        .date("createdAt", made(number))
        .finish()
}

/// The ObjectId of some good document.
fn good(kind: Kind, size: u64, random: &mut Random) -> [u8; 12] {
    let number = random.below(size);
    id(kind, if is_bad(number) { number - 1 } else { number })
}

/// Up to `most` different users.
fn some_users(random: &mut Random, sizes: &Sizes, most: u64) -> Vec<[u8; 12]> {
    let mut users: Vec<[u8; 12]> =
        (0..random.below(most)).map(|_| good(Kind::User, sizes.users, random)).collect();
    users.sort_unstable();
    users.dedup();
    users
}

fn sentence(random: &mut Random, words: u64) -> String {
    let count = 2 + random.below(words);
    let words: Vec<&str> = (0..count).map(|_| random.pick(&WORDS)).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests;
