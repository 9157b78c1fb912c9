//! Do the journal and the available migrations agree? Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Hint;
use crate::journal::{History, Phase};
use crate::migration::{Direction, Migration};

/// One way in which the journal and the available migrations disagree.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_docs, reason = "the messages say what the fields are")]
pub enum Divergence {
    /// Applied, but not among the migrations, which go further than it.
    #[error("{version}_{name} is applied, but its files are missing")]
    Missing { version: i64, name: String },
    /// Applied, and newer than all available migrations: this program is older than the database.
    #[error("{version}_{name} is applied and newer than every available migration")]
    Newer { version: i64, name: String },
    /// The up file is not the one that was applied.
    #[error(
        "{file} was changed after it was applied (checksum {}… then, {}… now)",
        short(applied),
        short(found)
    )]
    Changed { version: i64, file: String, applied: String, found: String },
    /// Not applied, though one that follows it is.
    #[error("{file} is not applied, though the later {newest} is")]
    OutOfOrder { version: i64, file: String, newest: i64 },
    /// It was applied upon other predecessors than it has now.
    #[error("{file} was applied upon other migrations than those before it now")]
    OtherHistory { version: i64, file: String },
    /// Two available migrations have the same version.
    #[error("{} and {} have the same version {version}", files[0], files[1])]
    Twice { version: i64, files: [String; 2] },
}

impl Hint for Divergence {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Divergence::Missing { .. } => {
                "restore the missing files from version control, or undo the migration: that works without files"
            }
            Divergence::Newer { .. } => {
                "deploy the newer program; during a rolling deployment, Migrator::with_allow_newer lets an old one start"
            }
            Divergence::Changed { .. } => {
                "restore the file as it was and put the change into a new migration; if only its layout changed, \
                 Migrator::repair with Repair::AcceptFiles records the new text"
            }
            Divergence::OutOfOrder { .. } => {
                "generate it again, so that it follows the newest applied migration"
            }
            Divergence::OtherHistory { .. } => {
                "this database was migrated along another branch; undo its migrations down to where the branches part"
            }
            Divergence::Twice { .. } => "give one of them a new version",
        };
        Some(hint.to_owned())
    }
}

fn short(checksum: &str) -> &str {
    checksum.get(..12).unwrap_or(checksum)
}

/// The migrations as this database has them: those that another replaces, without what the first applied one follows; the
/// other, if it has applied none of them.
pub(crate) fn applicable<'a>(migrations: &'a [Migration], history: &History) -> Vec<&'a Migration> {
    let of = |migration: &'a Migration| {
        let state = |version: i64| history.versions.get(&version).filter(|one| one.phase != Phase::Absent);
        let itself = state(migration.version)
            .is_some_and(|state| state.migration.up_checksum == migration.up_checksum.to_string());
        match migration.replaces.iter().find(|one| state(one.version).is_some()) {
            Some(first) if !itself => {
                let all = migration.replaces.iter().map(|one| (one.version, one)).collect();
                let before = followed(&all, [first.version]);
                migration.replaces.iter().filter(|one| !before.contains_key(&one.version)).collect()
            }
            _ => vec![migration],
        }
    };
    migrations.iter().flat_map(of).collect()
}

/// The migrations that lead to where a database is.
pub(crate) fn applied<'a>(migrations: &'a [Migration], history: &History) -> Vec<&'a Migration> {
    let is_applied = |one: &&Migration| *history.phase(one.version) == Phase::Applied;
    let of = |migration: &'a Migration| -> Vec<&'a Migration> {
        if migration.replaces.is_empty() || is_applied(&migration) {
            return [migration].into_iter().filter(is_applied).collect();
        }
        let all = migration.replaces.iter().map(|one| (one.version, one)).collect();
        let before = followed(&all, migration.replaces.iter().filter(is_applied).map(|one| one.version));
        let leads = |one: &&Migration| is_applied(one) || before.contains_key(&one.version);
        migration.replaces.iter().filter(leads).collect()
    };
    migrations.iter().flat_map(of).collect()
}

/// All divergences, in the order of versions.
pub(crate) fn divergences(migrations: &[&Migration], history: &History) -> Vec<Divergence> {
    let mut found = Vec::new();
    let mut local: BTreeMap<i64, &Migration> = BTreeMap::new();
    for migration in migrations.iter().copied() {
        if let Some(first) = local.insert(migration.version, migration) {
            let files = [first, migration].map(|one| Direction::Up.file(one.version, &one.name));
            found.push(Divergence::Twice { version: migration.version, files });
        }
    }
    let newest_local = local.keys().next_back().copied();
    for (version, entry) in history.present() {
        if !local.contains_key(&version) {
            let name = entry.migration.name.clone();
            found.push(if newest_local.is_none_or(|newest| version > newest) {
                Divergence::Newer { version, name }
            } else {
                Divergence::Missing { version, name }
            });
        }
    }
    let followed = followed(&local, history.present().map(|(version, _)| version));
    // A link covers all links before it, so only the first that differs says where.
    let mut parted = false;
    for (version, migration) in local {
        let (version, file) = (version, Direction::Up.file(version, &migration.name));
        match history.versions.get(&version) {
            Some(entry) if matches!(entry.phase, Phase::Applied) => {
                let (applied, now) = (&entry.migration.up_checksum, migration.up_checksum.to_string());
                let link_known = !entry.migration.link.is_empty() && !migration.link.is_empty();
                let same_link = !link_known || entry.migration.link == migration.link;
                // Another down file alone is not a divergence: the stored one is the one that undoes.
                let same_down = entry.migration.down_checksum == migration.down_checksum.to_string();
                // One that replaces others has their link and another text.
                if *applied != now && !(link_known && same_link) {
                    found.push(Divergence::Changed { version, file, applied: applied.clone(), found: now });
                } else if !same_link && same_down && !parted {
                    found.push(Divergence::OtherHistory { version, file });
                }
                parted |= !same_link;
            }
            _ => {
                if let Some(newest) = followed.get(&version) {
                    found.push(Divergence::OutOfOrder { version, file, newest: *newest });
                }
            }
        }
    }
    found
}

