use std::borrow::Cow;
use std::fmt;
use std::str::FromStr as _;

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use sqlx::postgres::PgConnectOptions;

use super::{MASK, SECRET_KEYS, redact};
use crate::error::Hint;

/// A URL that names a database and may hold a password. It never shows the password: `Display` masks it, `Debug` prints
/// what `Display` does.
///
/// ```
/// let url = whimbrel::__private::redact::ConnectUrl::from("postgres://me:s3cr3t@db.example/crm");
/// assert_eq!(format!("{url} {url:?}"), "postgres://me:***@db.example/crm postgres://me:***@db.example/crm");
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ConnectUrl(String);

impl From<String> for ConnectUrl {
    fn from(url: String) -> Self {
        ConnectUrl(url)
    }
}

impl From<&str> for ConnectUrl {
    fn from(url: &str) -> Self {
        ConnectUrl(url.to_owned())
    }
}

/// Why a URL does not name a PostgreSQL database. It does not repeat the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the URL of a PostgreSQL database: {reason}")]
pub struct InvalidUrl {
    reason: String,
}

impl Hint for InvalidUrl {
    fn hint(&self) -> Option<String> {
        Some(
            "it looks like postgres://user@host:5432/database; special characters in a password are percent-encoded"
                .to_owned(),
        )
    }
}

impl ConnectUrl {
    /// The URL with its password, to connect with.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// How to connect to the PostgreSQL database it names.
    pub fn postgres(&self) -> Result<PgConnectOptions, InvalidUrl> {
        // sqlx takes any scheme.
        if !["postgres://", "postgresql://"].iter().any(|scheme| self.0.starts_with(scheme)) {
            let reason = "it begins with neither postgres:// nor postgresql://".to_owned();
            return Err(InvalidUrl { reason });
        }
        PgConnectOptions::from_str(&self.0).map_err(|error| {
            let text = match &error {
                sqlx::Error::Configuration(cause) => cause.to_string(),
                other => other.to_string(),
            };
            InvalidUrl { reason: self.redact(&text) }
        })
    }

    /// Another library's text about this URL without its password, be it as it was written or decoded.
    pub fn redact(&self, text: &str) -> String {
        let mut shown = redact(text);
        for secret in self.secrets() {
            shown = shown.replace(&*secret, MASK);
        }
        shown
    }

    fn secrets(&self) -> Vec<Cow<'_, str>> {
        let Some(Parts { password, query, .. }) = Parts::of(&self.0) else { return Vec::new() };
        let query =
            query.into_iter().flat_map(|query| query.split('&')).filter_map(|pair| pair.split_once('='));
        let secrets = query.filter(|(key, _)| is_secret(key)).map(|(_, value)| value).chain(password);
        secrets
            .flat_map(|text| [text.into(), percent_decode_str(text).decode_utf8_lossy()])
            .filter(|text| !text.is_empty())
            .collect()
    }
}

impl fmt::Display for ConnectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is not a URL may be anything, and all of it a secret.
        let Some(Parts { head, password, tail, query }) = Parts::of(&self.0) else {
            return f.write_str(MASK);
        };
        f.write_str(head)?;
        if password.is_some() {
            write!(f, ":{MASK}")?;
        }
        f.write_str(tail)?;
        for (number, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
            f.write_str(if number == 0 { "?" } else { "&" })?;
            match pair.split_once('=') {
                Some((key, _)) if is_secret(key) => write!(f, "{key}={MASK}")?,
                _ => f.write_str(pair)?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ConnectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

struct Parts<'a> {
    /// `scheme://user`
    head: &'a str,
    password: Option<&'a str>,
    /// `@host/path`
    tail: &'a str,
    query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let start = url.find("://")? + 3;
        if !url[..start - 3].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte)) {
            return None;
        }
        // A password that was not encoded may hold `/` and `?`: rather hide too much. After the query's beginning an `@`
        // belongs to a value, unless what is before it cannot be a host.
        let authority = start + url[start..].find(['/', '?', '#']).unwrap_or(url.len() - start);
        let at = url[start..authority].rfind('@').map(|at| start + at).or_else(|| {
            let port = url[start..authority].split_once(':')?.1;
            if port.bytes().all(|byte| byte.is_ascii_digit() || byte == b',' || byte == b':') {
                return None;
            }
            url[authority..].rfind('@').map(|at| authority + at)
        });
        // A password may hold `@` and then `/`: the last `@` before the query ends it.
        let last = |at: usize| {
            let query = url[at..].find('?').map_or(url.len(), |query| at + query);
            url[at..query].rfind('@').map_or(at, |last| at + last)
        };
        let at = at.map_or(start, |at| if url[start..at].contains(':') { last(at) } else { at });
        let colon = url[start..at].find(':').map(|colon| start + colon);
        let query = url[at..].find('?').map_or(url.len(), |query| at + query);
        Some(Parts {
            head: &url[..colon.unwrap_or(at)],
            password: colon.map(|colon| &url[colon + 1..at]),
            tail: &url[at..query],
            query: url.get(query + 1..),
        })
    }
}

/// A key that is written in an unusual way may be any.
fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET_KEYS.iter().any(|secret| key.ends_with(secret)) || key.contains('%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_a_url_shows_its_password() {
        for url in [
            "postgres://me:s3cret@host:5432/db",
            "postgres://me:s3cret@s3cret@host/db",
            "postgres://me:s3cret@s3cret/s3cret@host/db",
            "postgres://me:s3/cret?s3cret@host/db",
            "postgres://host/db?password=s3cret,s3cret&sslmode=disable",
            "postgres://host/db?pass%77ord=s3cret",
            "mongodb://me:s3cret@a:1,b:2/db?authSource=admin",
            "mysql://me:s3cret@host/db",
            "me:s3cret@host/x",
            "postgres:/me:s3cret@host/x",
            "postgres:me:s3cret@host",
            "host=h password=s3cret",
            "s3cret",
        ] {
            let url = ConnectUrl::from(url);
            let error = url.postgres().map(|_| ());
            let shown = format!("{url} {url:?} {error:?}");
            assert!(!["s3", "cret"].iter().any(|part| shown.contains(part)), "{shown}");
        }
    }

    #[test]
    fn the_rest_of_a_url_is_shown() {
        for url in [
            "postgres://me@host:5432/db?application_name=x",
            "postgres://a:1,b:2/db",
            "postgres:///db?host=/tmp&user=x@y",
            "mongodb+srv://cluster.example/db",
        ] {
            assert_eq!(ConnectUrl::from(url).to_string(), url);
        }
    }

    #[test]
    fn another_librarys_text_loses_the_password() {
        let url = ConnectUrl::from("mongodb://me:s3%2Fcret@host/db");
        assert_eq!(url.redact("s3/cret or s3%2Fcret is wrong"), "*** or *** is wrong");
    }

    #[test]
    fn what_does_not_name_a_postgresql_is_an_error() {
        for url in [
            "me@host/x",
            "postgres:/x",
            "mysql://host/x",
            "postgres://host:port/x",
            "postgres://h/x?sslmode=y",
        ] {
            assert!(ConnectUrl::from(url).postgres().is_err(), "{url}");
        }
        assert!(ConnectUrl::from("postgresql://me@host:1/x").postgres().is_ok());
    }
}
