//! Carrying a plan out.

use batpak_core::{Query, SetFunction};

use super::names::{End, Names};
use super::plan::{Action, Step};
use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;
use crate::relation::Relation;

/// Candidates that are asked one by one whether they are ancestors, instead of sweeping over all of those.
const FEW: usize = 2048;
/// Events of the other side that each of them is asked about.
const FEW_SEEDS: usize = 4;
/// Events looked at for one such question before a sweep is thought to be cheaper. So few that no landmarks are made for it.
const STEPS_MAX: u64 = 256;

pub(super) struct Runner<'a, N> {
    graph: &'a Graph,
    names: &'a N,
}

impl<'a, N: Names> Runner<'a, N> {
    pub fn new(graph: &'a Graph, names: &'a N) -> Self {
        Self { graph, names }
    }

    pub fn run(&self, step: &mut Step) -> Result<NodeSet, N::Error> {
        self.within(step, None)
    }

    /// The events of a step. Whoever gives `bounds` cares only for events in there, and takes the intersection itself.
    fn within(&self, step: &mut Step, bounds: Option<&NodeSet>) -> Result<NodeSet, N::Error> {
        let mut found = match &step.action {
            Action::None => NodeSet::new(self.graph.len()),
            Action::All => self.visible(step),
            Action::Nodes(nodes) => NodeSet::of(self.graph.len(), nodes.iter().copied()),
            Action::Index(query) => self.index(query, step.upto, bounds)?,
            Action::IndexEnd(query, end, count) => {
                let mut found = NodeSet::new(self.graph.len());
                if let Some(last) = step.upto.checked_sub(1) {
                    let span = Node::new(0)..=Node::new(last);
                    self.names.some(query, span, *end, *count)?.into_iter().for_each(|node| found.insert(node));
                }
                found
            }
            Action::Since(time) => self.times(step, bounds, |event| event >= *time)?,
            Action::Until(time) => self.times(step, bounds, |event| event < *time)?,
            Action::Joins => self.listed(step, self.graph.joins()),
            Action::Forks => self.listed(step, self.graph.forks_until(step.upto)),
            Action::Dangling => self.listed(step, NodeSet::of(self.graph.len(), self.graph.dangling())),
            Action::Union => {
                let mut found = NodeSet::new(self.graph.len());
                for part in &mut step.parts {
                    found.unite(&self.within(part, bounds)?);
                }
                found
            }
            Action::Intersection => self.intersection(step, bounds)?,
            Action::Not => {
                let mut found = match bounds {
                    // What is asked about may hold events of the system that were named.
                    Some(bounds) => bounds.clone(),
                    None => self.visible(step),
                };
                found.truncate(step.upto);
                for part in &mut step.parts {
                    found.subtract(&self.within(part, bounds)?);
                }
                found
            }
            _ => self.over(step, bounds)?,
        };
        if let Some(bounds) = bounds {
            found.intersect(bounds);
        }
        step.found = Some(found.len());
        Ok(found)
    }

    /// Each part within what the earlier ones left.
    fn intersection(&self, step: &mut Step, bounds: Option<&NodeSet>) -> Result<NodeSet, N::Error> {
        let mut found = bounds.cloned();
        for part in &mut step.parts {
            let next = self.within(part, found.as_ref())?;
            let done = next.is_empty();
            found = Some(next);
            if done {
                break;
            }
        }
        Ok(found.unwrap_or_else(|| self.visible(step)))
    }

    /// The steps that follow edges from the events of their part.
    fn over(&self, step: &mut Step, bounds: Option<&NodeSet>) -> Result<NodeSet, N::Error> {
        let mut parts = step.parts.iter_mut().map(|part| self.within(part, None)).collect::<Result<Vec<_>, _>>()?;
        let Some(of) = parts.pop() else { return Ok(NodeSet::new(self.graph.len())) };
        let (graph, relation) = (self.graph, step.relation);
        let mut found = match step.action {
            Action::End(End::Newest, count) => first(&of, of.iter().rev(), count),
            Action::End(End::Oldest, count) => first(&of, of.iter(), count),
            Action::Causes(depth) => steps(&of, depth, |set| graph.causes_of(set, relation)),
            Action::Effects(depth) => steps(&of, depth, |set| graph.effects_of(set, relation)),
            Action::Ancestors(None) => {
                let (found, way) = self.ancestors(&of, relation, bounds);
                step.way = way;
                found
            }
            Action::Descendants(None) => {
                let (found, way) = self.descendants(&of, relation, bounds, step.upto);
                step.way = way;
                found
            }
            Action::Ancestors(Some(0)) | Action::Descendants(Some(0)) => NodeSet::new(graph.len()),
            Action::Ancestors(Some(depth)) => graph.ancestors_within(&of, depth - 1, relation),
            Action::Descendants(Some(depth)) => graph.descendants_within(&of, depth - 1, relation),
            Action::Between => match parts.pop() {
                Some(from) => graph.between(&from, &of, relation),
                None => of.clone(),
            },
            Action::Apply(function) => self.apply(function, &of, step),
            _ => of.clone(),
        };
        found.truncate(step.upto);
        self.hide_system(step, &mut found, &of);
        Ok(found)
    }