/// What migrations follow, each with the one that follows it, of those given the newest: all older ones, unless they are of a
/// branch that was joined later.
fn followed(
    local: &BTreeMap<i64, &Migration>,
    by: impl IntoIterator<Item = i64, IntoIter: DoubleEndedIterator>,
) -> BTreeMap<i64, i64> {
    let (mut followed, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for newest in by.into_iter().rev() {
        let mut pending = vec![newest];
        while let Some(version) = pending.pop() {
            if !seen.insert(version) {
                continue;
            }
            let after: Vec<i64> = match local.get(&version).map(|migration| &*migration.after) {
                Some(after @ [_, ..]) => after.to_vec(),
                // The first; or nothing is known of it.
                _ => local.range(..version).map(|(version, _)| *version).collect(),
            };
            for version in after {
                followed.entry(version).or_insert(newest);
                pending.push(version);
            }
        }
    }
    followed
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::journal::{Entry, Event, MigrationRef};
    use crate::migration::Checksum;

    fn migration(version: i64, up: &str, link: &str) -> Migration {
        Migration {
            version,
            after: Cow::Borrowed(&[]),
            replaces: Cow::Borrowed(&[]),
            name: Cow::Borrowed("m"),
            up_sql: Cow::Borrowed(""),
            down_sql: Cow::Borrowed(""),
            up_checksum: Checksum::of(up),
            down_checksum: Checksum::of("down"),
            schema_hash: Cow::Borrowed(""),
            link: Cow::Owned(link.to_owned()),
        }
    }

    fn event(version: i64, event: Event, up: &str, link: &str) -> Entry {
        Entry::new(MigrationRef::from(&migration(version, up, link)), event, 1)
    }

    /// The divergences between migrations and applied ones, each given as (version, up file, link).
    fn check(local: &[(i64, &str, &str)], applied: &[(i64, &str, &str)], expected: &[&str]) {
        let migrations: Vec<_> = local.iter().map(|(v, up, link)| migration(*v, up, link)).collect();
        let events = applied.iter().map(|(v, up, link)| event(*v, Event::Finished, up, link));
        let found = divergences(&migrations.iter().collect::<Vec<_>>(), &History::derive(events));
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn agreement_is_silent() {
        check(&[(1, "a", "1"), (2, "b", "12")], &[], &[]);
        check(&[(1, "a", "1"), (2, "b", "12")], &[(1, "a", "1")], &[]);
        check(&[(1, "a", "")], &[(1, "a", "1")], &[]);
    }

    #[test]
    fn every_divergence_is_named_at_once() {
        check(
            &[(2, "b", "2"), (3, "c", "23"), (4, "d", "234"), (4, "e", "234")],
            &[(1, "a", "1"), (2, "B", "12"), (5, "f", "5")],
            &[
                "4_m.up.sql and 4_m.up.sql have the same version 4",
                "1_m is applied, but its files are missing",
                "5_m is applied and newer than every available migration",
                "2_m.up.sql was changed after it was applied (checksum 8a5e6d9081b0… then, 98a906182cdc… now)",
                "3_m.up.sql is not applied, though the later 5 is",
                "4_m.up.sql is not applied, though the later 5 is",
            ],
        );
    }

    #[test]
    fn a_fork_is_named_where_it_begins() {
        check(
            &[(1, "a", "1"), (2, "b", "x2"), (3, "c", "x23")],
            &[(1, "a", "1"), (2, "b", "y2"), (3, "c", "y23")],
            &["2_m.up.sql was applied upon other migrations than those before it now"],
        );
    }

    #[test]
    fn a_joined_branch_may_come_late() {
        let after = |version, after: &[i64]| Migration {
            after: Cow::Owned(after.to_vec()),
            ..migration(version, "x", "")
        };
        let local = [after(1, &[]), after(2, &[1]), after(3, &[2]), after(4, &[1]), after(5, &[3, 4])];
        let applied = |versions: &[i64]| -> Vec<String> {
            let events = versions.iter().map(|version| event(*version, Event::Finished, "x", ""));
            let found = divergences(&local.iter().collect::<Vec<_>>(), &History::derive(events));
            found.iter().map(ToString::to_string).collect()
        };
        assert_eq!(applied(&[1, 4]), [""; 0], "2 and 3 may come after 4");
        assert_eq!(applied(&[1, 2, 4]), [""; 0]);
        assert_eq!(applied(&[1, 3, 4]), ["2_m.up.sql is not applied, though the later 3 is"]);
        assert_eq!(applied(&[1, 2, 5]).len(), 2, "3 and 4 must come before 5");
    }

    #[test]
    fn what_was_undone_is_no_divergence() {
        let events = [event(7, Event::Finished, "x", ""), event(7, Event::Reverted, "x", "")];
        assert_eq!(divergences(&[&migration(1, "a", "")], &History::derive(events)), []);
    }
}
