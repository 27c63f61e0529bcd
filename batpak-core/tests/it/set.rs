//! What set expressions are read as, how they are printed, and which of them are queries.

use batpak_core::query::{Field, Pattern, Query, Term};
use batpak_core::set::{FUNCTIONS, OPERATORS};
use batpak_core::{Aliases, CoreError, Entity, Position, Revision, Scope, Set, SetFunction, SetNode, SetRelation};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::query_text::{pattern, query};

pub fn set(text: &str) -> Set {
    Set::parse(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn boxed(node: SetNode) -> Box<Set> {
    Box::new(node.into())
}

fn position(number: u64) -> SetNode {
    SetNode::Position(Position::new(number))
}

fn check(text: &str, expected: SetNode) {
    assert_eq!(set(text).node, expected, "{text}");
}

#[test]
fn literals() {
    check("@", SetNode::Head);
    check(" 173688 ", position(173_688));
    check("id(0192F3a4-5b)", SetNode::Id("0192f3a45b".into()));
    check("id(\"A\")", SetNode::Id("a".into()));
    check("source(\"row 1\")", SetNode::Source { source: "row 1".into(), scope: None });
    let bank = Scope::new("bank").unwrap();
    check("source(r1, bank)", SetNode::Source { source: "r1".into(), scope: Some(bank.clone()) });
    check("source('')", SetNode::Source { source: String::new(), scope: None });
    let of = |scope: Option<&Scope>, entity: &str, revision: u64| SetNode::Revision {
        scope: scope.cloned(),
        entity: Entity::new(entity).unwrap(),
        revision: Revision::new(revision),
    };
    check("173688@3", of(None, "173688", 3));
    check("order-1.x+y@3", of(None, "order-1.x+y", 3));
    check("bank/order-1@3", of(Some(&bank), "order-1", 3));
    check("bank/\"a b\"@3", of(Some(&bank), "a b", 3));
    check("\"bank\"/'order:1'@3", of(Some(&bank), "order:1", 3));
    check("\"order:1\"@3", of(None, "order:1", 3));
    check("é@1", of(None, "é", 1));
}

#[test]
fn functions() {
    let kind = || boxed(SetNode::Term(Term::new(Field::Kind, "a")));
    check("kind('a\\b')", SetNode::Term(Term::new(Field::Kind, "a\\b")));
    check("tag(prefix:resource:1)", SetNode::Term(Term::new(Field::Tag, Pattern::prefix("resource:1"))));
    check("kind(regex:\"^a\")", SetNode::Term(Term::new(Field::Kind, Pattern::regex("^a").unwrap())));
    check("since(2024-01-01T10:00:00+01:00)", SetNode::Since("2024-01-01T10:00:00+01:00".into()));
    check("until(\"2 days ago\")", SetNode::Until("2 days ago".into()));
    check("at(17, kind(a))", SetNode::At { place: "17".into(), of: kind() });
    check("latest(kind(a))", SetNode::Latest { of: kind(), count: 1 });
    check("earliest( kind(a) , 20 , )", SetNode::Earliest { of: kind(), count: 20 });
    check("ancestors(kind(a))", SetNode::Ancestors { of: kind(), depth: None });
    check("descendants(kind(a), 0)", SetNode::Descendants { of: kind(), depth: Some(0) });
    check("parents(kind(a), 3)", SetNode::Parents { of: kind(), depth: 3 });
    check("children(kind(a))", SetNode::Children { of: kind(), depth: 1 });
    check("system(kind(a))", SetNode::System(kind()));
    check("critical_path(kind(a))", SetNode::Apply(SetFunction::CriticalPath, kind()));
    check("hb(kind(a))", SetNode::Under(SetRelation::HappenedBefore, kind()));
    check("observed(kind(a))", SetNode::Under(SetRelation::Observed, kind()));
    check("kind (a)", kind().node);
}

#[test]
fn operators() {
    let one = || boxed(position(1));
    let two = || boxed(position(2));
    let not = |of| SetNode::Not(of);
    let ancestors = |of| SetNode::Ancestors { of, depth: None };
    check("1---", SetNode::Parents { of: one(), depth: 3 });
    check("1-+", SetNode::Children { of: boxed(SetNode::Parents { of: one(), depth: 1 }), depth: 1 });
    check("parents(1-, 2)", SetNode::Parents { of: one(), depth: 3 });
    check("::1", ancestors(one()));
    check("..1", ancestors(one()));
    check("1::", SetNode::Descendants { of: one(), depth: None });
    check("1..", not(boxed(ancestors(one()))));
    check("1::2", SetNode::Between(one(), two()));
    check("1..2", SetNode::Range(one(), two()));
    check("::", SetNode::All);
    check("..", SetNode::All);
    check("1 ~ 2", SetNode::Intersection(vec![position(1).into(), not(two()).into()]));
    check("~1&2", SetNode::Intersection(vec![not(one()).into(), position(2).into()]));
    check("::~1", SetNode::Intersection(vec![SetNode::All.into(), not(one()).into()]));
    check("1|(2|@)", SetNode::Union(vec![position(1).into(), position(2).into(), SetNode::Head.into()]));
    check("(1&2)&@", SetNode::Intersection(vec![position(1).into(), position(2).into(), SetNode::Head.into()]));
}

#[test]
fn each_node_knows_its_place() {
    let text = "1 | (~kind(a) & latest(@-::2))";
    let SetNode::Union(members) = set(text).node else { panic!() };
    let [first, second] = &members[..] else { panic!() };
    assert_eq!((first.at, second.at), (0, 4));
    let SetNode::Intersection(members) = &second.node else { panic!() };
    assert_eq!(members.iter().map(|member| member.at).collect::<Vec<_>>(), [5, 16]);
    let SetNode::Latest { of, .. } = &members[1].node else { panic!() };
    assert_eq!(of.at, 23);
    let SetNode::Between(from, to) = &of.node else { panic!() };
    assert_eq!((from.at, to.at), (23, 27));
    let SetNode::Not(of) = &members[0].node else { panic!() };
    assert_eq!(of.at, 6);
}

#[test]
fn the_table_of_functions_is_what_is_read() {
    for function in FUNCTIONS {
        let (name, arguments) = function.form.trim_end_matches(')').split_once('(').unwrap();
        assert_eq!(name, function.name);
        let sample = |argument: &str| match argument.trim_matches([' ', '[', ']']) {
            "x" => "all()",
            "count" | "depth" | "place" => "2",
            "pattern" | "time" | "name" | "digits" | "scope" => "a",
            other => panic!("{other}"),
        };
        let all: Vec<&str> = arguments.split(',').filter(|argument| !argument.is_empty()).map(sample).collect();
        let needed = arguments.split('[').next().unwrap().split(',').filter(|argument| !argument.is_empty()).count();
        for count in needed..=all.len() {
            set(&format!("{name}({})", all[..count].join(", ")));
        }
        if needed > 0 {
            let fewer = format!("{name}({})", all[..needed - 1].join(", "));
            let error = Set::parse(&fewer).unwrap_err().to_string();
            assert!(error.contains(function.form), "{fewer}: {error}");
        }
        let more = format!("{name}({})", [&all[..], &["1"]].concat().join(", "));
        let error = Set::parse(&more).unwrap_err().to_string();
        assert!(error.contains(function.form), "{more}: {error}");
    }
}

#[test]
fn the_guide_says_what_is_read() {
    let guide = include_str!("../../../docs/guide/sets.md");
    for row in OPERATORS.iter().chain(FUNCTIONS) {
        let row = format!("| `{}` | {} |", row.form.replace('|', "\\|"), row.meaning);
        assert!(guide.lines().any(|line| line == row), "the guide has no row {row}");
    }
    for operator in OPERATORS {
        set(&operator.form.replace(['x', 'y'], "1"));
    }
    let mut aliases = Aliases::new();
    let (mut block, mut examples) = ("", 0);
    for line in guide.lines() {
        if let Some(info) = line.strip_prefix("```") {
            block = info;
        } else if block == "set" {
            set(line.split('#').next().unwrap());
            examples += 1;
        } else if block == "alias" {
            aliases.define_line(line).unwrap();
        }
    }
    assert!(examples > 5);
    Set::parse_with("near(refused, 3) & about(alice)", &aliases).unwrap();
}

fn name() -> impl Strategy<Value = String> {
    let odd = any::<String>().prop_filter_map("a name", |text| Entity::new(text).ok().map(|name| name.to_string()));
    prop_oneof![3 => "[a-zé0-9_.+/:-]{1,6}", 1 => odd]
}

fn time() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9:T-]{1,8}", any::<String>().prop_filter("not blank", |text| !text.trim().is_empty())]
}