    fn apply(&self, function: SetFunction, of: &NodeSet, step: &Step) -> NodeSet {
        let (graph, relation) = (self.graph, step.relation);
        match function {
            SetFunction::Roots => graph.roots_of(of, relation),
            SetFunction::Heads => graph.heads_of(of, relation),
            SetFunction::Connected => graph.between(of, of, relation),
            SetFunction::ForkPoint => graph.best_common(of, relation),
            SetFunction::Dominators => graph.dominators(of),
            SetFunction::Chokepoints => graph.chokepoints(of),
            SetFunction::Must => graph.must(of),
            SetFunction::May => graph.may(of),
            SetFunction::Support => graph.support(of),
            SetFunction::Concurrent => {
                let mut found = graph.concurrent(of, relation);
                found.intersect(&self.visible(step));
                found
            }
            SetFunction::CriticalPath => NodeSet::of(graph.len(), graph.longest_path(of).nodes),
            SetFunction::Cut => graph.cut(of),
            SetFunction::Present => of.clone(),
        }
    }

    /// Ancestors: by asking the candidates one by one if they are few, else by a sweep down to the oldest of them.
    fn ancestors(&self, of: &NodeSet, relation: Relation, bounds: Option<&NodeSet>) -> (NodeSet, &'static str) {
        let Some(bounds) = bounds else { return (self.graph.ancestors(of, relation), "by a sweep") };
        if relation == Relation::Caused
            && let Some(found) = self.ask(bounds, of, |candidate, seed| (seed, candidate))
        {
            return (found, "by asking each candidate");
        }
        let floor = bounds.first().map_or(0, Node::number);
        (self.graph.ancestors_above(of, floor, relation), "by a sweep down to the oldest candidate")
    }

    /// Descendants, likewise.
    fn descendants(
        &self,
        of: &NodeSet,
        relation: Relation,
        bounds: Option<&NodeSet>,
        upto: u32,
    ) -> (NodeSet, &'static str) {
        let Some(bounds) = bounds else {
            return (self.graph.descendants_below(of, upto, relation), "by a sweep");
        };
        if relation == Relation::Caused
            && let Some(found) = self.ask(bounds, of, |candidate, seed| (candidate, seed))
        {
            return (found, "by asking each candidate");
        }
        let ceiling = bounds.last().map_or(0, |last| last.number().saturating_add(1)).min(upto);
        (self.graph.descendants_below(of, ceiling, relation), "by a sweep up to the newest candidate")
    }

    /// The candidates for which a pair of effect and cause is one; `None` if they, or the answers, are too many.
    fn ask(&self, bounds: &NodeSet, of: &NodeSet, pair: impl Fn(Node, Node) -> (Node, Node)) -> Option<NodeSet> {
        let seeds: Vec<Node> = of.iter().take(FEW_SEEDS + 1).collect();
        let candidates: Vec<Node> = bounds.iter().take(FEW + 1).collect();
        if seeds.len() > FEW_SEEDS || candidates.len() > FEW {
            return None;
        }
        let mut found = NodeSet::new(self.graph.len());
        for candidate in candidates {
            for seed in &seeds {
                let (effect, cause) = pair(candidate, *seed);
                if effect == cause || self.graph.caused_by_within(effect, cause, STEPS_MAX)? {
                    found.insert(candidate);
                    break;
                }
            }
        }
        Some(found)
    }

    /// Everything in view.
    fn visible(&self, step: &Step) -> NodeSet {
        let mut all = NodeSet::full(self.graph.len());
        all.truncate(step.upto);
        if !step.system {
            self.graph.system().for_each(|node| all.remove(node));
        }
        all
    }

    /// What of a list is in view.
    fn listed(&self, step: &Step, mut found: NodeSet) -> NodeSet {
        found.truncate(step.upto);
        self.hide_system(step, &mut found, &NodeSet::new(0));
        found
    }

    /// Takes the system's events out that were not named.
    fn hide_system(&self, step: &Step, found: &mut NodeSet, named: &NodeSet) {
        if !step.system {
            self.graph.system().filter(|node| !named.contains(*node)).for_each(|node| found.remove(node));
        }
    }

    fn index(&self, query: &Query, upto: u32, bounds: Option<&NodeSet>) -> Result<NodeSet, N::Error> {
        let mut found = NodeSet::new(self.graph.len());
        let Some(last) = upto.checked_sub(1) else { return Ok(found) };
        let (first, last) = match bounds.map(|bounds| (bounds.first(), bounds.last())) {
            None => (0, last),
            Some((Some(first), Some(newest))) => (first.number(), newest.number().min(last)),
            Some(_) => return Ok(found),
        };
        if first <= last {
            self.names.select(query, Node::new(first)..=Node::new(last), &mut found)?;
        }
        Ok(found)
    }

    fn times(&self, step: &Step, bounds: Option<&NodeSet>, passes: impl Fn(i64) -> bool) -> Result<NodeSet, N::Error> {
        let mut found = bounds.cloned().unwrap_or_else(|| self.visible(step));
        found.truncate(step.upto);
        self.names.keep_times(&mut found, passes)?;
        Ok(found)
    }
}

/// So many steps from a set on; from nothing, nothing is reached.
fn steps(of: &NodeSet, depth: u32, step: impl Fn(&NodeSet) -> NodeSet) -> NodeSet {
    let mut found = of.clone();
    for _ in 0..depth {
        if found.is_empty() {
            break;
        }
        found = step(&found);
    }
    found
}

/// The first `count` nodes of an order.
fn first(of: &NodeSet, nodes: impl Iterator<Item = Node>, count: u64) -> NodeSet {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    NodeSet::of(of.events(), nodes.take(count))
}
