//! Whether a line says the same as an event that has its id already.

use batpak::{Correlation, EventRef, Tag};

use crate::input::fields::Row;

/// The first part in which they differ. `chained` says that the stored event may have one more cause, of its chain.
pub fn with_event(row: &Row, event: &EventRef<'_>, chained: bool) -> Option<&'static str> {
    let draft = row.parts();
    let mut causes = event.causes();
    let named = draft.causes.iter().all(|cause| causes.next() == Some(*cause));
    let others = causes.count();
    let stream = &draft.coordinate;
    let parts = [
        ("stream", stream.scope.as_str() == event.scope() && stream.entity.as_str() == event.entity()),
        ("kind", draft.kind.as_str() == event.kind() && draft.version == event.version()),
        ("tags", event.tags().eq(draft.tags.iter().map(Tag::as_str))),
        ("causes", named && (others == 0 || chained && others == 1)),
        ("correlation", draft.correlation.as_ref().map(Correlation::as_str) == event.correlation()),
        ("time", draft.valid_at == event.valid_at()),
        ("payload", draft.codec == event.codec() && row.payload() == event.payload()),
    ];
    different(parts)
}

/// The first part in which two lines differ.
pub fn with_row(row: &Row, other: &Row) -> Option<&'static str> {
    let (left, right) = (row.parts(), other.parts());
    let parts = [
        ("stream", left.coordinate == right.coordinate),
        ("kind", left.kind == right.kind),
        ("tags", left.tags == right.tags),
        ("causes", left.causes == right.causes),
        ("correlation", left.correlation == right.correlation),
        ("time", left.valid_at == right.valid_at),
        ("payload", row.payload() == other.payload()),
    ];
    different(parts)
}

fn different(parts: [(&'static str, bool); 7]) -> Option<&'static str> {
    parts.into_iter().find(|(_, same)| !same).map(|(part, _)| part)
}
