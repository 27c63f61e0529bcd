//! What do causal questions cost, against petgraph?
//!
//! `cargo bench --bench graph -- [EVENTS ..] [SHAPE ..]`; a million and ten million, and all shapes, if none are given. Shapes with fixed seeds:
//! - *process*: a thousand workflows at a time, each a stream of about 20 events; one event in ten joins two, half of these from two workflows,
//! - *crossing*: as *process*, but each event is in one of n/20 streams at random, so that soon everything happened before everything,
//! - *agent*: 256 streams; an event follows the last one of its stream, and in 15 % one of another stream as well,
//! - *random*: one to three causes among the last 10,000; n/20 streams at random.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use std::fmt::Display;
use std::hint::black_box;
use std::time::{Duration, Instant};

use batpak_core::Edge;
use batpak_graph::{Arrival, Graph, Node, NodeSet, Relation};
use petgraph::algo::dominators::simple_fast;
use petgraph::algo::toposort;
use petgraph::graph::NodeIndex;
use petgraph::visit::{Bfs, Dfs, Reversed, Walker};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--test") {
        return;
    }
    let mut sizes: Vec<u32> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![1_000_000, 10_000_000];
    }
    let named = args.iter().any(|arg| SHAPES.iter().any(|(name, _)| name == arg));
    for events in sizes {
        for (name, shape) in SHAPES {
            if named && !args.iter().any(|arg| arg == name) {
                continue;
            }
            let log = shape(events);
            println!("\n{name}, {events} events, {:.2} causes an event", log.causes.len() as f64 / f64::from(events));
            println!("{:<62}{:>12}{:>10}", "", "measured", "wanted");
            measure(name, &log);
        }
    }
    if !named {
        apart_from_shapes();
    }
}

