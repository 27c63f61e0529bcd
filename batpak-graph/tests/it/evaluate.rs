//! Expressions: what is planned and run against the meaning of the words.

use std::collections::BTreeSet;

use batpak_core::{Set, SetFunction, SetNode, SetRelation};
use batpak_graph::{EvaluateError, Graph, Node, Relation};
use proptest::prelude::*;

use crate::naive;
use crate::named::{Described, Log, time};
use crate::shapes::{Events, events, graph};

type Numbers = BTreeSet<u32>;

/// The meaning of an expression, by definition.
struct Meaning<'a> {
    events: &'a Events,
    caused: Vec<Numbers>,
    before: Vec<Numbers>,
}

#[derive(Clone, Copy)]
struct Context {
    upto: u32,
    relation: Relation,
}

impl<'a> Meaning<'a> {
    fn new(events: &'a Events) -> Self {
        let reach = |relation| naive::reach(events, relation);
        Self { events, caused: reach(Relation::Caused), before: reach(Relation::HappenedBefore) }
    }

    fn all(context: Context) -> Numbers {
        (0..context.upto).collect()
    }

    fn past(&self, set: &Numbers, relation: Relation) -> Numbers {
        let reach = if relation == Relation::HappenedBefore { &self.before } else { &self.caused };
        set.iter().flat_map(|node| reach[*node as usize].iter().copied()).collect()
    }

    fn future(&self, set: &Numbers, context: Context) -> Numbers {
        let reach = if context.relation == Relation::HappenedBefore { &self.before } else { &self.caused };
        Self::all(context).into_iter().filter(|node| !reach[*node as usize].is_disjoint(set)).collect()
    }

    fn causes(&self, set: &Numbers, relation: Relation) -> Numbers {
        set.iter().flat_map(|node| naive::back(self.events, *node, relation)).collect()
    }

    fn effects(&self, set: &Numbers, context: Context) -> Numbers {
        let rests = |node: &u32| !naive::back(self.events, *node, context.relation).is_disjoint(set);
        Self::all(context).into_iter().filter(rests).collect()
    }

    /// `None` if a literal in it names no event.
    fn of(&self, set: &Set, context: Context) -> Option<Numbers> {
        let of = |set: &Set| self.of(set, context);
        let difference = |left: Numbers, right: &Numbers| left.difference(right).copied().collect::<Numbers>();
        Some(match &set.node {
            SetNode::All => Self::all(context),
            SetNode::None => Numbers::new(),
            SetNode::Head => Numbers::from([context.upto.checked_sub(1)?]),
            SetNode::Position(position) => {
                let node = u32::try_from(position.get().checked_sub(1)?).ok()?;
                Numbers::from([(node < context.upto).then_some(node)?])
            }
            SetNode::Term(term) => {
                Self::all(context).into_iter().filter(|node| term.matches(&Described(*node))).collect()
            }
            SetNode::System(set) => of(set)?,
            SetNode::Since(text) => self.timed(text, context, |at, limit| at >= limit),
            SetNode::Until(text) => self.timed(text, context, |at, limit| at < limit),
            SetNode::At { place, of } => {
                self.of(of, Context { upto: place.parse::<u32>().unwrap().min(context.upto), ..context })?
            }
            SetNode::Joins => {
                Self::all(context).into_iter().filter(|node| self.events[*node as usize].causes.len() > 1).collect()
            }
            SetNode::Forks => {
                let caused = Context { relation: Relation::Caused, ..context };
                let forks = |node: &u32| self.effects(&Numbers::from([*node]), caused).len() > 1;
                Self::all(context).into_iter().filter(forks).collect()
            }
            SetNode::Dangling => {
                let dangles = |node: &u32| !self.events[*node as usize].missing.is_empty();
                Self::all(context).into_iter().filter(dangles).collect()
            }
            SetNode::Union(members) => {
                let members: Option<Vec<Numbers>> = members.iter().map(of).collect();
                members?.into_iter().flatten().collect()
            }
            SetNode::Intersection(members) => {
                let members: Option<Vec<Numbers>> = members.iter().map(of).collect();
                members?.into_iter().reduce(|left, right| left.intersection(&right).copied().collect())?
            }
            SetNode::Not(set) => difference(Self::all(context), &of(set)?),
            SetNode::Parents { of: set, depth } => {
                (0..*depth).fold(of(set)?, |set, _| self.causes(&set, context.relation))
            }
            SetNode::Children { of: set, depth } => (0..*depth).fold(of(set)?, |set, _| self.effects(&set, context)),
            SetNode::Ancestors { of: set, depth: None } => self.past(&of(set)?, context.relation),
            SetNode::Descendants { of: set, depth: None } => self.future(&of(set)?, context),
            SetNode::Ancestors { of: set, depth: Some(depth) } => {
                self.within(&of(set)?, *depth, |set| self.causes(set, context.relation))
            }
            SetNode::Descendants { of: set, depth: Some(depth) } => {
                self.within(&of(set)?, *depth, |set| self.effects(set, context))
            }
            SetNode::Between(from, to) => {
                let future = self.future(&of(from)?, context);
                self.past(&of(to)?, context.relation).intersection(&future).copied().collect()
            }
            SetNode::Range(from, to) => {
                let known = self.past(&of(from)?, context.relation);
                difference(self.past(&of(to)?, context.relation), &known)
            }
            SetNode::Latest { of: set, count } => of(set)?.into_iter().rev().take(*count as usize).collect(),
            SetNode::Earliest { of: set, count } => of(set)?.into_iter().take(*count as usize).collect(),
            SetNode::Apply(function, set) => {
                let Some(set) = of(set) else {
                    return (*function == SetFunction::Present).then(Numbers::new);
                };
                self.apply(*function, set, context)
            }
            SetNode::Under(SetRelation::HappenedBefore, set) => {
                self.of(set, Context { relation: Relation::HappenedBefore, ..context })?
            }
            SetNode::Under(SetRelation::Observed, set) => {
                self.of(set, Context { relation: Relation::Observed, ..context })?
            }
            SetNode::Id(_) | SetNode::Revision { .. } | SetNode::Source { .. } => unreachable!("not generated"),
        })
    }

