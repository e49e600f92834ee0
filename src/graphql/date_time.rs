//! The scalar `DateTime`.

use crate::domain::Millis;
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use jiff::Timestamp;

/// An instant, RFC 3339 in UTC with milliseconds: `2026-11-22T07:01:00.000Z`.
pub(crate) struct DateTime(pub(crate) Millis);

/// An instant, RFC 3339 in UTC with milliseconds: `2026-11-22T07:01:00.000Z`.
#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let instant: Timestamp = text.parse().map_err(|_| {
            let expected =
                "expected an instant such as 2026-11-22T07:01:00.000Z, up to the year 9999";
            InputValueError::custom(expected)
        })?;
        Ok(Self(Millis(instant.as_millisecond())))
    }

    fn to_value(&self) -> Value {
        Value::String(self.text())
    }
}

impl DateTime {
    /// The instant as it is served.
    pub(crate) fn text(&self) -> String {
        // The database may hold instants that no calendar has; they show as the nearest one.
        let limits = (
            Timestamp::MIN.as_millisecond(),
            Timestamp::MAX.as_millisecond(),
        );
        let millis = self.0.0.clamp(limits.0, limits.1);
        let instant = Timestamp::from_millisecond(millis).unwrap_or_default();
        format!("{instant:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_has_exactly_three_fraction_digits() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_795_330_860_120, "2026-11-22T07:01:00.120Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(DateTime(Millis(millis)).to_value(), Value::from(text));
        }
        assert!(matches!(
            DateTime(Millis(i64::MAX)).to_value(),
            Value::String(_)
        ));
    }
}
