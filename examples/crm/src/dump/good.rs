//! Documents as the old system wrote them: what varies between them is what varies in real ones (missing and
//! null fields, ints where there were doubles once, fields of no column).

use super::bson::Fields;
use super::random::Random;
use super::{Collection, Sizes};

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
pub(super) fn moment(random: &mut Random) -> i64 {
    START + random.long(SPAN)
}

/// Midnight of some day.
fn day(random: &mut Random, first_year: i64, days: u64) -> i64 {
    ((first_year - 1970) * 365 + random.long(days)) * DAY
}

fn phrase(random: &mut Random, words: u64) -> String {
    let words: Vec<_> = (0..words).map(|_| random.pick(WORDS)).collect();
    words.join(" ")
}

fn words(random: &mut Random, most: u64) -> Vec<&'static str> {
    (0..random.below(most + 1)).map(|_| random.pick(WORDS)).collect()
}

/// `crm_Users`
pub(super) fn user(fields: &mut Fields<'_>, index: u64, sizes: &Sizes) {
    let random = &mut Random::new(Collection::Users as u64, index);
    let (first, last) = (random.pick(FIRST), random.pick(LAST));
    fields.id("_id", Collection::Users.id(index));
    fields.string("email", &format!("user{index}@whimbrel.example"));
    fields.string("name", &format!("{first} {last}"));
    if random.percent(90) {
        fields.string("role", random.pick(&["admin", "team_lead", "sales", "sales", "guest"]));
    }
    match random.below(3) {
        0 => fields.null("reportsTo"),
        1 => fields.id("reportsTo", Collection::Users.id(random.below(sizes.good(Collection::Users)))),
        _ => {}
    }
    fields.bool("active", random.percent(95));
    if random.percent(10) {
        let picture: Vec<u8> = (0..24).map(|_| random.next().to_le_bytes()[0]).collect();
        fields.binary("avatar", &picture);
    }
    fields.object("stats", |stats| {
        stats.long("logins", random.long(5000));
        if random.percent(70) {
            stats.date("lastLogin", moment(random));
        }
    });
    fields.date("createdAt", moment(random));
    if random.percent(40) {
        fields.object("preferences", |preferences| {
            preferences.string("theme", random.pick(&["light", "dark"]));
            preferences.int("rows", 25);
        });
    }
    fields.int("__v", 0);
}

/// `crm_Accounts`
pub(super) fn account(fields: &mut Fields<'_>, index: u64, sizes: &Sizes) {
    let random = &mut Random::new(Collection::Accounts as u64, index);
    fields.id("_id", Collection::Accounts.id(index));
    fields.string("name", &format!("{} {} Ltd.", phrase(random, 2), index));
    fields.id("owner", Collection::Users.id(random.below(sizes.good(Collection::Users))));
    match random.below(5) {
        0 => fields.null("industry"),
        1 => {}
        _ => fields.string("industry", random.pick(&["shipping", "food", "software", "other"])),
    }
    if random.percent(60) {
        fields.string("website", &format!("https://{index}.example/"));
    }
    // The same number as an int, as a long and as a double: three generations of the old system.
    let employees = random.int(20_000);
    match random.below(4) {
        0 => fields.int("employees", employees),
        1 => fields.long("employees", employees.into()),
        2 => fields.double("employees", employees.into()),
        _ => {}
    }
    if random.percent(50) {
        fields.decimal("annualRevenue", random.long(10_000_000_000), -2);
    }
    fields.object("billing", |billing| {
        billing.string("street", &format!("{} {}", random.pick(WORDS), random.below(200)));
        billing.string("city", random.pick(TOWNS));
        billing.string("country", random.pick(COUNTRIES));
        if random.percent(20) {
            billing.string("floor", "3rd");
        }
    });
    if random.percent(80) {
        fields.array("tags", &words(random, 4), |tags, index, tag| tags.string(index, tag));
    }
    if random.percent(30) {
        fields.date("foundedOn", day(random, 1900, 120 * 365));
    }
    fields.date("createdAt", moment(random));
    fields.int("__v", random.int(4));
}

