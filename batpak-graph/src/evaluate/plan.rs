//! From an expression to a plan: literals become events, names become queries of the log's indexes, members are put in order.

use batpak_core::{ParseError, Query, Set, SetFunction, SetNode, SetRelation};

use super::names::{End, Named, Names};
use crate::graph::Graph;
use crate::node::Node;
use crate::relation::Relation;

/// One step of a plan, with those it builds on.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub action: Action,
    pub parts: Vec<Step>,
    /// Events at or after this node are not in view.
    pub upto: u32,
    pub relation: Relation,
    /// Whether the system's events are let in.
    pub system: bool,
    /// How many events it gave; `None` if it did not have to run.
    pub found: Option<usize>,
    /// In which way, where there are several.
    pub way: &'static str,
}

/// What a step does with its parts.
#[derive(Clone, Debug)]
pub(super) enum Action {
    None,
    All,
    /// Literals.
    Nodes(Vec<Node>),
    /// The log's indexes.
    Index(Query),
    /// The first events of a query from one end.
    IndexEnd(Query, End, u64),
    /// The first events of a set from one end.
    End(End, u64),
    Since(i64),
    Until(i64),
    Joins,
    Forks,
    Dangling,
    Union,
    /// The parts in the order in which they run.
    Intersection,
    Not,
    Causes(u32),
    Effects(u32),
    Ancestors(Option<u32>),
    Descendants(Option<u32>),
    Between,
    Apply(SetFunction),
}

/// What holds for a part of an expression.
#[derive(Clone, Copy)]
struct Context {
    upto: u32,
    relation: Relation,
    system: bool,
}

/// Why there is no plan.
pub(super) enum Fault<E> {
    /// A literal names no event in view, which [`SetFunction::Present`] forgives.
    Missing(ParseError),
    /// Something else is wrong with the expression.
    Text(ParseError),
    /// The log could not be read.
    Names(E),
}

pub(super) struct Planner<'a, N> {
    graph: &'a Graph,
    names: &'a N,
}

/// Costs of steps, relative to one another: what is cheap runs first and bounds the rest.
mod cost {
    pub const LITERAL: u8 = 0;
    pub const INDEX: u8 = 1;
    pub const LIST: u8 = 2;
    pub const SWEEP: u8 = 4;
    pub const WHOLE: u8 = 5;
    pub const EVENTS: u8 = 7;
}

impl<'a, N: Names> Planner<'a, N> {
    pub fn new(graph: &'a Graph, names: &'a N) -> Self {
        Self { graph, names }
    }

    pub fn plan(&self, set: &Set) -> Result<Step, Fault<N::Error>> {
        self.step(set, Context { upto: self.graph.len(), relation: Relation::Caused, system: false })
    }

