//! Values that go into statements and rows that come out, in types of our own, so that entity
//! files name no database engine.

use super::StoreError;
use crate::domain::{
    BoardId, FilterId, IssueId, JobId, LinkId, LinkTypeId, Millis, RowId, StructureId,
    SynchronizerId, TokenId, UserId,
};
use rusqlite::types::{FromSql, ToSql, ToSqlOutput, ValueRef};

/// One bound parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// A whole number, a truth value (0 or 1), an id or an instant.
    Int(i64),
    /// A borrowed text.
    Text(&'a str),
    /// An owned text.
    Owned(String),
}

impl Value<'_> {
    /// The same, on its own.
    pub(super) fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Int(number) => Value::Int(number),
            Value::Text(text) => Value::Owned(text.to_owned()),
            Value::Owned(text) => Value::Owned(text),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Owned(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Value::Int(truth.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(text)
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Owned(text)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// Reads it.
    fn read(value: ValueRef<'_>) -> Result<Self, String>;
}

macro_rules! columns {
    ($($type:ty),+) => {$(
        impl Column for $type {
            fn read(value: ValueRef<'_>) -> Result<Self, String> {
                Self::column_result(value).map_err(|error| error.to_string())
            }
        }
    )+};
}
columns!(i64, String, bool, u32);

impl<T: Column> Column for Option<T> {
    fn read(value: ValueRef<'_>) -> Result<Self, String> {
        match value {
            ValueRef::Null => Ok(None),
            value => T::read(value).map(Some),
        }
    }
}

impl Column for Value<'static> {
    fn read(value: ValueRef<'_>) -> Result<Self, String> {
        match value {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Integer(number) => Ok(Value::Int(number)),
            value => String::read(value).map(Value::Owned),
        }
    }
}

macro_rules! id_columns {
    ($($id:ident),+) => {$(
        impl From<$id> for Value<'_> {
            fn from(id: $id) -> Self {
                Value::Int(id.0)
            }
        }

        impl Column for $id {
            fn read(value: ValueRef<'_>) -> Result<Self, String> {
                i64::read(value).map($id)
            }
        }
    )+};
}
id_columns!(
    UserId,
    TokenId,
    StructureId,
    RowId,
    IssueId,
    LinkId,
    LinkTypeId,
    FilterId,
    BoardId,
    SynchronizerId,
    JobId,
    Millis
);

/// One row of a result.
pub struct Row<'r>(pub(super) &'r rusqlite::Row<'r>);

impl Row<'_> {
    /// The column at `index`, from 0.
    pub fn get<T: Column>(&self, index: usize) -> Result<T, StoreError> {
        let value = self
            .0
            .get_ref(index)
            .map_err(|e| StoreError::Engine(e.to_string()))?;
        T::read(value).map_err(|reason| {
            let name = self.0.as_ref().column_name(index).unwrap_or("?").to_owned();
            StoreError::Corrupt(format!("column {name}: {reason}"))
        })
    }

    /// The column at `index`, read by name of an enumeration.
    pub fn named<T>(&self, index: usize, from: fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let name: String = self.get(index)?;
        from(&name).ok_or_else(|| StoreError::Corrupt(format!("unknown name {name:?}")))
    }
}

/// The parameters of a statement, in order.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::store::Value::from($value)),*] as &[$crate::store::Value<'_>]
    };
}
pub(crate) use params;
