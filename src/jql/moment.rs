//! Dates as queries write them: `2024-01-31`, `"2024/01/31 10:00"`, `-7d`, `"4w 2d"`.
//!
//! Absolute ones are in UTC. There are no months and years among the relative ones: their length
//! depends on where one stands.

use std::fmt;
use std::ops::Range;

use jiff::civil::{Date, DateTime, date};
use winnow::Parser;
use winnow::ascii::{digit1, multispace0, multispace1};
use winnow::combinator::{alt, opt, preceded, repeat, separated_pair, terminated};
use winnow::error::EmptyError;
use winnow::token::{one_of, take_while};

type Parsed<T> = Result<T, EmptyError>;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const UNITS: [(char, i64); 4] = [('w', 7 * 24 * 60), ('d', 24 * 60), ('h', 60), ('m', 1)];
/// Ten thousand years: what lies beyond is a slip of the keyboard.
const MOST_MINUTES: i64 = 10_000 * 366 * 24 * 60;

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Day(Date),
    Minute(DateTime),
    /// Minutes from the time at which the query runs; the past is negative.
    Relative(i64),
}

impl Moment {
    pub(super) fn read(text: &str) -> Option<Self> {
        alt((absolute, relative)).parse(text.trim()).ok()
    }

    /// The instants that it names, in milliseconds since 1970: all of a day or of a minute. Its
    /// start is what `<` and its like compare with.
    pub(super) fn instants(self, now_ms: i64) -> Range<i64> {
        let (start, length) = match self {
            Self::Day(day) => (since_epoch(day.into()), DAY_MS),
            Self::Minute(minute) => (since_epoch(minute), MINUTE_MS),
            Self::Relative(minutes) => (now_ms.saturating_add(minutes * MINUTE_MS), MINUTE_MS),
        };
        start..start.saturating_add(length)
    }
}

/// Counted on the calendar, where the last days of the year 9999 have an instant too.
fn since_epoch(at: DateTime) -> i64 {
    at.duration_since(date(1970, 1, 1).into()).as_secs() * 1000
}

fn absolute(input: &mut &str) -> Parsed<Moment> {
    let year = digits(input, 4..=4)?;
    let separator = one_of(['-', '/']).parse_next(input)?;
    let month = digits(input, 1..=2)?;
    one_of(separator).parse_next(input)?;
    let day = digits(input, 1..=2)?;
    let time = opt(preceded(
        multispace1,
        separated_pair(
            |i: &mut &str| digits(i, 1..=2),
            ':',
            |i: &mut &str| digits(i, 2..=2),
        ),
    ))
    .parse_next(input)?;
    let day = Date::new(year, month as i8, day as i8).map_err(|_| EmptyError)?;
    let Some((hour, minute)) = time else {
        return Ok(Moment::Day(day));
    };
    let time = jiff::civil::Time::new(hour as i8, minute as i8, 0, 0).map_err(|_| EmptyError)?;
    Ok(Moment::Minute(day.to_datetime(time)))
}

/// At most four digits, so that the number fits.
fn digits(input: &mut &str, count: std::ops::RangeInclusive<usize>) -> Parsed<i16> {
    take_while(count, '0'..='9').parse_to().parse_next(input)
}

fn relative(input: &mut &str) -> Parsed<Moment> {
    let sign = opt(one_of(['-', '+'])).parse_next(input)?;
    let minutes: i64 = repeat(1.., terminated(span, multispace0))
        .verify_fold(|| 0_i64, |sum: i64, span: i64| sum.checked_add(span))
        .verify(|minutes| *minutes <= MOST_MINUTES)
        .parse_next(input)?;
    Ok(Moment::Relative(if sign == Some('-') {
        -minutes
    } else {
        minutes
    }))
}

/// A number and its unit, in minutes.
fn span(input: &mut &str) -> Parsed<i64> {
    let count: i64 = digit1.parse_to().parse_next(input)?;
    let letter = one_of(UNITS.map(|(letter, _)| letter)).parse_next(input)?;
    let unit = UNITS
        .iter()
        .find(|(known, _)| *known == letter)
        .map(|(_, minutes)| *minutes);
    unit.and_then(|minutes| count.checked_mul(minutes))
        .ok_or(EmptyError)
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Minute(at) => write!(f, r#""{} {:02}:{:02}""#, at.date(), at.hour(), at.minute()),
            Self::Relative(minutes) => {
                let whole = UNITS.iter().find(|(_, length)| minutes % length == 0);
                let (letter, length) = whole.copied().unwrap_or(('m', 1));
                write!(f, "{}{letter}", minutes / length)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    #[test]
    fn dates_are_read_in_utc() {
        let cases = [
            ("1970-01-01", 0),
            ("1970/1/2", DAY_MS),
            ("2024-01-31", 1_706_659_200_000),
            ("2024-01-31 10:00", 1_706_695_200_000),
            ("2024/01/31 9:05", 1_706_691_900_000),
            (" 1969-12-31 ", -DAY_MS),
            ("9999-12-31", 253_402_214_400_000),
            ("0001-01-01", -62_135_596_800_000),
            ("-7d", NOW - 7 * DAY_MS),
            ("+90m", NOW + 90 * MINUTE_MS),
            ("2h", NOW + 120 * MINUTE_MS),
            ("-1w 2d", NOW - 9 * DAY_MS),
            ("-4h30m", NOW - 270 * MINUTE_MS),
        ];
        for (text, start) in cases {
            let moment = Moment::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(moment.instants(NOW).start, start, "{text}");
            let printed = moment.to_string();
            assert_eq!(
                Moment::read(printed.trim_matches('"')),
                Some(moment),
                "{printed}"
            );
        }
    }

    #[test]
    fn a_day_lasts_a_day_and_the_rest_a_minute() {
        let length = |text| {
            let instants = Moment::read(text).unwrap().instants(NOW);
            instants.end - instants.start
        };
        assert_eq!(length("2024-01-31"), DAY_MS);
        assert_eq!(length("2024-01-31 00:00"), MINUTE_MS);
        assert_eq!(length("-7d"), MINUTE_MS);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "today",
            "2024",
            "2024-01",
            "2024-02-30",
            "2024-13-01",
            "2024-01/31",
            "24-01-31",
            "2024-01-31 24:00",
            "2024-01-31 10",
            "2024-01-31 10:00:00",
            "-",
            "7",
            "d",
            "--7d",
            "-7x",
            "-7D",
            "- 7d",
            "99999999999999999999w",
            "9999999999999999w",
        ] {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }
}