    fn timed(&self, text: &str, context: Context, passes: impl Fn(i64, i64) -> bool) -> Numbers {
        let limit = text[1..].parse().unwrap();
        Self::all(context).into_iter().filter(|node| passes(time(*node), limit)).collect()
    }

    fn within(&self, set: &Numbers, depth: u32, step: impl Fn(&Numbers) -> Numbers) -> Numbers {
        if depth == 0 {
            return Numbers::new();
        }
        (1..depth).fold(set.clone(), |set, _| set.iter().copied().chain(step(&set)).collect())
    }

    fn apply(&self, function: SetFunction, set: Numbers, context: Context) -> Numbers {
        let proper = |of: &u32| {
            let mut past = self.past(&Numbers::from([*of]), context.relation);
            past.remove(of);
            past
        };
        match function {
            SetFunction::Present => set,
            SetFunction::Roots => set.iter().copied().filter(|node| proper(node).is_disjoint(&set)).collect(),
            SetFunction::Heads => {
                let below: Numbers = set.iter().flat_map(proper).collect();
                set.difference(&below).copied().collect()
            }
            SetFunction::Connected => {
                let future = self.future(&set, context);
                self.past(&set, context.relation).intersection(&future).copied().collect()
            }
            SetFunction::Concurrent => {
                let mut rest = Self::all(context);
                rest.retain(|node| !self.past(&set, context.relation).contains(node));
                let future = self.future(&set, context);
                rest.difference(&future).copied().collect()
            }
            SetFunction::May => self.future(&set, Context { relation: Relation::Caused, ..context }),
            SetFunction::Cut => self.past(&set, Relation::HappenedBefore),
            _ => unreachable!("not generated: has tests of its own"),
        }
    }
}

fn function() -> impl Strategy<Value = SetFunction> {
    proptest::sample::select(vec![
        SetFunction::Present,
        SetFunction::Roots,
        SetFunction::Heads,
        SetFunction::Connected,
        SetFunction::Concurrent,
        SetFunction::Cut,
    ])
}

/// The texts of leaves.
fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("all()".to_owned()),
        1 => Just("none()".to_owned()),
        1 => Just("@".to_owned()),
        4 => (1..90_u32).prop_map(|position| position.to_string()),
        1 => proptest::sample::select(vec!["kind(a)", "kind(glob:\"*\")", "kind(regex:\"a|b\")", "entity(x)", "tag(prefix:t)"])
            .prop_map(str::to_owned),
        1 => (0..900_i64).prop_map(|at| format!("since(t{at})")),
        1 => (0..900_i64).prop_map(|at| format!("until(t{at})")),
        1 => Just("joins()".to_owned()),
        1 => Just("forks()".to_owned()),
        1 => Just("dangling()".to_owned()),
    ]
}

