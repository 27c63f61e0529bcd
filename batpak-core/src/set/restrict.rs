//! Sets that are queries, and queries as sets.

use super::node::{Set, SetNode};
use crate::error::{CoreError, ParseError};
use crate::query::{Query, QueryItem, intersect};

const CAUSES: &str = "asks for the causal graph; a query is answered by the index alone";
const TIMES: &str = "asks for times; a query goes by names alone";
const PLACES: &str = "asks for single events; a query goes by names alone";

/// Why a set is no query.
enum Refusal<'s> {
    /// It says something that no query can.
    Beyond(&'s Set),
    /// It is a query of too many items, or terms.
    TooMuch(usize, String),
}

impl Set {
    /// The query that gives the same events: no literal but names, no operator but `&` and `|`, no function but `system`.
    ///
    /// # Errors
    /// [`CoreError::Query`] at the byte of what no query can say, or if it has more than
    /// [`QUERY_ITEMS_MAX`](crate::QUERY_ITEMS_MAX) items or [`QUERY_TERMS_MAX`](crate::query::QUERY_TERMS_MAX) terms in one.
    pub fn to_query(&self) -> Result<Query, CoreError> {
        let error = match self.lower() {
            Ok(query) => return Ok(query),
            Err(Refusal::TooMuch(at, message)) => ParseError::new(at, message),
            Err(Refusal::Beyond(set)) => beyond(set),
        };
        Err(error.into())
    }

    /// The query that gives the same events, if there is one. Cost: a walk over the set up to the first node that is none.
    #[must_use]
    pub fn as_query(&self) -> Option<Query> {
        self.lower().ok()
    }

    fn lower(&self) -> Result<Query, Refusal<'_>> {
        match &self.node {
            SetNode::All => Ok(Query::all()),
            SetNode::None => Ok(Query::none()),
            SetNode::Term(term) => Ok(Query::from(QueryItem { terms: vec![term.clone()], system: false })),
            SetNode::System(of) => Ok(of.lower()?.system(true)),
            SetNode::Union(members) => {
                let mut query = Query::none();
                for member in members {
                    query.items.append(&mut member.lower()?.items);
                    query.check_counts().map_err(|message| Refusal::TooMuch(member.at, message))?;
                }
                Ok(query)
            }
            SetNode::Intersection(members) => {
                let Some((first, rest)) = members.split_first() else { return Ok(Query::all()) };
                rest.iter().try_fold(first.lower()?, |query, member| {
                    intersect(query, &member.lower()?).map_err(|message| Refusal::TooMuch(member.at, message))
                })
            }
            _ => Err(Refusal::Beyond(self)),
        }
    }
}

/// What is no query, named as it is written.
fn beyond(set: &Set) -> ParseError {
    let name = |name: &str| format!("`{name}`");
    let (what, hint) = match &set.node {
        SetNode::Head => (name("@"), PLACES),
        SetNode::Position(position) => (format!("position `{position}`"), PLACES),
        SetNode::Id(_) => (name("id"), PLACES),
        SetNode::Revision { .. } => ("a revision".to_owned(), PLACES),
        SetNode::Source { .. } => (name("source"), PLACES),
        SetNode::Since(_) => (name("since"), TIMES),
        SetNode::Until(_) => (name("until"), TIMES),
        SetNode::At { .. } => (name("at"), TIMES),
        SetNode::Latest { .. } => (name("latest"), "counts events; a query is every event of such names"),
        SetNode::Earliest { .. } => (name("earliest"), "counts events; a query is every event of such names"),
        SetNode::Not(of) if !matches!(of.node, SetNode::Ancestors { .. }) => {
            let error = ParseError::new(set.at, "`~` is no query");
            return error.hint("a query knows `&`, `|` and parentheses, not `~`");
        }
        SetNode::Not(_) | SetNode::Range(..) => (name(".."), CAUSES),
        SetNode::Ancestors { .. } | SetNode::Descendants { .. } | SetNode::Between(..) => (name("::"), CAUSES),
        SetNode::Parents { .. } => (name("-"), CAUSES),
        SetNode::Children { .. } => (name("+"), CAUSES),
        SetNode::Joins => (name("joins"), CAUSES),
        SetNode::Forks => (name("forks"), CAUSES),
        SetNode::Dangling => (name("dangling"), CAUSES),
        SetNode::Apply(function, _) => (name(function.name()), CAUSES),
        SetNode::Under(relation, _) => (name(relation.name()), CAUSES),
        SetNode::All
        | SetNode::None
        | SetNode::Term(_)
        | SetNode::System(_)
        | SetNode::Union(_)
        | SetNode::Intersection(_) => (name("this"), CAUSES),
    };
    ParseError::new(set.at, format!("{what} is no query")).hint(format!("{what} {hint}"))
}

impl From<Query> for Set {
    /// The same events; [`to_query`](Set::to_query) gives the query back.
    fn from(query: Query) -> Self {
        let mut items: Vec<Self> = query.items.into_iter().map(Self::from).collect();
        match (items.pop(), items.is_empty()) {
            (None, _) => SetNode::None.into(),
            (Some(only), true) => only,
            (Some(last), false) => {
                items.push(last);
                SetNode::Union(items).into()
            }
        }
    }
}

impl From<QueryItem> for Set {
    fn from(item: QueryItem) -> Self {
        let mut terms: Vec<Self> = item.terms.into_iter().map(|term| SetNode::Term(term).into()).collect();
        let set = match (terms.pop(), terms.is_empty()) {
            (None, _) => SetNode::All.into(),
            (Some(only), true) => only,
            (Some(last), false) => {
                terms.push(last);
                SetNode::Intersection(terms).into()
            }
        };
        if item.system { SetNode::System(Box::new(set)).into() } else { set }
    }
}
