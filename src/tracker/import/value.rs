//! The values that issues are made of, each checked as it is read.

use crate::domain::Millis;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

/// Largest number of an issue, and largest external link id that becomes a link's id here: both
/// count on from what was imported, so they stay far from the end of the numbers.
pub(super) const NUMBER_LIMIT: i64 = 1_000_000_000_000;
/// Longest project key, in characters.
const PROJECT_KEY_LIMIT: usize = 255;
/// Longest id, in characters.
const ID_LIMIT: usize = 64;

/// A text of at most `LIMIT` characters without NUL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text<const LIMIT: usize>(String);

impl<const LIMIT: usize> Text<LIMIT> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl<'de, const LIMIT: usize> Deserialize<'de> for Text<LIMIT> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor::<LIMIT>)
    }
}

struct TextVisitor<const LIMIT: usize>;

impl<const LIMIT: usize> TextVisitor<LIMIT> {
    fn check<E: de::Error>(text: &str) -> Result<(), E> {
        if text.contains('\0') {
            return Err(E::custom("the character U+0000: expected text"));
        }
        // Bytes bound characters from above, so the count is only made where it can matter.
        if text.len() > LIMIT {
            let length = text.chars().count();
            if length > LIMIT {
                return Err(E::custom(format!(
                    "a text of {length} characters: expected at most {LIMIT}"
                )));
            }
        }
        Ok(())
    }
}

impl<const LIMIT: usize> Visitor<'_> for TextVisitor<LIMIT> {
    type Value = Text<LIMIT>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text of at most {LIMIT} characters")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Self::check(text).map(|()| Text(text.to_owned()))
    }
}

/// The key of an issue, such as `MOD-12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IssueKey {
    text: String,
    number: i64,
}

impl IssueKey {
    fn read(text: &str) -> Option<Self> {
        let (project, digits) = text.rsplit_once('-')?;
        let plain = project.len() <= PROJECT_KEY_LIMIT
            && project.starts_with(|c: char| c.is_ascii_uppercase())
            && project
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        let number = digits.parse().ok().filter(|it| *it <= NUMBER_LIMIT)?;
        plain.then(|| Self {
            text: text.to_owned(),
            number,
        })
    }

    /// The whole key.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The key of its project.
    pub(super) fn project(&self) -> &str {
        self.text
            .rsplit_once('-')
            .map_or("", |(project, _)| project)
    }

    /// Its number in the project.
    pub(super) fn number(&self) -> i64 {
        self.number
    }
}

impl<'de> Deserialize<'de> for IssueKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Key;
        impl Visitor<'_> for Key {
            type Value = IssueKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an issue key such as KEY-123")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<IssueKey, E> {
                IssueKey::read(text)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Key)
    }
}

/// An id in the tracker that the issue comes from. Jira writes some as numbers, most as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExternalId(pub(super) String);

impl<'de> Deserialize<'de> for ExternalId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Id;
        impl Visitor<'_> for Id {
            type Value = ExternalId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id: a number, or a text of letters and digits")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ExternalId, E> {
                Ok(ExternalId(number.to_string()))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ExternalId, E> {
                let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_:.".contains(&b);
                if (1..=ID_LIMIT).contains(&text.len()) && text.bytes().all(plain) {
                    Ok(ExternalId(text.to_owned()))
                } else {
                    Err(E::invalid_value(de::Unexpected::Str(text), &self))
                }
            }
        }
        deserializer.deserialize_any(Id)
    }
}

/// An instant, such as `2016-07-18T10:45:37.000+0000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant(pub(super) Millis);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct At;
        impl Visitor<'_> for At {
            type Value = Instant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an instant such as 2016-07-18T10:45:37.000+0000")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Instant, E> {
                // RFC 3339, in which instants are served, has no years below 0.
                text.parse::<jiff::Timestamp>()
                    .ok()
                    .filter(|at| at.as_second() >= YEAR_ZERO)
                    .map(|at| Instant(Millis(at.as_millisecond())))
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(At)
    }
}

/// 0000-01-01T00:00:00Z, in seconds since 1970.
const YEAR_ZERO: i64 = -62_167_219_200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_project_and_a_number() {
        let key = IssueKey::read("A_1-20").unwrap();
        assert_eq!((key.project(), key.number()), ("A_1", 20));
        let long = format!("{}-1", "A".repeat(256));
        for bad in [
            "",
            "MOD",
            "MOD-",
            "-1",
            "MOD-0",
            "MOD-01",
            "MOD-1x",
            "mod-1",
            "1MOD-1",
            "MOD--1",
            "MOD-+1",
            "MÖD-1",
            " MOD-1",
            "MOD-1\n",
            "MOD-1000000000001",
            &long,
        ] {
            assert!(IssueKey::read(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn instants_have_an_offset() {
        let read = |text: &str| serde_json::from_value::<Instant>(text.into());
        for same in [
            "2016-07-18T10:45:37.000+0000",
            "2016-07-18T12:45:37.000+0200",
            "2016-07-18T10:45:37Z",
            "2016-07-18T10:45:37+00:00",
        ] {
            assert_eq!(
                read(same).unwrap(),
                Instant(Millis(1_468_838_737_000)),
                "{same}"
            );
        }
        for bad in [
            "",
            "2016-07-18",
            "2016-07-18T10:45:37",
            "2016-13-01T00:00:00Z",
            "-000001-01-01T00:00:00Z",
        ] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.contains("expected an instant such as"), "{error}");
        }
    }
}