type Shape = (&'static str, fn(u32) -> Log);

const SHAPES: [Shape; 4] = [("process", process), ("crossing", crossing), ("agent", agent), ("random", random)];

fn row(what: &str, measured: impl Display, wanted: &str) {
    println!("{what:<62}{measured:>12}{wanted:>10}");
}

fn measure(name: &str, log: &Log) {
    let (minimal, took) = timed(|| log.graph(Graph::new()));
    row("push, causes alone, M events/s", millions(log.len(), took), "8");
    row("bytes an event, causes alone", per_event(&minimal), "24");
    let mut graph = Graph::with_streams();
    graph.index(Relation::Caused);
    graph.index(Relation::HappenedBefore);
    let ((), took) = timed(|| log.push(&mut graph, 0..log.len()));
    row("push, every index growing along, M events/s", millions(log.len(), took), "8");
    row("bytes an event, every index", per_event(&graph), "80");
    drop(minimal);
    questions(name, &graph, "any", &any_pairs(log.len()));
    questions(name, &graph, "near", &near_pairs(log.len()));
    against_petgraph(&graph);
}

/// Asks about pairs of events.
fn questions(shape: &str, graph: &Graph, name: &str, pairs: &[(Node, Node)]) {
    let caused = |(start, end): &&(Node, Node)| graph.caused_by(*end, *start);
    let (yes, took) = timed(|| pairs.iter().filter(caused).count());
    let yes = percent(yes, pairs.len());
    let wanted = if shape == "process" && name == "any" { "1" } else { "" };
    row(&format!("caused by, {name} pairs ({yes} % yes), M/s"), millions(pairs.len() as u32, took), wanted);
    let mut times: Vec<Duration> = Vec::new();
    let mut yes = 0;
    let ((), took) = timed(|| {
        for (start, end) in pairs {
            let clock = Instant::now();
            yes += usize::from(graph.happened_before(*start, *end));
            times.push(clock.elapsed());
        }
    });
    times.sort_unstable();
    let median = times[times.len() / 2].as_secs_f64() * 1e6;
    let yes = percent(yes, pairs.len());
    row(&format!("happened before, {name} pairs ({yes} % yes), median us"), format!("{median:.2}"), "3");
    let mean = took.as_secs_f64() * 1e6 / pairs.len() as f64;
    row(&format!("happened before, {name} pairs, mean us"), format!("{mean:.1}"), "200");
}

/// A large cone, and dominators, on our graph and on petgraph's own.
fn against_petgraph(graph: &Graph) {
    let ((theirs, newest), took) = timed(|| theirs(graph));
    row("petgraph: build, M events/s", millions(graph.len(), took), "");
    let Some(head) = graph.head() else { return };
    let start = NodeSet::of(graph.len(), [head]);
    let (cone, took) = timed(|| graph.ancestors(&start, Relation::Caused));
    let nodes = cone.len() as u32;
    let back = Reversed(&theirs);
    let (visited, bfs) = timed(|| Bfs::new(back, newest).iter(back).count());
    assert_eq!(visited, nodes as usize);
    if nodes < 10_000 {
        return;
    }
    row(&format!("everything that caused the newest event ({nodes}), M events/s"), millions(nodes, took), "");
    let (_, dfs) = timed(|| Dfs::new(back, newest).iter(back).count());
    let best = bfs.min(dfs);
    row("petgraph: the same, the better of Bfs and Dfs", millions(nodes, best), "");
    row("   ratio", format!("{:.1}", best.as_secs_f64() / took.as_secs_f64()), "4");
    let (_, ours) = timed(|| graph.dominators(&start));
    row("dominators of the newest event, with their tree, s", format!("{:.2}", ours.as_secs_f64()), "");
    let root = graph.roots().next().map_or(newest, |root| NodeIndex::new(root.number() as usize));
    let (_, took) = timed(|| simple_fast(&theirs, root));
    row("petgraph: dominators from the first root, s", format!("{:.2}", took.as_secs_f64()), "");
    row("   ratio", format!("{:.0}", took.as_secs_f64() / ours.as_secs_f64()), "20");
}

type Theirs = petgraph::Graph<(), ()>;

/// The same causes in petgraph's own graph, and its newest node.
fn theirs(graph: &Graph) -> (Theirs, NodeIndex) {
    let mut theirs = Theirs::with_capacity(graph.len() as usize, graph.cause_count() as usize);
    let mut newest = NodeIndex::default();
    for node in graph.nodes() {
        newest = theirs.add_node(());
        for (cause, _) in graph.causes(node) {
            theirs.add_edge(NodeIndex::new(cause.number() as usize), newest, ());
        }
    }
    (theirs, newest)
}

/// What does not depend on the shape.
fn apart_from_shapes() {
    println!("\nsets of a million events, and a chain of a million");
    let every = |step: usize| NodeSet::of(1_000_000, (0..1_000_000).step_by(step).map(Node::new));
    let (mut one, two, three) = (every(2), every(3), every(5));
    let ((), took) = timed(|| {
        one.unite(&two);
        one.intersect(&three);
        one.subtract(&two);
        one.invert();
    });
    row("unite, intersect, subtract, invert, and count, ms", format!("{:.3}", took.as_secs_f64() * 1e3), "10");
    black_box(one.len());
    let mut chain = Log::default();
    (0..1_000_000_u32)
        .for_each(|event| chain.add(event.checked_sub(1).as_slice(), event.checked_sub(1).unwrap_or(u32::MAX)));
    let mut graph = Graph::with_streams();
    graph.index(Relation::Caused);
    graph.index(Relation::HappenedBefore);
    let ((), took) = timed(|| chain.push(&mut graph, 0..chain.len()));
    row("chain: push, every index growing along, M events/s", millions(chain.len(), took), "");
    let (first, last) = (Node::new(0), Node::new(999_999));
    let us = |took: Duration| format!("{:.1}", took.as_secs_f64() * 1e6);
    row("chain: the last was caused by the first, us", us(timed(|| assert!(graph.caused_by(last, first))).1), "");
    row(
        "chain: the first happened before the last, us",
        us(timed(|| assert!(graph.happened_before(first, last))).1),
        "",
    );
    let ms = |took: Duration| format!("{:.0}", took.as_secs_f64() * 1e3);
    row("chain: the path, ms", ms(timed(|| graph.path(first, last, Relation::Caused).unwrap()).1), "");
    row(
        "chain: the shortest path, ms",
        ms(timed(|| graph.shortest_paths(first, last, Relation::Caused, 1).unwrap()).1),
        "",
    );
    row("chain: petgraph's toposort on our graph, ms", ms(timed(|| toposort(&graph, None).unwrap()).1), "");
}

/// Runs `work`, and the processor time of this thread meanwhile.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let now = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let start = now();
    let made = black_box(work());
    (made, now() - start)
}

fn millions(count: u32, took: Duration) -> String {
    let rate = f64::from(count) / took.as_secs_f64() / 1e6;
    if rate < 1.0 { format!("{rate:.3}") } else { format!("{rate:.1}") }
}

fn percent(part: usize, whole: usize) -> String {
    format!("{:.0}", 100.0 * part as f64 / whole as f64)
}

fn per_event(graph: &Graph) -> String {
    format!("{:.1}", graph.heap_bytes() as f64 / f64::from(graph.len()))
}

