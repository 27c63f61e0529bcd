//! The difference between two runs: what one did that the other did not, and what both did differently.
//!
//! Steps of one run are matched with those of the other, first the ones that are alike with all that they rest on (equal hashes in a Merkle
//! tree; here numbers, given to each distinct step, so that nothing collides), then by what they rest on, then by what they are.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::graph::Graph;
use crate::node::Node;

/// An event of a run, as far as runs are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// The event.
    pub node: Node,
    /// Its kind.
    pub kind: &'a str,
    /// What its stream is to the run, so that runs over different entities can be compared; the caller decides.
    pub role: u64,
    /// A hash of the coarsest view of its payload, say its type and version.
    pub shape: u64,
    /// A hash of a finer view, say the names of its fields.
    pub keys: u64,
    /// A hash of all of it.
    pub payload: u64,
}

/// A run: steps, and the graph that they are in. Causes outside the run do not count; of a node that comes twice, the first step does.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    graph: &'a Graph,
    steps: &'a [Step<'a>],
}

/// In which way two steps that belong together differ; of several ways, the first of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Their payloads have another shape.
    Shape,
    /// Their payloads have the same shape and other keys.
    Keys,
    /// Their payloads have the same shape and keys, and other values.
    Payload,
    /// They are alike, and rest on steps that do not belong together.
    Causes,
}

/// Two runs compared. Every step is in exactly one of the lists, which are in the order of the first run's events, or the second's for what it added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunDiff {
    /// Pairs that are alike, and rest on steps that belong together or are alike in all they rest on.
    pub same: Vec<(Node, Node)>,
    /// Pairs that belong together and differ.
    pub changed: Vec<(Node, Node, Change)>,
    /// Steps of the first run alone.
    pub removed: Vec<Node>,
    /// Steps of the second run alone.
    pub added: Vec<Node>,
    /// The oldest event of each run that is not the same in the other: where they part.
    pub parts_at: (Option<Node>, Option<Node>),
}

impl<'a> Run<'a> {
    /// A run of these steps.
    #[must_use]
    pub const fn new(graph: &'a Graph, steps: &'a [Step<'a>]) -> Self {
        Self { graph, steps }
    }

    /// What changed from this run to another, which may be in another graph.
    ///
    /// Cost: n log n for n steps and causes, 2 to 5 µs a step.
    #[must_use]
    pub fn diff(&self, other: &Self) -> RunDiff {
        let mut looks = Looks::default();
        let (left, right) = (Side::new(self, &mut looks), Side::new(other, &mut looks));
        let mut pairing = Pairing { left, right, alike: HashSet::new() };
        pairing.by_classes();
        pairing.by_causes(true);
        pairing.by_looks(0);
        pairing.by_causes(false);
        (1..VIEWS).for_each(|view| pairing.by_looks(view));
        pairing.answer()
    }
}

/// A step is seen with its kind, its role and all of its payload; or with keys and shape; or with the shape; or with nothing of it.
const VIEWS: usize = 4;

/// Numbers for keys: the same one for the same key.
struct Numbers<K>(HashMap<K, u32>);

impl<K> Default for Numbers<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> Numbers<K> {
    fn of(&mut self, key: K) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(key).or_insert(next)
    }
}

/// Numbers for what steps look like in each view.
#[derive(Default)]
struct Looks<'a> {
    kinds: Numbers<(&'a str, u64)>,
    shapes: Numbers<(u32, u64)>,
    keys: Numbers<(u32, u64)>,
    payloads: Numbers<(u32, u64)>,
}

impl<'a> Looks<'a> {
    fn of(&mut self, step: &Step<'a>) -> [u32; VIEWS] {
        let kind = self.kinds.of((step.kind, step.role));
        let shape = self.shapes.of((kind, step.shape));
        let keys = self.keys.of((shape, step.keys));
        [self.payloads.of((keys, step.payload)), keys, shape, kind]
    }
}

/// A step in its run.
struct Member {
    node: Node,
    looks: [u32; VIEWS],
    /// The places of its causes in the run, in order.
    causes: Vec<u32>,
    /// The place of the other run's step that it belongs together with.
    partner: Option<u32>,
}

/// One run of a comparison, in the order of nodes; a step's place is its number there.
struct Side(Vec<Member>);

