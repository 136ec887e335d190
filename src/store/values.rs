//! How single values stand in a column.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Null, ToSql, ToSqlOutput, ValueRef};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::domain::mask::Masks;

/// A time in the form that `schema` describes.
pub struct Time(pub Timestamp);

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(format!("{:.9}", self.0).into())
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value
            .as_str()?
            .parse()
            .map(Self)
            .map_err(FromSqlError::other)
    }
}

/// A value that serde writes as one string, without quotes: `camera`, `2026-11-22`.
pub struct Word<T>(pub T);

impl<T: Serialize> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_value(&self.0) {
            Ok(Value::String(word)) => Ok(word.into()),
            Ok(other) => Err(rusqlite::Error::ToSqlConversionFailure(
                format!("{other} is not one word").into(),
            )),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
        }
    }
}

impl<T: DeserializeOwned> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = Value::String(value.as_str()?.to_owned());
        serde_json::from_value(word)
            .map(Self)
            .map_err(FromSqlError::other)
    }
}

/// What nobody would query.
pub struct Json<T>(pub T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = serde_json::to_string(&self.0)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(text.into())
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?)
            .map(Self)
            .map_err(FromSqlError::other)
    }
}

/// Masks. What cannot be read stays known as such: nothing may pass for having
/// no masks that has some, and the other columns are none the worse for it.
pub struct Kept<T>(pub T);

const UNREADABLE: &str = "unreadable";

impl ToSql for Kept<&Masks> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self.0 {
            Masks::None => Ok(Null.into()),
            Masks::Drawn(masks) => serde_json::to_string(masks)
                .map(Into::into)
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into())),
            Masks::Unreadable => Ok(UNREADABLE.into()),
        }
    }
}

impl FromSql for Kept<Masks> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        if value == ValueRef::Null {
            return Ok(Self(Masks::None));
        }
        let read = value.as_str().ok().map(serde_json::from_str);
        let drawn = match read {
            Some(Ok(masks)) => Masks::Drawn(masks),
            _ => Masks::Unreadable,
        };
        Ok(Self(drawn))
    }
}

/// A fraction, written as short as a person would write it: 0.9, not
/// 0.899999976158142. Reads back as exactly the same.
pub struct Fraction(pub f32);

impl ToSql for Fraction {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        // SQLite has no NaN: it would become an empty field, and the row be refused.
        if self.0.is_nan() {
            return Ok(0.0.into());
        }
        let short = self.0.to_string().parse::<f64>().ok();
        #[allow(clippy::float_cmp, reason = "the same bits are meant")]
        let exact = short.filter(|short| *short as f32 == self.0);
        Ok(exact.unwrap_or(f64::from(self.0)).into())
    }
}

impl FromSql for Fraction {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_f64().map(|value| Self(value as f32))
    }
}

/// Task ids are 64 bits without a sign here and with one in SQLite. They are
/// counted up from below, so both mean the same.
pub struct Id(pub u64);

impl ToSql for Id {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.cast_signed().into())
    }
}

impl FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(|value| Self(value.cast_unsigned()))
    }
}

/// A score that is one; a person may have changed the file.
pub struct Score(pub crate::domain::score::Score);

impl ToSql for Score {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.value().into())
    }
}

impl FromSql for Score {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value
            .as_i64()?
            .try_into()
            .map(Self)
            .map_err(FromSqlError::other)
    }
}