/// The texts of expressions.
fn text() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        let one = inner.clone();
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (two.clone(), proptest::sample::select(vec!["|", "&", "~", "::", ".."]))
                .prop_map(|((left, right), sign)| format!("({left}){sign}({right})")),
            (one.clone(), proptest::sample::select(vec!["::{}", "{}::", "~{}", "{}-", "{}+", "{}..", "..{}", "{}--"]))
                .prop_map(|(of, form)| form.replace("{}", &format!("({of})"))),
            (one.clone(), function()).prop_map(|(of, function)| format!("{}({of})", function.name())),
            (one.clone(), 0..4_u32).prop_map(|(of, depth)| format!("ancestors({of}, {depth})")),
            (one.clone(), 0..4_u32).prop_map(|(of, depth)| format!("descendants({of}, {depth})")),
            (one.clone(), 0..4_u32).prop_map(|(of, count)| format!("latest({of}, {count})")),
            (one.clone(), 0..4_u32).prop_map(|(of, count)| format!("earliest({of}, {count})")),
            (one.clone(), 0..90_u32).prop_map(|(of, place)| format!("at({place}, {of})")),
            one.clone().prop_map(|of| format!("hb({of})")),
            one.prop_map(|of| format!("observed({of})")),
        ]
    })
}

fn numbers(graph: &Graph, text: &str) -> Result<Numbers, EvaluateError<std::convert::Infallible>> {
    let set = Set::parse(text).expect("it parses");
    let found = graph.evaluate(&set, &Log(graph.len()))?;
    assert!(!found.explain().to_string().is_empty());
    Ok(found.set().iter().map(Node::number).collect())
}

proptest! {
    #[test]
    fn expressions_mean_what_they_say(events in events(80), text in text(), indexed: bool) {
        let graph = graph(&events);
        if indexed {
            let _ = graph.effects(Node::new(0));
        }
        let set = Set::parse(&text).expect("it parses");
        let context = Context { upto: graph.len(), relation: Relation::Caused };
        let expected = Meaning::new(&events).of(&set, context);
        match (numbers(&graph, &text), expected) {
            (Ok(found), Some(expected)) => prop_assert_eq!(found, expected, "{}", text),
            (Err(EvaluateError::Text(error)), None) => prop_assert!(error.message.contains("there is no event"), "{}", error),
            (found, expected) => prop_assert!(false, "{}: {:?} instead of {:?}", text, found, expected),
        }
    }

    #[test]
    fn functions_of_causes_alone_agree_with_the_graph(events in events(80), pick in 1..80_u32, upto in 0..90_u32) {
        let graph = graph(&events);
        prop_assume!(pick <= graph.len());
        let one = batpak_graph::NodeSet::of(graph.len(), [Node::new(pick - 1)]);
        let all = batpak_graph::NodeSet::full(graph.len());
        let pairs = [
            (format!("must({pick})"), graph.must(&one)),
            (format!("may({pick})"), graph.may(&one)),
            (format!("support({pick})"), graph.support(&one)),
            (format!("dominators({pick})"), graph.dominators(&one)),
            ("chokepoints(all())".to_owned(), graph.chokepoints(&all)),
            (format!("fork_point({pick} | earliest(all()))"), {
                let mut set = one.clone();
                set.insert(Node::new(0));
                graph.best_common(&set, Relation::Caused)
            }),
        ];
        for (text, expected) in pairs {
            let expected: Numbers = expected.iter().map(Node::number).collect();
            prop_assert_eq!(numbers(&graph, &text).expect("it evaluates"), expected.clone(), "{}", text);
            if pick <= upto {
                let seen: Numbers = expected.into_iter().filter(|node| *node < upto).collect();
                if !text.starts_with("choke") {
                    prop_assert_eq!(numbers(&graph, &format!("at({upto}, {text})")).expect("it evaluates"), seen, "{}", text);
                }
            }
        }
    }
}

