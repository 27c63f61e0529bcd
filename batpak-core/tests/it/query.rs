//! What a query matches, against a naive reading of the same.

use batpak_core::Draft;
use batpak_core::query::{Facts, Field, Pattern, Query};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::generate::{Stored, plain, plain_id, plain_place};

/// A query as a tree, which the text is made from and which is evaluated by definition.
#[derive(Clone, Debug)]
enum Tree {
    All,
    None,
    Term(Field, Shape, String),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    System(Box<Tree>),
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Exact,
    Prefix,
    Glob,
}

impl Tree {
    fn text(&self, out: &mut String, spaces: bool) {
        let between = if spaces { " " } else { "" };
        match self {
            Self::All => out.push_str("all()"),
            Self::None => out.push_str("none()"),
            Self::Term(field, shape, text) => {
                let shape = match shape {
                    Shape::Exact => "",
                    Shape::Prefix => "prefix:",
                    Shape::Glob => "glob:",
                };
                out.push_str(&format!("{}({between}{shape}\"{text}\"{between})", field.name()));
            }
            Self::And(left, right) => {
                for (index, side) in [left, right].into_iter().enumerate() {
                    if index > 0 {
                        out.push_str(&format!("{between}&{between}"));
                    }
                    if matches!(**side, Self::Or(..)) {
                        out.push('(');
                        side.text(out, spaces);
                        out.push(')');
                    } else {
                        side.text(out, spaces);
                    }
                }
            }
            Self::Or(left, right) => {
                left.text(out, spaces);
                out.push_str(&format!("{between}|{between}"));
                right.text(out, spaces);
            }
            Self::System(inner) => {
                out.push_str("system(");
                inner.text(out, spaces);
                out.push(')');
            }
        }
    }

    /// For each way in which the event matches: whether that way names the system's kinds.
    fn ways(&self, event: &Draft<'_>) -> Vec<bool> {
        match self {
            Self::All => vec![false],
            Self::None => vec![],
            Self::Term(field, shape, text) => {
                let found: Vec<&str> = match field {
                    Field::Kind => vec![event.kind.as_str()],
                    Field::Scope => vec![event.coordinate.scope.as_str()],
                    Field::Entity => vec![event.coordinate.entity.as_str()],
                    Field::Tag => event.tags.iter().map(|tag| tag.as_str()).collect(),
                    Field::Correlation => event.correlation.iter().map(|name| name.as_str()).collect(),
                };
                let matches = found.iter().any(|name| match shape {
                    Shape::Exact => name == text,
                    Shape::Prefix => name.starts_with(text.as_str()),
                    Shape::Glob => naive_glob(&text.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>()),
                });
                let names = *field == Field::Kind && text.starts_with("batpak.");
                if matches { vec![names] } else { vec![] }
            }
            Self::And(left, right) => {
                let right = right.ways(event);
                left.ways(event).into_iter().flat_map(|a| right.iter().map(move |b| a || *b)).collect()
            }
            Self::Or(left, right) => [left.ways(event), right.ways(event)].concat(),
            Self::System(inner) => inner.ways(event).into_iter().map(|_| true).collect(),
        }
    }

    fn matches(&self, event: &Draft<'_>) -> bool {
        let named = !event.kind.is_system();
        self.ways(event).into_iter().any(|way| way || named)
    }
}

fn naive_glob(pattern: &[char], name: &[char]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some(('*', rest)) => (0..=name.len()).any(|skip| naive_glob(rest, &name[skip..])),
        Some((wanted, rest)) => match name.split_first() {
            Some((found, after)) => (*wanted == '?' || wanted == found) && naive_glob(rest, after),
            None => false,
        },
    }
}

pub fn field() -> impl Strategy<Value = Field> {
    prop::sample::select(vec![Field::Kind, Field::Scope, Field::Entity, Field::Tag, Field::Correlation])
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[aé1]{1,3}", 1 => Just("batpak.a".to_owned()), 1 => Just("batpak.".to_owned())]
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        1 => Just(Tree::All),
        1 => Just(Tree::None),
        4 => (field(), word()).prop_map(|(field, text)| Tree::Term(field, Shape::Exact, text)),
        4 => (field(), prop_oneof![word(), Just(String::new())]).prop_map(|(field, text)| Tree::Term(field, Shape::Prefix, text)),
        4 => (field(), prop_oneof!["[aé1*?]{0,5}", Just("batpak.*".to_owned())]).prop_map(|(field, text)| Tree::Term(field, Shape::Glob, text)),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        let pair = (inner.clone(), inner.clone()).prop_map(|(left, right)| (Box::new(left), Box::new(right)));
        prop_oneof![
            3 => pair.clone().prop_map(|(left, right)| Tree::And(left, right)),
            3 => pair.prop_map(|(left, right)| Tree::Or(left, right)),
            1 => inner.prop_map(|inner| Tree::System(Box::new(inner))),
        ]
    })
}