impl Side {
    fn new<'a>(run: &Run<'a>, looks: &mut Looks<'a>) -> Self {
        let mut steps = run.steps.to_vec();
        steps.sort_by_key(|step| step.node);
        steps.dedup_by_key(|step| step.node);
        let member = |step: &Step<'a>| {
            let causes = run.graph.causes(step.node);
            let places = causes.filter_map(|(cause, _)| steps.binary_search_by_key(&cause, |step| step.node).ok());
            let mut causes: Vec<u32> = places.filter_map(|place| u32::try_from(place).ok()).collect();
            causes.sort_unstable();
            Member { node: step.node, looks: looks.of(step), causes, partner: None }
        };
        Self(steps.iter().map(member).collect())
    }

    fn get(&self, place: u32) -> Option<&Member> {
        self.0.get(place as usize)
    }

    fn members(&self) -> impl DoubleEndedIterator<Item = (u32, &Member)> {
        self.0.iter().enumerate().filter_map(|(place, member)| u32::try_from(place).ok().map(|place| (place, member)))
    }

    /// Those that belong with none of the other run yet.
    fn free(&self) -> impl DoubleEndedIterator<Item = (u32, &Member)> {
        self.members().filter(|(_, member)| member.partner.is_none())
    }

    /// What the causes of a step belong together with, in order; `None` if one belongs with nothing.
    fn partners(&self, causes: &[u32]) -> Option<Vec<u32>> {
        let mut partners: Vec<u32> = causes.iter().map(|cause| self.get(*cause)?.partner).collect::<Option<_>>()?;
        partners.sort_unstable();
        Some(partners)
    }

    /// A number for each step; two have the same if they are alike with all that they rest on.
    fn classes(&self, numbers: &mut Numbers<(u32, Vec<u32>)>) -> Vec<u32> {
        let mut classes: Vec<u32> = Vec::with_capacity(self.0.len());
        for Member { looks: [whole, ..], causes, .. } in &self.0 {
            let mut below: Vec<u32> = causes.iter().filter_map(|cause| classes.get(*cause as usize)).copied().collect();
            below.sort_unstable();
            classes.push(numbers.of((*whole, below)));
        }
        classes
    }

    /// The steps by the length of the longest path to them.
    fn layers(&self) -> Vec<Vec<u32>> {
        let mut depths: Vec<usize> = Vec::with_capacity(self.0.len());
        let mut layers: Vec<Vec<u32>> = Vec::new();
        for (place, member) in self.members() {
            let below = member.causes.iter().filter_map(|cause| depths.get(*cause as usize)).max();
            let depth = below.map_or(0, |depth| depth + 1);
            depths.push(depth);
            match layers.get_mut(depth) {
                Some(layer) => layer.push(place),
                None => layers.push(vec![place]),
            }
        }
        layers
    }
}

/// Free steps by what they have to agree in, oldest first.
struct Queues<K> {
    first: HashMap<K, Option<u32>>,
    /// For each step, the next one with the same key.
    next: Vec<Option<u32>>,
}

impl<K: Hash + Eq> Queues<K> {
    /// The keys come newest step first.
    fn new(side: &Side, keys: impl Iterator<Item = (u32, K)>) -> Self {
        let mut queues = Self { first: HashMap::new(), next: vec![None; side.0.len()] };
        for (place, key) in keys {
            let later = queues.first.insert(key, Some(place)).flatten();
            if let Some(next) = queues.next.get_mut(place as usize) {
                *next = later;
            }
        }
        queues
    }

    /// The oldest one that is still free.
    fn take(&mut self, key: &K, side: &Side) -> Option<u32> {
        let next = |place: u32| self.next.get(place as usize).copied().flatten();
        let first = self.first.get_mut(key)?;
        let is_free = |place: &u32| side.get(*place).is_some_and(|member| member.partner.is_none());
        let found = std::iter::successors(*first, |place| next(*place)).find(is_free);
        *first = found.and_then(next);
        found
    }
}

/// Which steps of two runs belong together.
struct Pairing {
    left: Side,
    right: Side,
    /// The left run's steps whose partner is alike with all that it rests on.
    alike: HashSet<u32>,
}

impl Pairing {
    fn join(&mut self, left: u32, right: u32) {
        if let (Some(one), Some(other)) = (self.left.0.get_mut(left as usize), self.right.0.get_mut(right as usize)) {
            (one.partner, other.partner) = (Some(right), Some(left));
        }
    }

