//! Names that want to be something else.

use batpak_graph::export::{
    Direction, Dot, Drawing, Link, LinkKind, Plain, dot as graphviz, graphml, html, lanes, mermaid, node_link, otlp,
    prov, svg, tree,
};
use roxmltree::Document;
use serde_json::Value;

use super::{NARROW, dot};

const NAMES: [&str; 12] = [
    "</script><script>alert(1)</script>",
    "\"; shape=none; x=\"\\",
    "a\\\" b\\N \\G \\",
    "'onload='alert(1)",
    "]]> --> <!-- <![CDATA[",
    "line\nbreak\r\ttab",
    "bidi \u{202e}\u{2066}evil\u{2069} \u{200f}mark",
    "nul \u{0} esc \u{1b}[31m bell \u{7} c1 \u{9b}",
    "%%{init: {\"theme\":\"x\"}}%%\nend\nclick n0 call alert(1)",
    "#quot; &quot; &#34; ` 1. list",
    "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30a} \u{feff}\u{ffff}\u{e0041}",
    "שלום עולם مرحبا 漢字 🙂",
];

fn drawing() -> Drawing {
    let hostile = |(number, name): (usize, &&str)| Dot {
        kind: (*name).to_owned(),
        scope: (*name).to_owned(),
        entity: format!("{name}{number}"),
        correlation: Some((*name).to_owned()),
        tags: vec![(*name).to_owned()],
        payload_head: NAMES.concat(),
        time_us: if number == 3 { i64::MIN } else { i64::MAX },
        ..dot(number, "", "")
    };
    let dots = NAMES.iter().enumerate().map(hostile).collect();
    let links = (1..NAMES.len()).map(|to| Link {
        from: to - 1,
        to,
        kind: LinkKind::Alternative { group: 255 },
        count: u64::MAX,
    });
    Drawing::new(NAMES.concat(), dots, links.collect()).unwrap()
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ffff}' | '\u{e0041}')
}

#[test]
fn no_output_has_hidden_characters() {
    let drawing = drawing();
    let root = NAMES.len() - 1;
    for text in [
        graphviz(&drawing),
        mermaid(&drawing),
        graphml(&drawing),
        node_link(&drawing),
        otlp(&drawing),
        prov(&drawing),
        svg(&drawing, &NARROW),
        html(&drawing, &NARROW),
        lanes(&drawing, 80, &Plain),
        tree(&drawing, &[root], Direction::Causes, 80, &Plain),
    ] {
        assert_eq!(text.chars().find(|c| is_hidden(*c) && *c != '\n'), None, "{text}");
    }
}

#[test]
fn json_gives_names_back() {
    let json: Value = serde_json::from_str(&node_link(&drawing())).unwrap();
    for (name, node) in NAMES.iter().zip(json["nodes"].as_array().unwrap()) {
        assert_eq!(node["kind"], *name);
    }
    let json: Value = serde_json::from_str(&otlp(&drawing())).unwrap();
    for resource in json["resourceSpans"].as_array().unwrap() {
        let service = &resource["resource"]["attributes"][0]["value"]["stringValue"];
        assert!(NAMES.iter().any(|name| service == name));
    }
    serde_json::from_str::<Value>(&prov(&drawing())).unwrap();
}

#[test]
fn markup_stays_text() {
    let drawing = drawing();
    let source = graphml(&drawing);
    let document = Document::parse(&source).unwrap();
    let mut kinds = document.descendants().filter(|node| node.attribute("key") == Some("kind"));
    assert_eq!(kinds.next().and_then(|node| node.text()), Some(NAMES[0]));

    let source = svg(&drawing, &NARROW);
    let document = Document::parse(&source).unwrap();
    let known = ["svg", "title", "style", "defs", "marker", "path", "rect", "g", "text"];
    assert!(
        document.descendants().filter(|node| node.is_element()).all(|node| known.contains(&node.tag_name().name()))
    );
    assert!(document.descendants().all(|node| node.attributes().all(|attribute| !attribute.name().starts_with("on"))));

    let page = html(&drawing, &NARROW).to_lowercase();
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
    assert_eq!(page.matches("</title>").count(), page.matches("<title>").count());
    assert!(!page.contains("<!--") && !page.contains("<![cdata["));
}

#[test]
fn quotes_stay_closed() {
    // Outside of quotes, Graphviz and Mermaid get nothing but what this crate writes.
    let outside = |text: &str, escapes: bool| {
        let (mut out, mut within, mut escaped) = (String::new(), false, false);
        for c in text.chars() {
            match c {
                '"' if !escaped => within = !within,
                _ if !within => out.push(c),
                _ => {}
            }
            escaped = escapes && c == '\\' && !escaped;
        }
        assert!(!within);
        out
    };
    for text in
        [outside(&graphviz(&drawing()), true), outside(mermaid(&drawing()).split_once("flowchart").unwrap().1, false)]
    {
        for word in ["script", "alert", "shape=none", "evil", "click", "init", "list", "ls"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
    let source = mermaid(&drawing());
    assert!(!source.contains("%%"));
    assert!(!source.contains('`'));
    assert!(!source.lines().any(|line| line.trim() == "end" && !line.starts_with("  end")));
}