/// Events as plain columns.
#[derive(Default)]
struct Log {
    /// Where the causes of each event end.
    ends: Vec<u32>,
    causes: Vec<u32>,
    /// The previous event of the stream, or `u32::MAX`.
    previous: Vec<u32>,
}

impl Log {
    fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    fn add(&mut self, causes: &[u32], previous: u32) {
        self.causes.extend_from_slice(causes);
        self.ends.push(self.causes.len() as u32);
        self.previous.push(previous);
    }

    fn causes(&self, event: u32) -> &[u32] {
        let start = event.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.causes[start as usize..self.ends[event as usize] as usize]
    }

    fn graph(&self, mut graph: Graph) -> Graph {
        self.push(&mut graph, 0..self.len());
        graph
    }

    fn push(&self, graph: &mut Graph, events: std::ops::Range<u32>) {
        let mut causes = Vec::new();
        for event in events {
            causes.clear();
            causes.extend(self.causes(event).iter().map(|cause| (Node::new(*cause), Edge::Required)));
            let previous = self.previous[event as usize];
            let previous = (previous != u32::MAX).then(|| Node::new(previous));
            graph.push(Arrival { causes: &causes, previous, ..Arrival::default() }).unwrap();
        }
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((u64::from((mixed ^ (mixed >> 31)) as u32) * u64::from(bound)) >> 32) as u32
    }

    fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
}

fn process(events: u32) -> Log {
    let mut random = Random(1);
    let mut log = Log::default();
    let mut open: Vec<Vec<u32>> = vec![Vec::new(); 1000];
    for event in 0..events {
        let (at, other) = (random.below(1000) as usize, random.below(1000) as usize);
        if random.below(20) == 0 {
            open[at].clear();
        }
        let mut causes = Vec::new();
        if let Some(last) = open[at].last().copied() {
            let earlier = open[at].get(random.below(open[at].len() as u32) as usize).copied();
            causes.push(earlier.filter(|_| random.percent(30)).unwrap_or(last));
            if random.percent(10) {
                let joined = if random.percent(50) { open[other].last().copied() } else { earlier };
                causes.extend(joined.filter(|joined| *joined != causes[0]));
            }
        }
        log.add(&causes, open[at].last().copied().unwrap_or(u32::MAX));
        open[at].push(event);
    }
    log
}

fn crossing(events: u32) -> Log {
    let mut random = Random(6);
    let mut log = process(events);
    let mut streams = vec![u32::MAX; (events / 20).max(1) as usize];
    for (event, previous) in (0..).zip(&mut log.previous) {
        let stream = random.below(streams.len() as u32) as usize;
        *previous = std::mem::replace(&mut streams[stream], event);
    }
    log
}

fn agent(events: u32) -> Log {
    let mut random = Random(2);
    let mut log = Log::default();
    let mut streams = [u32::MAX; 256];
    for event in 0..events {
        let stream = random.below(256) as usize;
        let mut causes = vec![streams[stream]];
        if random.percent(15) {
            causes.push(streams[random.below(256) as usize]);
        }
        causes.retain(|cause| *cause != u32::MAX);
        causes.dedup();
        log.add(&causes, std::mem::replace(&mut streams[stream], event));
    }
    log
}

fn random(events: u32) -> Log {
    let mut random = Random(3);
    let mut log = Log::default();
    let mut streams = vec![u32::MAX; (events / 20).max(1) as usize];
    for event in 0..events {
        let count = (1 + random.below(3)).min(event);
        let mut causes: Vec<u32> = (0..count).map(|_| event - 1 - random.below(event.min(10_000))).collect();
        causes.sort_unstable();
        causes.dedup();
        let stream = random.below(streams.len() as u32) as usize;
        log.add(&causes, std::mem::replace(&mut streams[stream], event));
    }
    log
}

/// Pairs at any distance.
fn any_pairs(events: u32) -> Vec<(Node, Node)> {
    let mut random = Random(4);
    let draw = |_| {
        let (one, other) = (random.below(events), random.below(events));
        (Node::new(one.min(other)), Node::new(one.max(other)))
    };
    (0..PAIRS).map(draw).collect()
}

/// Pairs at a distance of 2 to 2^20, all orders of magnitude alike.
fn near_pairs(events: u32) -> Vec<(Node, Node)> {
    let mut random = Random(5);
    let draw = |_| {
        let end = random.below(events);
        let magnitude = random.below(20);
        let distance = random.below(2 << magnitude) + 1;
        (Node::new(end.saturating_sub(distance)), Node::new(end))
    };
    (0..PAIRS).map(draw).collect()
}

const PAIRS: usize = 20_000;