    fn step(&self, set: &Set, context: Context) -> Result<Step, Fault<N::Error>> {
        let leaf = |action| Ok(Step::new(action, Vec::new(), context));
        let over = |action, of: &Set| Ok(Step::new(action, vec![self.step(of, context)?], context));
        if let SetNode::Term(_) | SetNode::Union(_) | SetNode::Intersection(_) | SetNode::System(_) = &set.node
            && let Some(query) = set.as_query()
        {
            return leaf(index(query, context));
        }
        match &set.node {
            SetNode::All => leaf(Action::All),
            SetNode::None => leaf(Action::None),
            SetNode::Head
            | SetNode::Position(_)
            | SetNode::Id(_)
            | SetNode::Revision { .. }
            | SetNode::Source { .. } => leaf(Action::Nodes(self.literal(set, context)?)),
            // A term alone is always a query, and was taken above.
            SetNode::Term(_) => leaf(Action::None),
            SetNode::System(of) => self.step(of, Context { system: true, ..context }),
            SetNode::Since(text) => leaf(Action::Since(self.time(set.at, text)?)),
            SetNode::Until(text) => leaf(Action::Until(self.time(set.at, text)?)),
            SetNode::At { place, of } => {
                let upto = self.place(set.at, place, context)?;
                self.step(of, Context { upto, ..context })
            }
            SetNode::Joins => leaf(Action::Joins),
            SetNode::Forks => leaf(Action::Forks),
            SetNode::Dangling => leaf(Action::Dangling),
            SetNode::Union(members) => {
                let parts = members.iter().map(|member| self.step(member, context));
                Ok(Step::new(Action::Union, parts.collect::<Result<_, _>>()?, context))
            }
            SetNode::Intersection(members) => self.intersection(members.iter(), context),
            SetNode::Not(of) => over(Action::Not, of),
            SetNode::Parents { of, depth } => over(Action::Causes(*depth), of),
            SetNode::Children { of, depth } => over(Action::Effects(*depth), of),
            SetNode::Ancestors { of, depth } => over(Action::Ancestors(*depth), of),
            SetNode::Descendants { of, depth } => over(Action::Descendants(*depth), of),
            SetNode::Between(from, to) => {
                Ok(Step::new(Action::Between, vec![self.step(from, context)?, self.step(to, context)?], context))
            }
            SetNode::Range(from, to) => {
                let past = |of| over(Action::Ancestors(None), of);
                let not = Step::new(Action::Not, vec![past(from)?], context);
                Ok(Step::new(Action::Intersection, vec![past(to)?, not], context))
            }
            SetNode::Latest { of, count } => self.end(of, End::Newest, *count, context),
            SetNode::Earliest { of, count } => self.end(of, End::Oldest, *count, context),
            SetNode::Apply(SetFunction::Present, of) => match self.step(of, context) {
                Err(Fault::Missing(_)) => leaf(Action::None),
                other => other,
            },
            SetNode::Apply(function, of) => {
                if context.relation != Relation::Caused && !follows_any_relation(*function) {
                    let name = function.name();
                    let message = format!("`{name}` is about declared causes alone");
                    let hint = format!("take `{name}(..)` out of the function that changes the relation");
                    return Err(Fault::Text(ParseError::new(set.at, message).hint(hint)));
                }
                if *function == SetFunction::Cut && !self.graph.follows_streams() {
                    return Err(Fault::Text(no_streams(set.at)));
                }
                over(Action::Apply(*function), of)
            }
            SetNode::Under(relation, of) => {
                let relation = match relation {
                    SetRelation::HappenedBefore if !self.graph.follows_streams() => {
                        return Err(Fault::Text(no_streams(set.at)));
                    }
                    SetRelation::HappenedBefore => Relation::HappenedBefore,
                    SetRelation::Observed => Relation::Observed,
                };
                self.step(of, Context { relation, ..context })
            }
        }
    }

