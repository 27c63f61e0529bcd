//! A page of its own around the picture: to move in it, to magnify, and to read what stands behind a box.

use quick_xml::escape::escape;

use super::drawing::Drawing;
use super::plain::plain;
use super::svg::{FONTS, Picture, svg};

/// The drawing as one HTML file, which loads nothing from anywhere.
///
/// It shows the picture of [`svg`](crate::export::svg). Drag or scroll to move, pinch or scroll with Ctrl to magnify;
/// pointing at an event shows its details and fades what is not linked with it. Names and payloads are text in it,
/// never markup or script, and a content security policy forbids it everything but its own style and script.
#[must_use]
pub fn html(drawing: &Drawing, picture: &Picture) -> String {
    let title = plain(drawing.title());
    let title = escape(title.as_ref());
    let style = include_str!("html.css").replace("FONTS", FONTS);
    let script = include_str!("html.js");
    let svg = svg(drawing, picture);
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<div id="stage">
{svg}
</div>
<div id="bar">
<button data-act="out" title="smaller (-)" aria-label="smaller">−</button>
<button data-act="in" title="larger (+)" aria-label="larger">+</button>
<button data-act="wide" title="as wide as the window (1)">Width</button>
<button data-act="whole" title="the whole picture (0)">All</button>
</div>
<div id="tip" hidden></div>
<script>
{script}</script>
</body>
</html>
"#
    )
}