fn leaf() -> impl Strategy<Value = SetNode> {
    let field = prop::sample::select(vec![Field::Kind, Field::Scope, Field::Entity, Field::Tag, Field::Correlation]);
    let plain = [SetNode::All, SetNode::None, SetNode::Head, SetNode::Joins, SetNode::Forks, SetNode::Dangling];
    prop_oneof![
        2 => prop::sample::select(plain.to_vec()),
        2 => any::<u64>().prop_map(position),
        1 => "[0-9a-f]{1,32}".prop_map(|digits| SetNode::Id(digits.into())),
        2 => (proptest::option::of(name()), name(), any::<u64>()).prop_map(|(scope, entity, revision)| SetNode::Revision {
            scope: scope.map(|scope| Scope::new(scope).unwrap()),
            entity: Entity::new(entity).unwrap(),
            revision: Revision::new(revision),
        }),
        1 => (any::<String>(), proptest::option::of(name())).prop_map(|(source, scope)| SetNode::Source {
            source,
            scope: scope.map(|scope| Scope::new(scope).unwrap()),
        }),
        2 => (field, pattern()).prop_map(|(field, pattern)| SetNode::Term(Term { field, pattern })),
        1 => time().prop_map(|time| SetNode::Since(time.into())),
        1 => time().prop_map(|time| SetNode::Until(time.into())),
    ]
}