pub fn event() -> impl Strategy<Value = Draft<'static>> {
    (word(), word(), word(), vec(word(), 0..3), proptest::option::of(word())).prop_map(
        |(kind, scope, entity, tags, correlation)| {
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            let mut draft = plain(&kind, &scope, &entity, &tags);
            draft.correlation = correlation.map(|name| name.parse().unwrap());
            draft.normalize();
            draft
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_query_means_what_its_text_says(tree in tree(), events in vec(event(), 1..8), spaces in any::<bool>()) {
        let mut text = String::new();
        tree.text(&mut text, spaces);
        let Ok(query) = Query::parse(&text) else {
            // Only too many alternatives are refused: 12 leaves cannot have more terms.
            prop_assert!(Query::parse(&text).unwrap_err().to_string().contains("alternatives"));
            return Ok(());
        };
        for event in events {
            let expected = tree.matches(&event);
            prop_assert_eq!(query.matches(&event), expected, "{} on {:?}", &text, &event);
            let stored = Stored::new(&event, plain_id(1), 1);
            let borrowed = stored.event(plain_place());
            prop_assert_eq!(query.matches(&borrowed), expected);
            prop_assert_eq!(query.matches(&borrowed.to_owned_event().unwrap()), expected);
        }
    }

    #[test]
    fn globs_match_by_definition(pattern in "[ab*?é]{0,8}", name in "[abé]{0,8}") {
        let naive = naive_glob(&pattern.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>());
        prop_assert_eq!(Pattern::glob(&pattern).matches(&name), naive);
    }

}

#[test]
fn a_regular_expression_is_found_anywhere_unless_it_says_otherwise() {
    let event = plain("order.paid", "s", "order-10", &["late"]);
    for (text, expected) in [
        ("kind(regex:paid)", true),
        ("kind(regex:'^paid')", false),
        ("kind(regex:'^order\\.(paid|refused)$')", true),
        ("tag(regex:\"l.t\")", true),
        ("entity(regex:'[0-9]{3}')", false),
    ] {
        assert_eq!(Query::parse(text).unwrap().matches(&event), expected, "{text}");
    }
}

/// TRAP: `entity:1` matched `entity:10`.
#[test]
fn a_name_is_not_its_longer_neighbour() {
    let ten = plain("k", "s", "10", &["student:10"]);
    for text in ["entity(1)", "tag(student:1)", "kind(\"\")"] {
        assert!(!Query::parse(text).unwrap().matches(&ten), "{text}");
    }
    for text in ["entity(prefix:1)", "tag(prefix:student:1)", "entity(10)", "entity(glob:1?)"] {
        assert!(Query::parse(text).unwrap().matches(&ten), "{text}");
    }
}

/// TRAP: a query for one scope returned another's events of the same entity.
#[test]
fn a_scope_is_not_anothers() {
    let query = Query::stream(&plain("k", "a", "order-1", &[]).coordinate);
    assert_eq!(query.to_string(), "scope(a) & entity(order-1)");
    assert!(query.matches(&plain("k", "a", "order-1", &[])));
    assert!(!query.matches(&plain("k", "b", "order-1", &[])));
    assert!(!query.matches(&plain("k", "aa", "order-1", &[])));
    // Nor does an entity look like a scope.
    assert!(!query.matches(&plain("k", "order-1", "a", &[])));
}

#[test]
fn system_events_must_be_named() {
    let decision = plain("batpak.decision", "s", "batpak.decisions", &["t"]);
    for (text, expected) in [
        ("all()", false),
        ("tag(t)", false),
        ("entity(batpak.decisions)", false),
        ("kind(glob:*)", false),
        ("kind(prefix:batpak)", false),
        ("kind(prefix:batpak.)", true),
        ("kind(batpak.decision)", true),
        ("kind(glob:batpak.*) & tag(t)", true),
        ("kind(batpak.decision) & tag(u)", false),
        ("kind(batpak.policy) | all()", false),
        ("kind(regex:batpak)", false),
        ("kind(regex:'^batpak\\.d')", true),
        ("system(all())", true),
        ("system(tag(t)) & scope(s)", true),
        ("system(none())", false),
    ] {
        assert_eq!(Query::parse(text).unwrap().matches(&decision), expected, "{text}");
    }
    assert!(Query::all().system(true).matches(&decision));
    assert!(!Query::all().system(true).system(false).matches(&decision));
    assert!(Query::all().system(true).matches(&plain("k", "s", "e", &[])));
    assert!(!Query::none().matches(&plain("k", "s", "e", &[])));
}

#[test]
fn facts_are_those_of_the_event() {
    let draft = plain("k", "s", "e", &["t"]);
    assert_eq!(
        (Facts::kind(&draft), draft.scope(), draft.entity(), draft.correlation.is_none()),
        ("k", "s", "e", true)
    );
}