fn chain(length: usize) -> Graph {
    let event = |node: usize| crate::shapes::Plain {
        causes: node.checked_sub(1).map(|cause| (cause as u32, batpak_core::Edge::Required)).into_iter().collect(),
        ..crate::shapes::Plain::default()
    };
    graph(&(0..length).map(event).collect::<Vec<_>>())
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let graph = chain(20);
    let fault = |text: &str| match numbers(&graph, text) {
        Err(EvaluateError::Text(error)) => (error.at, error.to_string()),
        other => panic!("{text}: {other:?}"),
    };
    let says = |text: &str, at: usize, parts: &[&str]| {
        let (found, message) = fault(text);
        assert_eq!(found, at, "{text}: {message}");
        parts.iter().for_each(|part| assert!(message.contains(part), "{text}: {message}"));
    };
    says("kind(a) & ::21", 12, &["no event at position 21", "the newest in view is 20"]);
    says("at(5, @ | 6)", 10, &["no event at position 6", "the newest in view is 5"]);
    says("none() & 99", 9, &["no event at position 99"]);
    says("id(ff)", 0, &["no event"]);
    says("since(noon)", 0, &["`noon` is no time"]);
    says("hb(must(3))", 3, &["`must` is about declared causes alone"]);
    says("source(\"77\")", 0, &["no event"]);
    assert_eq!(numbers(&graph, "present(99) | present(source(\"3\"))").unwrap(), Numbers::from([3]));
    assert_eq!(numbers(&graph, "x@2 | s/y@1").unwrap(), Numbers::from([1, 4]));
    let big = chain(300);
    let Err(EvaluateError::Text(error)) = numbers(&big, "id(01)") else { panic!("two begin like that") };
    assert!(error.to_string().contains("could be several") && error.hint.unwrap().contains("id(01"));
}

/// A selective name and a sweep: the index first, and candidates one by one.
#[test]
fn an_intersection_begins_with_what_is_cheap() {
    let graph = chain(3000);
    let set = Set::parse("::2000 & kind(a) & tag(\"t:1\") ~ since(t15000)").unwrap();
    let found = graph.evaluate(&set, &Log(graph.len())).unwrap();
    let plan = found.explain().to_string();
    let order: Vec<usize> = ["index: kind(a) & tag(t:1)", "ancestors of, by asking each candidate", "not"]
        .iter()
        .map(|part| plan.find(part).unwrap_or_else(|| panic!("`{part}` is missing in\n{plan}")))
        .collect();
    assert!(order.is_sorted(), "{plan}");
    let empty = graph.evaluate(&Set::parse("none() & ::2000").unwrap(), &Log(graph.len())).unwrap();
    assert!(empty.explain().to_string().contains("ancestors of: not needed"), "{}", empty.explain());
}

#[test]
fn a_graph_without_streams_says_so() {
    let mut graph = Graph::new();
    graph.push(batpak_graph::Arrival::default()).unwrap();
    for text in ["hb(@)", "cut(@)"] {
        let Err(EvaluateError::Text(error)) = numbers(&graph, text) else { panic!("{text}") };
        assert!(error.to_string().contains("order of streams"), "{error}");
    }
}

/// A number of steps that nobody waits for: it ends where there is nothing left.
#[test]
fn steps_end_where_nothing_is_left() {
    let graph = chain(20);
    for text in ["parents(@, 4000000000)", "children(1, 4000000000)", "ancestors(3, 4000000000) ~ ::3"] {
        assert_eq!(numbers(&graph, text).unwrap(), Numbers::new(), "{text}");
    }
}

/// An event of the system that was named stays in a difference.
#[test]
fn what_was_named_of_the_system_is_kept() {
    let mut graph = Graph::new();
    for node in 0..6_u32 {
        let causes: Vec<_> =
            node.checked_sub(1).map(|cause| (Node::new(cause), batpak_core::Edge::Required)).into_iter().collect();
        graph.push(batpak_graph::Arrival { causes: &causes, system: node == 2, ..Default::default() }).unwrap();
    }
    for (text, expected) in [
        ("3 ~ 5", &[2][..]),
        ("(3 | 4) ~ since(t900)", &[2, 3]),
        ("::5", &[0, 1, 3, 4]),
        ("all() ~ 1", &[1, 3, 4, 5]),
        ("system(all() ~ 1)", &[1, 2, 3, 4, 5]),
    ] {
        assert_eq!(numbers(&graph, text).unwrap(), expected.iter().copied().collect(), "{text}");
    }
}