fn node() -> impl Strategy<Value = SetNode> {
    use SetFunction::*;
    let functions = vec![
        Roots,
        Heads,
        ForkPoint,
        Connected,
        Dominators,
        Chokepoints,
        Must,
        May,
        Support,
        Concurrent,
        CriticalPath,
        Cut,
        Present,
    ];
    let relations = vec![SetRelation::HappenedBefore, SetRelation::Observed];
    leaf().prop_recursive(6, 24, 3, move |inner| {
        let of = inner.clone().prop_map(boxed);
        let depth = prop_oneof![3 => 0..5_u32, 1 => any::<u32>()];
        let members = vec(inner.clone().prop_map(Set::from), 0..4);
        prop_oneof![
            4 => members.clone().prop_map(SetNode::Union),
            4 => members.prop_map(SetNode::Intersection),
            4 => of.clone().prop_map(SetNode::Not),
            3 => (of.clone(), depth.clone()).prop_map(|(of, depth)| SetNode::Parents { of, depth }),
            3 => (of.clone(), depth.clone()).prop_map(|(of, depth)| SetNode::Children { of, depth }),
            3 => (of.clone(), proptest::option::of(depth.clone())).prop_map(|(of, depth)| SetNode::Ancestors { of, depth }),
            3 => (of.clone(), proptest::option::of(depth)).prop_map(|(of, depth)| SetNode::Descendants { of, depth }),
            3 => (of.clone(), of.clone()).prop_map(|(from, to)| SetNode::Between(from, to)),
            3 => (of.clone(), of.clone()).prop_map(|(from, to)| SetNode::Range(from, to)),
            1 => (of.clone(), 0..3_u64).prop_map(|(of, count)| SetNode::Latest { of, count }),
            1 => (of.clone(), 0..3_u64).prop_map(|(of, count)| SetNode::Earliest { of, count }),
            1 => (time(), of.clone()).prop_map(|(place, of)| SetNode::At { place: place.into(), of }),
            1 => of.clone().prop_map(SetNode::System),
            2 => (prop::sample::select(functions.clone()), of.clone()).prop_map(|(function, of)| SetNode::Apply(function, of)),
            1 => (prop::sample::select(relations.clone()), of).prop_map(|(relation, of)| SetNode::Under(relation, of)),
        ]
    })
}