    /// One query for all members that are queries, then the others by their cost.
    fn intersection<'s>(
        &self,
        members: impl Iterator<Item = &'s Set>,
        context: Context,
    ) -> Result<Step, Fault<N::Error>> {
        let mut query: Option<Query> = None;
        let mut parts = Vec::new();
        for member in members {
            let joined = member.as_query().and_then(|other| match &query {
                Some(query) => query.clone().and(&other).ok(),
                None => Some(other),
            });
            match joined {
                Some(joined) => query = Some(joined),
                None => parts.push(self.step(member, context)?),
            }
        }
        parts.extend(query.map(|query| Step::new(index(query, context), Vec::new(), context)));
        parts.sort_by_key(Step::cost);
        Ok(Step::new(Action::Intersection, parts, context))
    }

    fn end(&self, of: &Set, end: End, count: u64, context: Context) -> Result<Step, Fault<N::Error>> {
        if let Some(query) = of.as_query() {
            let query = if context.system { query.system(true) } else { query };
            return Ok(Step::new(Action::IndexEnd(query, end, count), Vec::new(), context));
        }
        Ok(Step::new(Action::End(end, count), vec![self.step(of, context)?], context))
    }

    /// The events of a literal, which must be there.
    fn literal(&self, set: &Set, context: Context) -> Result<Vec<Node>, Fault<N::Error>> {
        let missing = |message: String| Fault::Missing(ParseError::new(set.at, format!("there is no event {message}")));
        let in_view = |named: &Named| named.node.number() < context.upto;
        let found = match &set.node {
            SetNode::Head => {
                let system: Vec<Node> = if context.system { Vec::new() } else { self.graph.system().collect() };
                let head = (0..context.upto).rev().map(Node::new).find(|node| system.binary_search(node).is_err());
                return head.map(|head| vec![head]).ok_or_else(|| missing("in view".to_owned()));
            }
            SetNode::Position(position) => {
                let node = Node::at(*position).filter(|node| node.number() < context.upto);
                let newest = context.upto;
                return node
                    .map(|node| vec![node])
                    .ok_or_else(|| missing(format!("at position {position}: the newest in view is {newest}")));
            }
            SetNode::Id(digits) => self.names.id(digits),
            SetNode::Source { source, scope } => self.names.source(source, scope.as_ref()),
            SetNode::Revision { scope, entity, revision } => self.names.revision(scope.as_ref(), entity, *revision),
            _ => return Ok(Vec::new()),
        };
        let mut found = found.map_err(Fault::Names)?;
        found.retain(in_view);
        match found.as_slice() {
            [] => Err(missing(format!("`{set}`"))),
            [one] => Ok(vec![one.node]),
            several => {
                let texts: Vec<_> = several.iter().take(4).map(|named| format!("`{}`", named.text)).collect();
                let error = ParseError::new(set.at, format!("`{set}` could be several events"));
                Err(Fault::Text(error.hint(format!("say which: {}", texts.join(", ")))))
            }
        }
    }

    fn time(&self, at: usize, text: &str) -> Result<i64, Fault<N::Error>> {
        self.names.time(text).map_err(|message| Fault::Text(ParseError::new(at, message)))
    }

    /// The first node that is not in view at a place.
    fn place(&self, at: usize, place: &str, context: Context) -> Result<u32, Fault<N::Error>> {
        let upto = if place.bytes().all(|byte| byte.is_ascii_digit()) {
            place.parse::<u64>().map_or(u32::MAX, |position| u32::try_from(position).unwrap_or(u32::MAX))
        } else {
            let time = self.time(at, place)?;
            self.names.recorded_by(time).map_err(Fault::Names)?
        };
        Ok(upto.min(context.upto))
    }
}

fn no_streams(at: usize) -> ParseError {
    ParseError::new(at, "this graph does not keep the order of streams")
}

/// Whether a function means something for every relation.
const fn follows_any_relation(function: SetFunction) -> bool {
    matches!(
        function,
        SetFunction::Roots
            | SetFunction::Heads
            | SetFunction::Connected
            | SetFunction::Concurrent
            | SetFunction::Cut
            | SetFunction::Present
    )
}

fn index(query: Query, context: Context) -> Action {
    if query.items.is_empty() {
        return Action::None;
    }
    if !context.system && query == Query::all() {
        return Action::All;
    }
    let query = if context.system { query.system(true) } else { query };
    Action::Index(query)
}

impl Step {
    fn new(action: Action, parts: Vec<Self>, context: Context) -> Self {
        let Context { upto, relation, system } = context;
        Self { action, parts, upto, relation, system, found: None, way: "" }
    }

    fn cost(&self) -> u8 {
        let own = match &self.action {
            Action::None | Action::Nodes(_) => cost::LITERAL,
            Action::Index(_) | Action::IndexEnd(..) => cost::INDEX,
            Action::All | Action::Dangling | Action::Union | Action::Intersection | Action::Not | Action::End(..) => {
                cost::LIST
            }
            Action::Causes(_)
            | Action::Effects(_)
            | Action::Ancestors(_)
            | Action::Descendants(_)
            | Action::Between => cost::SWEEP,
            Action::Joins | Action::Forks | Action::Apply(_) => cost::WHOLE,
            Action::Since(_) | Action::Until(_) => cost::EVENTS,
        };
        // What is left out bounds nothing: it runs once the rest is known.
        let own = if matches!(self.action, Action::Not) { cost::WHOLE } else { own };
        self.parts.iter().map(Self::cost).fold(own, u8::max)
    }
}
