//! Every event and every link is in every format exactly once, and a parser of the format reads it.

use std::collections::{BTreeMap, HashMap};

use batpak_core::EventId;
use batpak_graph::export::{
    Dot, Drawing, DrawingError, Link, LinkKind, Plain, dot as graphviz, graphml, html, lanes, mermaid, node_link, otlp,
    prov, svg,
};
use proptest::prelude::*;
use roxmltree::Document;
use serde_json::Value;

use super::{NARROW, cases, dot, drawings, pairs, pairs_of};

fn numbers(drawing: &Drawing) -> HashMap<String, usize> {
    drawing.dots().iter().enumerate().map(|(number, dot)| (dot.id.to_string(), number)).collect()
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// The numbers in a line such as `  n3 -> n17 [..`.
fn ends_in(line: &str, arrows: &[&str]) -> Option<(usize, usize)> {
    let mut words = line.split_whitespace();
    let number = |word: Option<&str>| word?.strip_prefix('n')?.parse().ok();
    let from = number(words.next())?;
    let arrow = words.next()?;
    arrows.iter().any(|known| arrow.starts_with(known)).then_some(())?;
    let to = line.split(['|', ' ']).filter(|word| !word.is_empty()).filter_map(|word| number(Some(word))).nth(1)?;
    Some((from, to))
}

fn check_json(drawing: &Drawing) {
    let numbers = numbers(drawing);
    let json: Value = serde_json::from_str(&node_link(drawing)).unwrap();
    let ids: Vec<_> = array(&json, "nodes").iter().map(|node| numbers[text(node, "id")]).collect();
    assert_eq!(ids, (0..drawing.dots().len()).collect::<Vec<_>>());
    let edges = array(&json, "edges").iter().map(|edge| (numbers[text(edge, "source")], numbers[text(edge, "target")]));
    assert_eq!(pairs(edges), pairs_of(drawing));
}

fn check_otlp(drawing: &Drawing) {
    let json: Value = serde_json::from_str(&otlp(drawing)).unwrap();
    let spans = array(&json, "resourceSpans").iter().flat_map(|resource| array(resource, "scopeSpans"));
    let spans: Vec<_> = spans.flat_map(|scope| array(scope, "spans")).collect();
    assert_eq!(spans.len(), drawing.dots().len());
    let of = |span: &Value| {
        let attributes = array(span, "attributes");
        let position = attributes.iter().find(|attribute| text(attribute, "key") == "batpak.position").unwrap();
        let position: u64 = text(&position["value"], "intValue").parse().unwrap();
        drawing.dots().iter().position(|dot| dot.position.get() == position).unwrap()
    };
    let by_id: BTreeMap<_, _> =
        spans.iter().map(|span| ((text(span, "traceId"), text(span, "spanId")), of(span))).collect();
    assert_eq!(by_id.len(), spans.len());
    let mut found = Vec::new();
    for span in &spans {
        let (trace, number) = (text(span, "traceId"), of(span));
        assert_eq!((trace.len(), text(span, "spanId").len()), (32, 16));
        if let Some(parent) = span.get("parentSpanId") {
            found.push((by_id[&(trace, parent.as_str().unwrap())], number));
        }
        let links = array(span, "links");
        found.extend(links.iter().map(|link| (by_id[&(text(link, "traceId"), text(link, "spanId"))], number)));
    }
    assert_eq!(pairs(found.into_iter()), pairs_of(drawing));
    for (a, b) in drawing.links().iter().map(|link| (&drawing.dots()[link.from], &drawing.dots()[link.to])) {
        let trace = |dot: &Dot| {
            spans
                .iter()
                .find(|span| of(span) == numbers(drawing)[&dot.id.to_string()])
                .map(|span| text(span, "traceId"))
        };
        if a.correlation.is_some() || b.correlation.is_some() {
            assert_eq!(trace(a) == trace(b), a.correlation == b.correlation);
        }
    }
}

fn check_prov(drawing: &Drawing) {
    let numbers = numbers(drawing);
    let json: Value = serde_json::from_str(&prov(drawing)).unwrap();
    let number = |name: &Value| numbers.get(name.as_str()?.strip_prefix("batpak:event-")?).copied();
    assert_eq!(json["activity"].as_object().unwrap().len(), drawing.dots().len());
    let relations = |name: &str, effect: &str, cause: &str| {
        let relations = json.get(name).and_then(Value::as_object).into_iter().flatten();
        relations
            .filter_map(|(_, relation)| Some((number(&relation[cause])?, number(&relation[effect])?)))
            .collect::<Vec<_>>()
    };
    let mut found = relations("wasInformedBy", "prov:informed", "prov:informant");
    found.extend(relations("wasInfluencedBy", "prov:influencee", "prov:influencer"));
    assert_eq!(pairs(found.into_iter()), pairs_of(drawing));
    let influenced = json["wasInfluencedBy"].as_object().unwrap().values();
    let of_streams = influenced.filter(|relation| text(relation, "prov:influencee").starts_with("batpak:stream-"));
    assert_eq!(of_streams.count(), drawing.dots().len());
}

fn check_xml(drawing: &Drawing) {
    let numbers = numbers(drawing);
    let source = graphml(drawing);
    let document = Document::parse(&source).unwrap();
    let elements = |name: &'static str| {
        document.descendants().filter(move |node| node.has_tag_name(("http://graphml.graphdrawing.org/xmlns", name)))
    };
    let ids: Vec<_> = elements("node").map(|node| numbers[node.attribute("id").unwrap()]).collect();
    assert_eq!(ids, (0..drawing.dots().len()).collect::<Vec<_>>());
    let edges = elements("edge")
        .map(|edge| (numbers[edge.attribute("source").unwrap()], numbers[edge.attribute("target").unwrap()]));
    assert_eq!(pairs(edges), pairs_of(drawing));

    let source = svg(drawing, &NARROW);
    let document = Document::parse(&source).unwrap();
    let attribute = |node: roxmltree::Node, name: &str| node.attribute(name).unwrap().parse::<usize>().unwrap();
    let nodes = document.descendants().filter(|node| node.has_attribute("data-node"));
    assert!(nodes.map(|node| attribute(node, "data-node")).eq(0..drawing.dots().len()));
    let paths = document.descendants().filter(|node| node.has_attribute("data-from"));
    assert_eq!(pairs(paths.map(|path| (attribute(path, "data-from"), attribute(path, "data-to")))), pairs_of(drawing));
    assert!(html(drawing, &NARROW).contains(&source));
}