/// What the parser makes of it: unions and intersections flat and of two or more, steps of steps as one.
fn normal(node: SetNode) -> SetNode {
    let of = |of: Box<Set>| boxed(normal(of.node));
    match node {
        SetNode::Union(members) => flat(members, SetNode::None, SetNode::Union, |node| match node {
            SetNode::Union(members) => Ok(members),
            other => Err(other),
        }),
        SetNode::Intersection(members) => flat(members, SetNode::All, SetNode::Intersection, |node| match node {
            SetNode::Intersection(members) => Ok(members),
            other => Err(other),
        }),
        SetNode::Not(x) => SetNode::Not(of(x)),
        SetNode::Parents { of: x, depth } => match normal(x.node) {
            SetNode::Parents { of, depth: inner } if depth.checked_add(inner).is_some() => {
                SetNode::Parents { of, depth: depth + inner }
            }
            other => SetNode::Parents { of: boxed(other), depth },
        },
        SetNode::Children { of: x, depth } => match normal(x.node) {
            SetNode::Children { of, depth: inner } if depth.checked_add(inner).is_some() => {
                SetNode::Children { of, depth: depth + inner }
            }
            other => SetNode::Children { of: boxed(other), depth },
        },
        SetNode::Ancestors { of: x, depth } => SetNode::Ancestors { of: of(x), depth },
        SetNode::Descendants { of: x, depth } => SetNode::Descendants { of: of(x), depth },
        SetNode::Between(from, to) => SetNode::Between(of(from), of(to)),
        SetNode::Range(from, to) => SetNode::Range(of(from), of(to)),
        SetNode::Latest { of: x, count } => SetNode::Latest { of: of(x), count },
        SetNode::Earliest { of: x, count } => SetNode::Earliest { of: of(x), count },
        SetNode::At { place, of: x } => SetNode::At { place, of: of(x) },
        SetNode::System(x) => SetNode::System(of(x)),
        SetNode::Apply(function, x) => SetNode::Apply(function, of(x)),
        SetNode::Under(relation, x) => SetNode::Under(relation, of(x)),
        leaf => leaf,
    }
}

fn flat(
    members: Vec<Set>,
    empty: SetNode,
    many: fn(Vec<Set>) -> SetNode,
    open: fn(SetNode) -> Result<Vec<Set>, SetNode>,
) -> SetNode {
    let mut out = Vec::new();
    for member in members {
        match open(normal(member.node)) {
            Ok(inner) => out.extend(inner),
            Err(other) => out.push(other.into()),
        }
    }
    match out.len() {
        0 => empty,
        1 => out.remove(0).node,
        _ => many(out),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn printed_sets_parse_back(node in node()) {
        let text = Set::from(node.clone()).to_string();
        prop_assert!(!text.contains(char::is_control));
        prop_assert_eq!(set(&text).node, normal(node), "{}", &text);
    }

    #[test]
    fn a_query_is_a_set(query in query()) {
        let as_set = Set::from(query.clone());
        prop_assert_eq!(as_set.to_query().unwrap(), query.clone());
        prop_assert_eq!(as_set.as_query(), Some(query.clone()));
        prop_assert_eq!(set(&query.to_string()).to_query().unwrap(), query);
    }

    #[test]
    fn only_names_unions_and_intersections_are_queries(node in node()) {
        let as_set = Set::from(node);
        match as_set.to_query() {
            Ok(query) => {
                prop_assert!(is_query(&as_set));
                prop_assert_eq!(Query::parse(&as_set.to_string()).unwrap(), query);
            }
            Err(CoreError::Query(error)) if is_query(&as_set) => {
                prop_assert!(error.message.contains("are more than"), "{}", error);
            }
            Err(_) => prop_assert!(as_set.as_query().is_none()),
        }
    }
}

fn is_query(set: &Set) -> bool {
    match &set.node {
        SetNode::All | SetNode::None | SetNode::Term(_) => true,
        SetNode::System(of) => is_query(of),
        SetNode::Union(members) | SetNode::Intersection(members) => members.iter().all(is_query),
        _ => false,
    }
}
