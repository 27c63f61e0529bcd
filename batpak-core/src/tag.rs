//! Tags: names on an event, for consistency boundaries that cross streams.

use crate::error::CoreError;
use crate::name::{check_name, name_type};

name_type! {
    /// A name on an event, free or of the shape `key:value`, as in `student:1`.
    Tag, "tag"
}

impl Tag {
    /// The tag `key:value`.
    ///
    /// # Errors
    /// A key that is empty or holds a colon is refused as [`CoreError::EmptyName`] or [`CoreError::TagKey`], so that
    /// [`Tag::key`] gives the same key back; the whole must keep the rule of names. The value may be empty.
    pub fn pair(key: impl AsRef<str>, value: impl AsRef<str>) -> Result<Self, CoreError> {
        let (key, value) = (key.as_ref(), value.as_ref());
        check_name("tag key", key)?;
        if key.contains(':') {
            return Err(CoreError::TagKey { key: crate::error::shortened(key) });
        }
        let tag = smol_str::format_smolstr!("{key}:{value}");
        check_name("tag", &tag)?;
        Ok(Self(tag))
    }

    /// What stands before the first colon, if there is one.
    pub fn key(&self) -> Option<&str> {
        self.as_str().split_once(':').map(|(key, _)| key)
    }

    /// What stands after the first colon, if there is one.
    pub fn value(&self) -> Option<&str> {
        self.as_str().split_once(':').map(|(_, value)| value)
    }
}
