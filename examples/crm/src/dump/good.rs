//! Documents as the old system wrote them: what varies between them is what varies in real ones (missing and
//! null fields, ints where there were doubles once, fields of no column).

use whimbrel::bson::oid::ObjectId;
use whimbrel::bson::spec::BinarySubtype;
use whimbrel::bson::{Binary, Bson, DateTime, Document, doc};

use super::random::Random;
use super::{Collection, Dump, decimal};

const FIRST: &[&str] =
    &["Ada", "Björn", "Chloé", "Dmitri", "Élodie", "Fatima", "Grace", "Hōkū", "Ivo", "José"];
const LAST: &[&str] = &["Lovelace", "Ångström", "O'Neill", "Müller", "Nguyễn", "García", "Kowalski", "Smith"];
const TOWNS: &[&str] = &["Kiel", "Bergen", "Plymouth", "Reykjavík", "Brest", "Gdańsk", "Łódź", "Nuuk"];
const COUNTRIES: &[&str] = &["DE", "NO", "GB", "IS", "FR", "PL", "GL"];
const WORDS: &[&str] =
    &["north", "tide", "harbour", "whimbrel", "gale", "curlew", "anchor", "fog", "lantern"];
const STAGES: &[&str] = &["prospecting", "negotiation", "closed_won", "closed_lost"];

/// The first of January 2021, in milliseconds.
const START: i64 = 1_609_459_200_000;
/// Two years of milliseconds.
const SPAN: u64 = 2 * 365 * 86_400_000;
/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// A moment in two years.
fn moment(random: &mut Random) -> DateTime {
    DateTime::from_millis(START + random.long(SPAN))
}

/// Midnight of some day.
fn day(random: &mut Random, first_year: i64, days: u64) -> DateTime {
    DateTime::from_millis(((first_year - 1970) * 365 + random.long(days)) * DAY)
}

fn phrase(random: &mut Random, words: u64) -> String {
    let words: Vec<_> = (0..words).map(|_| random.pick(WORDS)).collect();
    words.join(" ")
}

fn words(random: &mut Random, most: u64) -> Vec<&'static str> {
    (0..random.below(most + 1)).map(|_| random.pick(WORDS)).collect()
}

/// The `index`-th document of a collection.
pub(super) fn document(collection: Collection, index: u64, dump: &Dump) -> Document {
    let mut document = doc! { "_id": collection.id(index) };
    let random = &mut Random::new(collection as u64, index);
    match collection {
        Collection::Users => user(&mut document, random, index, dump),
        Collection::Accounts => account(&mut document, random, index, dump),
        Collection::Contacts => contact(&mut document, random, index, dump),
        Collection::Opportunities => opportunity(&mut document, random, index, dump),
        Collection::Tasks => task(&mut document, random, index, dump),
    }
    document
}

fn user(user: &mut Document, random: &mut Random, index: u64, dump: &Dump) {
    let (first, last) = (random.pick(FIRST), random.pick(LAST));
    user.insert("email", format!("user{index}@whimbrel.example"));
    user.insert("name", format!("{first} {last}"));
    if random.percent(90) {
        user.insert("role", random.pick(&["admin", "team_lead", "sales", "sales", "guest"]));
    }
    match random.below(3) {
        0 => user.insert("reportsTo", Bson::Null),
        1 => user.insert("reportsTo", dump.any(Collection::Users, random)),
        _ => None,
    };
    user.insert("active", random.percent(95));
    if random.percent(10) {
        let bytes = (0..24).map(|_| random.next().to_le_bytes()[0]).collect();
        user.insert("avatar", Binary { subtype: BinarySubtype::Generic, bytes });
    }
    let mut stats = doc! { "logins": random.long(5000) };
    if random.percent(70) {
        stats.insert("lastLogin", moment(random));
    }
    user.insert("stats", stats);
    user.insert("createdAt", moment(random));
    if random.percent(40) {
        user.insert("preferences", doc! { "theme": random.pick(&["light", "dark"]), "rows": 25 });
    }
    user.insert("__v", 0);
}

