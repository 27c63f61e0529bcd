//! What a set expression is made of, once it is read.

use std::hash::{Hash, Hasher};

use smol_str::SmolStr;

use crate::name::{Entity, Scope};
use crate::position::{Position, Revision};
use crate::query::Term;

/// An expression for a set of events.
///
/// A parsed one is at most [`SET_DEPTH_MAX`](crate::SET_DEPTH_MAX) nodes high and has at most
/// [`SET_NODES_MAX`](crate::SET_NODES_MAX) nodes, so an evaluator may recurse over it. Nothing bounds one that was put
/// together in code.
///
/// Two sets are equal if their nodes are: the place in the text does not count.
#[derive(Clone, Debug)]
pub struct Set {
    /// The byte of the text at which it starts; for what an alias stands for, where the alias is used.
    pub at: usize,
    /// What it is.
    pub node: SetNode,
}

impl Set {
    /// An expression that starts at a byte of its text.
    #[must_use]
    pub const fn new(at: usize, node: SetNode) -> Self {
        Self { at, node }
    }
}

impl From<SetNode> for Set {
    /// The expression without a text: at byte 0.
    fn from(node: SetNode) -> Self {
        Self::new(0, node)
    }
}

impl PartialEq for Set {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl Eq for Set {}

impl Hash for Set {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.node.hash(state);
    }
}

/// One operator, function or literal of a set expression.
///
/// The parser returns `Union` and `Intersection` with two members or more, none of them of the same kind, and
/// `Parents` of `Parents` and `Children` of `Children` as one node with the sum of the depths.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SetNode {
    /// Every event: `all()`, `::`, `..`.
    All,
    /// No event: `none()`.
    None,
    /// The newest event in view: `@`.
    Head,
    /// The event at a position: `173688`.
    Position(Position),
    /// The event whose id starts with these hexadecimal digits: 1 to 32 of them, in lower case, without hyphens.
    Id(SmolStr),
    /// One event of a stream: `order-1@3`, `billing/order-1@3`.
    Revision {
        /// The space of the entity; without it, every one is tried.
        scope: Option<Scope>,
        /// What the stream is about.
        entity: Entity,
        /// The place in the stream.
        revision: Revision,
    },
    /// The event that was imported from this source: see [`EventId::from_source`](crate::EventId::from_source).
    Source {
        /// Its name in the other system.
        source: String,
        /// The scope that its id was made with; without it, every one is tried.
        scope: Option<Scope>,
    },
    /// Events with such a name: `kind(p)`, `scope(p)`, `entity(p)`, `tag(p)`, `correlation(p)`.
    Term(Term),
    /// The same, with the system's events let in.
    System(Box<Set>),
    /// Events at or after a time, whose text whoever evaluates reads.
    Since(SmolStr),
    /// Events before a time, whose text whoever evaluates reads.
    Until(SmolStr),
    /// The set as it was at a place in the log.
    At {
        /// All digits: the last position in view. Anything else: the text of a time.
        place: SmolStr,
        /// The set.
        of: Box<Set>,
    },
    /// Events with two or more causes.
    Joins,
    /// Events with two or more effects.
    Forks,
    /// Events that name a cause which is not there.
    Dangling,
    /// Events of any of these.
    Union(Vec<Set>),
    /// Events of all of these; `a ~ b` is `a` and `Not(b)`.
    Intersection(Vec<Set>),
    /// Events that are not in the set.
    Not(Box<Set>),
    /// Causes: `x-`, `parents(x, depth)`.
    Parents {
        /// Whose causes.
        of: Box<Set>,
        /// Exactly this many steps.
        depth: u32,
    },
    /// Effects: `x+`, `children(x, depth)`.
    Children {
        /// Whose effects.
        of: Box<Set>,
        /// Exactly this many steps.
        depth: u32,
    },
    /// Causes, theirs and so on, with the set itself: `::x`, `..x`, `ancestors(x, depth)`.
    Ancestors {
        /// Whose.
        of: Box<Set>,
        /// Fewer steps than this: 1 is the set itself, 0 is nothing. `None` is without a limit.
        depth: Option<u32>,
    },
    /// Effects, theirs and so on, with the set itself: `x::`, `descendants(x, depth)`.
    Descendants {
        /// Whose.
        of: Box<Set>,
        /// Fewer steps than this: 1 is the set itself, 0 is nothing. `None` is without a limit.
        depth: Option<u32>,
    },
    /// Descendants of the first that are ancestors of the second: `x::y`.
    Between(Box<Set>, Box<Set>),
    /// Ancestors of the second that are no ancestors of the first: `x..y`.
    Range(Box<Set>, Box<Set>),
    /// The last ones by position.
    Latest {
        /// Of which.
        of: Box<Set>,
        /// How many at most.
        count: u64,
    },
    /// The first ones by position.
    Earliest {
        /// Of which.
        of: Box<Set>,
        /// How many at most.
        count: u64,
    },
    /// A function of one set.
    Apply(SetFunction, Box<Set>),
    /// The set, where every operator and function within follows another relation than *caused*.
    Under(SetRelation, Box<Set>),
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$member_doc])* $member,)*
        }

        impl $name {
            /// The name of the function in the text form.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$member => $text,)*
                }
            }

            /// The function with this name.
            pub(super) fn of_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$member),)*
                    _ => None,
                }
            }
        }
    };
}

named! {
    /// A function of one set and nothing else.
    SetFunction {
        /// Those with no ancestor in the set.
        Roots = "roots",
        /// Those with no descendant in the set.
        Heads = "heads",
        /// The best common ancestors: common ancestors of all, without a descendant that is one.
        ForkPoint = "fork_point",
        /// The set and all between its events.
        Connected = "connected",
        /// Events on every path from the roots of the log to each event of the set.
        Dominators = "dominators",
        /// Events of the set on every path through it.
        Chokepoints = "chokepoints",
        /// What could not have happened without the set.
        Must = "must",
        /// What might not have happened without the set.
        May = "may",
        /// The roots that the set could not have happened without.
        Support = "support",
        /// Events that are neither ancestors nor descendants.
        Concurrent = "concurrent",
        /// The longest chain of causes within the set.
        CriticalPath = "critical_path",
        /// The smallest part of the log that holds the set and is closed under causes and streams.
        Cut = "cut",
        /// The set, or nothing if an event that it names does not exist.
        Present = "present",
    }
}

named! {
    /// A relation that the operators and functions within can follow instead of *caused*.
    SetRelation {
        /// Caused, or an earlier event of the same stream.
        HappenedBefore = "hb",
        /// Caused, or read by the decision that permitted it.
        Observed = "observed",
    }
}