/// `crm_Contacts`
pub(super) fn contact(fields: &mut Fields<'_>, index: u64, sizes: &Sizes) {
    let random = &mut Random::new(Collection::Contacts as u64, index);
    fields.id("_id", Collection::Contacts.id(index));
    fields.id("account", Collection::Accounts.id(random.below(sizes.good(Collection::Accounts))));
    fields.string("firstName", random.pick(FIRST));
    fields.string("lastName", random.pick(LAST));
    let by_mail = random.percent(85);
    if by_mail {
        fields.string("email", &format!("contact{index}@customer.example"));
    }
    if !by_mail || random.percent(30) {
        fields.string("phone", &format!("+49 431 {}", random.below(10_000_000)));
    }
    match random.below(3) {
        0 => fields.date("birthday", day(random, 1940, 60 * 365)),
        1 => fields.null("birthday"),
        _ => {}
    }
    if random.percent(90) {
        fields.bool("newsletter", random.percent(30));
    }
    fields.double("warmth", f64::from(random.int(1001)) / 1000.0);
    if random.percent(25) {
        fields.object("address", |address| {
            address.string("city", random.pick(TOWNS));
            address.array("lines", &words(random, 3), |lines, index, line| lines.string(index, line));
        });
    }
    fields.date("createdAt", moment(random));
    if random.percent(15) {
        fields.string("notes", &phrase(random, 8));
    }
    fields.int("__v", 0);
}

/// `crm_Opportunities` without its watchers.
pub(super) fn opportunity(fields: &mut Fields<'_>, index: u64, sizes: &Sizes) {
    let random = &mut Random::new(Collection::Opportunities as u64, index);
    fields.id("_id", Collection::Opportunities.id(index));
    fields.string("name", &phrase(random, 3));
    fields.id("account", Collection::Accounts.id(random.below(sizes.good(Collection::Accounts))));
    fields.string("stage", random.pick(STAGES));
    match random.below(5) {
        0 => fields.int("amount", random.int(1_000_000)),
        1 => fields.double("amount", f64::from(random.int(4_000_000)) / 4.0),
        2 => fields.null("amount"),
        _ => fields.decimal("amount", random.long(100_000_000), -2),
    }
    fields.date("createdAt", moment(random));
    fields.int("probability", random.int(101));
    if random.percent(30) {
        fields.string("nextStep", &phrase(random, 5));
    }
    fields.int("__v", 1);
}

/// Who watches an opportunity: distinct users.
pub(super) fn watchers(index: u64, sizes: &Sizes) -> Vec<[u8; 12]> {
    let random = &mut Random::new(Collection::Opportunities as u64 + 100, index);
    let users = sizes.good(Collection::Users);
    let first = random.below(users);
    // Never more than there are users, so that they differ.
    (0..random.below(6).min(users)).map(|next| Collection::Users.id((first + next) % users)).collect()
}

/// `crm_Tasks` without its comments.
pub(super) fn task(fields: &mut Fields<'_>, index: u64, sizes: &Sizes) {
    let random = &mut Random::new(Collection::Tasks as u64, index);
    fields.id("_id", Collection::Tasks.id(index));
    match random.below(10) {
        0 => fields.null("opportunity"),
        1 => {}
        _ => {
            let opportunity = random.below(sizes.good(Collection::Opportunities));
            fields.id("opportunity", Collection::Opportunities.id(opportunity));
        }
    }
    fields.id("assignee", Collection::Users.id(random.below(sizes.good(Collection::Users))));
    fields.string("title", &phrase(random, 4));
    fields.bool("done", random.percent(60));
    fields.int("priority", 1 + random.int(5));
    if random.percent(50) {
        fields.date("due", day(random, 2021, 3 * 365));
    }
    if random.percent(40) {
        fields.decimal("estimate", random.long(200) * 25, -2);
    }
    if random.percent(70) {
        fields.array("labels", &words(random, 3), |labels, index, label| labels.string(index, label));
    }
    fields.date("createdAt", moment(random));
    fields.int("__v", 0);
}

/// A comment of a task.
#[derive(Debug)]
pub(super) struct Comment {
    pub(super) id: [u8; 12],
    pub(super) author: [u8; 12],
    pub(super) text: String,
    pub(super) at: i64,
}

/// What was said about a task.
pub(super) fn comments(index: u64, sizes: &Sizes) -> Vec<Comment> {
    let random = &mut Random::new(Collection::Tasks as u64 + 100, index);
    let comment = |number| Comment {
        id: super::object_id(9, index * 8 + number),
        author: Collection::Users.id(random.below(sizes.good(Collection::Users))),
        text: phrase(random, 6),
        at: moment(random),
    };
    let many = Random::new(Collection::Tasks as u64 + 200, index).below(5);
    (0..many).map(comment).collect()
}
