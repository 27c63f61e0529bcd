//! The bytes of a segment file: header and frames. Pure functions; no file is named here.

pub(crate) mod checksum;
pub(crate) mod frame;
pub(crate) mod header;