fn check_lines(drawing: &Drawing) {
    for (source, arrows) in [(graphviz(drawing), &["->"][..]), (mermaid(drawing), &["-->", "---", "-.->"])] {
        let nodes = source.lines().map(str::trim_start).filter(|line| {
            line.strip_prefix('n')
                .is_some_and(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().starts_with('['))
        });
        assert_eq!(nodes.count(), drawing.dots().len());
        let links = source.lines().filter_map(|line| ends_in(line, arrows));
        assert_eq!(pairs(links), pairs_of(drawing), "{source}");
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn every_event_and_link_is_there_once(drawing in drawings(40)) {
        check_json(&drawing);
        check_otlp(&drawing);
        check_prov(&drawing);
        check_xml(&drawing);
        check_lines(&drawing);
    }

    #[test]
    fn the_same_drawing_gives_the_same_bytes(drawing in drawings(30)) {
        let all = |drawing: &Drawing| {
            [graphviz(drawing), mermaid(drawing), graphml(drawing), node_link(drawing), otlp(drawing), prov(drawing), html(drawing, &NARROW),
                lanes(drawing, 80, &Plain)]
        };
        prop_assert_eq!(all(&drawing), all(&drawing.clone()));
    }
}

#[test]
fn the_first_required_cause_of_the_trace_is_the_parent() {
    let mut dots: Vec<_> = (0..4).map(|number| dot(number, "kind", "entity")).collect();
    for (dot, correlation) in dots.iter_mut().zip([Some("a"), Some("b"), Some("a"), Some("a")]) {
        dot.correlation = correlation.map(str::to_owned);
    }
    let link = |from, kind| Link { from, to: 3, kind, count: 1 };
    let links = vec![
        link(1, LinkKind::Required),
        link(0, LinkKind::Context),
        link(2, LinkKind::Required),
        link(0, LinkKind::Required),
    ];
    let json: Value = serde_json::from_str(&otlp(&Drawing::new("", dots, links).unwrap())).unwrap();
    let spans = array(&json["resourceSpans"][0]["scopeSpans"][0], "spans").to_vec();
    assert_eq!(spans[3]["parentSpanId"], spans[2]["spanId"]);
    assert_eq!(array(&spans[3], "links").len(), 3);
}

#[test]
fn a_drawing_is_checked() {
    let dots = |numbers: &[usize]| numbers.iter().map(|number| dot(*number, "kind", "entity")).collect::<Vec<_>>();
    let link = |from, to| vec![Link { from, to, kind: LinkKind::Required, count: 1 }];
    assert!(matches!(Drawing::new("", dots(&[2, 1]), vec![]), Err(DrawingError::Order { .. })));
    assert!(matches!(Drawing::new("", dots(&[0, 1]), link(0, 2)), Err(DrawingError::NoSuchEvent { to: 2, .. })));
    assert!(matches!(Drawing::new("", dots(&[0, 1]), link(1, 0)), Err(DrawingError::Backwards { .. })));
    let mut twice = dots(&[0, 1]);
    twice[1].id = EventId::from_bytes(*twice[0].id.as_bytes());
    assert!(matches!(Drawing::new("", twice, vec![]), Err(DrawingError::Twice { .. })));
    let mut folds = dots(&[0, 1]);
    folds[0].count = 2;
    assert!(Drawing::new("", folds, link(1, 0)).is_ok());
}

#[test]
fn nothing_is_drawn_as_well() {
    let empty = Drawing::new("nothing", vec![], vec![]).unwrap();
    Document::parse(&svg(&empty, &NARROW)).unwrap();
    Document::parse(&graphml(&empty)).unwrap();
    for json in [node_link(&empty), otlp(&empty), prov(&empty)] {
        serde_json::from_str::<Value>(&json).unwrap();
    }
    assert_eq!(lanes(&empty, 80, &Plain), "");
}
