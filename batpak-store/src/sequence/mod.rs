//! The sequence gate: the one place where positions become visible.

mod gate;

pub(crate) use gate::SequenceGate;