fn account(account: &mut Document, random: &mut Random, index: u64, dump: &Dump) {
    account.insert("name", format!("{} {} Ltd.", phrase(random, 2), index));
    account.insert("owner", dump.any(Collection::Users, random));
    match random.below(5) {
        0 => account.insert("industry", Bson::Null),
        1 => None,
        _ => account.insert("industry", random.pick(&["shipping", "food", "software", "other"])),
    };
    if random.percent(60) {
        account.insert("website", format!("https://{index}.example/"));
    }
    // The same number as an int, as a long and as a double: three generations of the old system.
    let employees = random.int(20_000);
    match random.below(4) {
        0 => account.insert("employees", employees),
        1 => account.insert("employees", i64::from(employees)),
        2 => account.insert("employees", f64::from(employees)),
        _ => None,
    };
    if random.percent(50) {
        account.insert("annualRevenue", decimal(random.long(10_000_000_000), -2));
    }
    let mut billing = doc! {
        "street": format!("{} {}", random.pick(WORDS), random.below(200)),
        "city": random.pick(TOWNS),
        "country": random.pick(COUNTRIES),
    };
    if random.percent(20) {
        billing.insert("floor", "3rd");
    }
    account.insert("billing", billing);
    if random.percent(80) {
        account.insert("tags", words(random, 4));
    }
    if random.percent(30) {
        account.insert("foundedOn", day(random, 1900, 120 * 365));
    }
    account.insert("createdAt", moment(random));
    account.insert("__v", random.int(4));
}

fn contact(contact: &mut Document, random: &mut Random, index: u64, dump: &Dump) {
    contact.insert("account", dump.any(Collection::Accounts, random));
    contact.insert("firstName", random.pick(FIRST));
    contact.insert("lastName", random.pick(LAST));
    let by_mail = random.percent(85);
    if by_mail {
        contact.insert("email", format!("contact{index}@customer.example"));
    }
    if !by_mail || random.percent(30) {
        contact.insert("phone", format!("+49 431 {}", random.below(10_000_000)));
    }
    match random.below(3) {
        0 => contact.insert("birthday", day(random, 1940, 60 * 365)),
        1 => contact.insert("birthday", Bson::Null),
        _ => None,
    };
    if random.percent(90) {
        contact.insert("newsletter", random.percent(30));
    }
    contact.insert("warmth", f64::from(random.int(1001)) / 1000.0);
    if random.percent(25) {
        contact.insert("address", doc! { "city": random.pick(TOWNS), "lines": words(random, 3) });
    }
    contact.insert("createdAt", moment(random));
    if random.percent(15) {
        contact.insert("notes", phrase(random, 8));
    }
    contact.insert("__v", 0);
}

fn opportunity(opportunity: &mut Document, random: &mut Random, index: u64, dump: &Dump) {
    opportunity.insert("name", phrase(random, 3));
    opportunity.insert("account", dump.any(Collection::Accounts, random));
    opportunity.insert("stage", random.pick(STAGES));
    match random.below(5) {
        0 => opportunity.insert("amount", random.int(1_000_000)),
        1 => opportunity.insert("amount", f64::from(random.int(4_000_000)) / 4.0),
        2 => opportunity.insert("amount", Bson::Null),
        _ => opportunity.insert("amount", decimal(random.long(100_000_000), -2)),
    };
    opportunity.insert("createdAt", moment(random));
    opportunity.insert("probability", random.int(101));
    if random.percent(30) {
        opportunity.insert("nextStep", phrase(random, 5));
    }
    opportunity.insert("__v", 1);
    opportunity.insert("watchers", watchers(index, dump));
}

/// Who watches an opportunity: distinct users.
fn watchers(index: u64, dump: &Dump) -> Vec<ObjectId> {
    let random = &mut Random::new(Collection::Opportunities as u64 + 100, index);
    let users = dump.good_of(Collection::Users);
    let first = random.below(users);
    // Never more than there are users, so that they differ.
    (0..random.below(6).min(users)).map(|next| Collection::Users.id((first + next) % users)).collect()
}

fn task(task: &mut Document, random: &mut Random, index: u64, dump: &Dump) {
    match random.below(10) {
        0 => task.insert("opportunity", Bson::Null),
        1 => None,
        _ => task.insert("opportunity", dump.any(Collection::Opportunities, random)),
    };
    task.insert("assignee", dump.any(Collection::Users, random));
    task.insert("title", phrase(random, 4));
    task.insert("done", random.percent(60));
    task.insert("priority", 1 + random.int(5));
    if random.percent(50) {
        task.insert("due", day(random, 2021, 3 * 365));
    }
    if random.percent(40) {
        task.insert("estimate", decimal(random.long(200) * 25, -2));
    }
    if random.percent(70) {
        task.insert("labels", words(random, 3));
    }
    task.insert("createdAt", moment(random));
    task.insert("__v", 0);
    task.insert("comments", comments(index, dump));
}

/// What was said about a task.
fn comments(index: u64, dump: &Dump) -> Vec<Document> {
    let random = &mut Random::new(Collection::Tasks as u64 + 100, index);
    let comment = |number| {
        doc! {
            "_id": super::object_id(9, index * 8 + number),
            "author": dump.any(Collection::Users, random),
            "text": phrase(random, 6),
            "at": moment(random),
        }
    };
    let many = Random::new(Collection::Tasks as u64 + 200, index).below(5);
    (0..many).map(comment).collect()
}
