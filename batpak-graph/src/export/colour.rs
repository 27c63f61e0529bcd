//! One colour for each kind, the same in every picture as far as colours go round.

use std::collections::BTreeMap;

use super::drawing::Drawing;

/// Colours that people with any colour vision tell apart: the "muted" scheme of Paul Tol, in an order of strong
/// contrast.
pub(crate) const COLOURS: [&str; 9] =
    ["#332288", "#88CCEE", "#CC6677", "#117733", "#DDCC77", "#882255", "#44AA99", "#AA4499", "#999933"];
/// The same colours, where too dark for a dark ground made lighter.
pub(crate) const COLOURS_IN_THE_DARK: [&str; 9] =
    ["#7B6FE0", "#88CCEE", "#E08592", "#3DA35D", "#DDCC77", "#C65A8F", "#55C2AF", "#CC7CC8", "#B5B545"];
/// What the rarest kinds share.
pub(crate) const NEUTRAL: &str = "#9A9A9A";

/// Which kind has which colour.
#[derive(Debug)]
pub(crate) struct Palette<'a> {
    slots: BTreeMap<&'a str, usize>,
}

impl<'a> Palette<'a> {
    /// Gives the most frequent kinds a colour. A kind's name says which one it prefers, so that it tends to keep it
    /// from picture to picture.
    pub(crate) fn of(drawing: &'a Drawing) -> Self {
        let mut counts = BTreeMap::<&str, u64>::new();
        for dot in drawing.dots() {
            let count = counts.entry(&dot.kind).or_default();
            *count = count.saturating_add(dot.count);
        }
        let mut kinds: Vec<_> = counts.into_iter().collect();
        kinds.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        kinds.truncate(COLOURS.len());
        kinds.sort_unstable();
        let mut taken = [false; COLOURS.len()];
        let mut slots = BTreeMap::new();
        for (kind, _) in kinds {
            let wanted = preferred(kind);
            let free = (0..COLOURS.len()).map(|step| (wanted + step) % COLOURS.len());
            for slot in free {
                if let Some(mark) = taken.get_mut(slot).filter(|mark| !**mark) {
                    *mark = true;
                    slots.insert(kind, slot);
                    break;
                }
            }
        }
        Self { slots }
    }

    /// The number of the kind's colour; `None` for those that share the neutral one.
    pub(crate) fn slot(&self, kind: &str) -> Option<usize> {
        self.slots.get(kind).copied()
    }

    /// The colour of a kind.
    pub(crate) fn colour(&self, kind: &str) -> &'static str {
        self.slot(kind).and_then(|slot| COLOURS.get(slot)).copied().unwrap_or(NEUTRAL)
    }

    /// The kinds that have a colour of their own, by name.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (&'a str, usize)> {
        self.slots.iter().map(|(kind, slot)| (*kind, *slot))
    }
}

/// FNV-1a, which is the same everywhere and for ever.
fn preferred(kind: &str) -> usize {
    let hash = kind
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    usize::try_from(hash % COLOURS.len() as u64).unwrap_or(0)
}