    /// Pairs what is alike with all that it rests on.
    fn by_classes(&mut self) {
        let mut numbers = Numbers::default();
        let (left, right) = (self.left.classes(&mut numbers), self.right.classes(&mut numbers));
        let mut queues = Queues::new(&self.right, (0..).zip(right).collect::<Vec<_>>().into_iter().rev());
        for (place, class) in (0..).zip(left) {
            if let Some(partner) = queues.take(&class, &self.right) {
                self.join(place, partner);
                self.alike.insert(place);
            }
        }
    }

    /// Pairs steps of the same kind and role whose causes belong together: those that are alike first, then those that are less and less so.
    /// If `careful`, a step that looks like one of the other run, elsewhere, is not paired with one that looks different.
    fn by_causes(&mut self, careful: bool) {
        let looks = |side: &Side| side.free().map(|(_, member)| member.looks[0]).collect::<HashSet<u32>>();
        let (left_looks, right_looks) = (looks(&self.left), looks(&self.right));
        let mut numbers: Numbers<Vec<u32>> = Numbers::default();
        let free = self.right.free().rev();
        let free: Vec<(u32, [u32; VIEWS], u32)> =
            free.map(|(place, member)| (place, member.looks, numbers.of(member.causes.clone()))).collect();
        let mut queues: Vec<Queues<(u32, u32)>> = Vec::new();
        for view in 0..VIEWS {
            let fits = free.iter().filter(|(_, looks, _)| view == 0 || !careful || !left_looks.contains(&looks[0]));
            let keys = fits.filter_map(|(place, looks, causes)| Some((*place, (*looks.get(view)?, *causes))));
            queues.push(Queues::new(&self.right, keys));
        }
        for layer in self.left.layers() {
            // Their causes are in earlier layers, so it is settled what those belong together with.
            let member = |place: u32| {
                let member = self.left.get(place).filter(|member| member.partner.is_none())?;
                let causes = self.left.partners(&member.causes)?;
                Some((place, member.looks, *numbers.0.get(&causes)?))
            };
            let mut open: Vec<(u32, [u32; VIEWS], u32)> = layer.into_iter().filter_map(member).collect();
            for (view, queue) in queues.iter_mut().enumerate() {
                open.retain(|(place, looks, causes)| {
                    if view > 0 && careful && right_looks.contains(&looks[0]) {
                        return true;
                    }
                    let partner = looks.get(view).and_then(|look| queue.take(&(*look, *causes), &self.right));
                    partner.is_none_or(|partner| {
                        self.join(*place, partner);
                        false
                    })
                });
            }
        }
    }

    /// Pairs steps by what they look like alone, in order.
    fn by_looks(&mut self, view: usize) {
        let look = |(place, member): (u32, &Member)| Some((place, *member.looks.get(view)?));
        let mut queues = Queues::new(&self.right, self.right.free().rev().filter_map(look));
        let free: Vec<(u32, u32)> = self.left.free().filter_map(look).collect();
        for (place, look) in free {
            if let Some(partner) = queues.take(&look, &self.right) {
                self.join(place, partner);
            }
        }
    }

    fn answer(self) -> RunDiff {
        let mut diff = RunDiff::default();
        let mut same = HashSet::new();
        for (place, member) in self.left.members() {
            let other = member.partner.and_then(|partner| self.right.get(partner));
            let Some(other) = other else {
                diff.removed.push(member.node);
                continue;
            };
            let change = if self.alike.contains(&place) { None } else { self.change(member, other) };
            if let Some(change) = change {
                diff.changed.push((member.node, other.node, change));
            } else {
                diff.same.push((member.node, other.node));
                same.insert(place);
            }
        }
        diff.added = self.right.free().map(|(_, member)| member.node).collect();
        let left = self.left.members().find(|(place, _)| !same.contains(place));
        let is_same = |member: &Member| member.partner.is_some_and(|partner| same.contains(&partner));
        let right = self.right.members().find(|(_, member)| !is_same(member));
        diff.parts_at = (left.map(|(_, member)| member.node), right.map(|(_, member)| member.node));
        diff
    }

    /// In which way the steps of a pair differ.
    fn change(&self, step: &Member, other: &Member) -> Option<Change> {
        let ([whole, keys, shape, _], [other_whole, other_keys, other_shape, _]) = (step.looks, other.looks);
        if shape != other_shape {
            Some(Change::Shape)
        } else if keys != other_keys {
            Some(Change::Keys)
        } else if whole != other_whole {
            Some(Change::Payload)
        } else {
            (self.left.partners(&step.causes).as_ref() != Some(&other.causes)).then_some(Change::Causes)
        }
    }
}
