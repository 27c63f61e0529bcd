//! `Journal::graph`: the graph that grows, the one that is read from pieces and the one that is built anew are one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use batpak::causality::{Graph, PIECE_EVENTS};
use batpak::{Batch, CausalGraph, Cause, Coordinate, Draft, EventId, Journal, Kind, NodeSet, Position, Read, Relation};
use tempfile::TempDir;

fn id(number: u32) -> EventId {
    EventId::from_bytes([&[3; 12][..], &number.to_be_bytes()].concat().try_into().unwrap())
}

/// Event `number` of a few streams, with the same payload as all others, caused by some before it.
fn draft(number: u32) -> Draft<'static> {
    let stream = Coordinate::new("s", &(number % 7).to_string()).unwrap();
    let kind = Kind::new(if number.is_multiple_of(1000) { "rare" } else { "common" }).unwrap();
    let mut draft = Draft::json(stream, kind, &7_u8).unwrap().id(id(number));
    for back in [1, 3, 40_000] {
        if let Some(cause) = number.checked_sub(back).filter(|_| (number / back) % 3 == 1) {
            draft = draft.cause(if back == 3 { Cause::context(id(cause)) } else { Cause::required(id(cause)) });
        }
    }
    draft
}

fn append(journal: &Journal, numbers: std::ops::Range<u32>) {
    for first in numbers.clone().step_by(1000) {
        let drafts = (first..numbers.end.min(first + 1000)).map(draft).collect();
        journal.append(Batch::new(drafts)).unwrap();
    }
}

fn journal(folder: &TempDir) -> Journal {
    Journal::open(folder.path()).unwrap()
}

#[track_caller]
fn agree(found: &CausalGraph, wanted: &CausalGraph) {
    let (found_graph, wanted_graph): (&Graph, &Graph) = (found.graph(), wanted.graph());
    assert_eq!(found_graph.len(), wanted_graph.len());
    for node in wanted_graph.nodes() {
        assert!(found_graph.causes(node).eq(wanted_graph.causes(node)), "{node:?}");
        assert_eq!(found_graph.previous(node), wanted_graph.previous(node), "{node:?}");
    }
    for set in ["::@ & kind(rare)", "1::", "heads(all())", "must(2)", "hb(::@) & entity(3)", "fork_point(@ | 60000)"] {
        let [found, wanted] = [found, wanted].map(|graph| graph.select(set).unwrap().into_set());
        assert_eq!(found, wanted, "{set}");
    }
}

fn pieces(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|ending| ending == "graph")).collect()
}

/// Traps 12 and 40: answers that depend on whether something was live, reopened or damaged.
#[test]
fn live_reopened_and_built_anew_agree() {
    let folder = tempfile::tempdir().unwrap();
    let live = journal(&folder);
    let total = PIECE_EVENTS + 20_000;
    append(&live, 0..5000);
    let early = live.graph().unwrap();
    append(&live, 5000..total);
    let grown = live.graph().unwrap();
    assert_eq!((early.graph().len(), grown.graph().len()), (5000, total), "a snapshot stays what it was");
    append(&live, total..total + 100);
    let grown = live.graph().unwrap();
    live.close().unwrap();
    let kept = pieces(folder.path());
    assert_eq!(kept.len(), 2, "a full one, and the newest");

    let reopened = Journal::read_only(folder.path()).unwrap().graph().unwrap();
    agree(&reopened, &grown);
    for (piece, damage) in kept.iter().flat_map(|piece| [(piece, 0), (piece, 1), (piece, 2)]) {
        let bytes = fs::read(piece).unwrap();
        let mut damaged = bytes.clone();
        match damage {
            0 => damaged[200] ^= 1,
            1 => damaged.truncate(bytes.len() / 2),
            _ => damaged.clear(),
        }
        fs::write(piece, damaged).unwrap();
        agree(&Journal::read_only(folder.path()).unwrap().graph().unwrap(), &grown);
        fs::write(piece, bytes).unwrap();
    }
    kept.iter().for_each(|piece| fs::remove_file(piece).unwrap());
    agree(&Journal::read_only(folder.path()).unwrap().graph().unwrap(), &grown);
    assert!(pieces(folder.path()).is_empty(), "a reader writes nothing");
    drop(journal(&folder).graph().unwrap());
    assert_eq!(pieces(folder.path()).len(), 2, "a writer does");
}

/// Pieces of another log with the same number of events are not believed: trap 12.
#[test]
fn pieces_of_another_log_are_not_believed() {
    let [one, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let journal_one = journal(&one);
    append(&journal_one, 0..10_000);
    drop(journal_one.graph().unwrap());
    journal_one.close().unwrap();
    let journal_other = journal(&other);
    (0..10_000_u32).step_by(1000).for_each(|first| {
        let drafts = (first..first + 1000).map(|number| {
            Draft::json(Coordinate::new("s", "x").unwrap(), Kind::new("k").unwrap(), &7_u8).unwrap().id(id(number))
        });
        journal_other.append(Batch::new(drafts.collect())).unwrap();
    });
    journal_other.close().unwrap();
    let piece = pieces(one.path()).pop().unwrap();
    fs::copy(&piece, other.path().join(piece.file_name().unwrap())).unwrap();
    let graph = Journal::read_only(other.path()).unwrap().graph().unwrap();
    assert_eq!((graph.graph().len(), graph.graph().cause_count()), (10_000, 0));
}

/// Traps 34 and 44: a walk that followed payload hashes skipped events with equal payloads, and still reported the beginning.
#[test]
fn equal_payloads_are_different_events() {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(&folder);
    append(&journal, 0..600);
    let graph = journal.graph().unwrap();
    let mut naive: BTreeSet<EventId> = BTreeSet::from([id(599)]);
    let events: Vec<_> = journal.read("all()").unwrap().map(Result::unwrap).collect();
    for event in events.iter().rev().filter(|event| event.position <= Position::new(600)) {
        if naive.contains(&event.id) {
            naive.extend(event.causes.iter().map(|cause| cause.id));
        }
    }
    let last = NodeSet::of(graph.graph().len(), graph.node_of(id(599)).unwrap());
    let ancestors = graph.graph().ancestors(&last, Relation::Caused);
    let found: BTreeSet<EventId> = graph.events(&ancestors).map(|event| event.unwrap().id).collect();
    assert_eq!(found, naive);
}

/// What an event could have known is a filter for reads, and a fold over it a state.
#[test]
fn a_fold_sees_what_the_event_could_have_known() {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(&folder);
    let amount = |entity: &str, amount: u64, number: u32| {
        Draft::json(Coordinate::new("s", entity).unwrap(), Kind::new("paid").unwrap(), &amount).unwrap().id(id(number))
    };
    journal.append(amount("a", 10, 1)).unwrap();
    journal.append(amount("b", 500, 2)).unwrap();
    journal.append(amount("a", 7, 3).cause(Cause::required(id(1)))).unwrap();
    journal.append(amount("c", 1, 4).cause(Cause::context(id(3)))).unwrap();
    let graph = journal.graph().unwrap();
    let node = graph.node_of(id(4)).unwrap().unwrap();
    let sum = |read: Read| -> u64 {
        graph.read_as_known_to(node, read).map(|event| event.unwrap().json::<u64>().unwrap()).sum()
    };
    assert_eq!(sum(Read::all()), 18);
    assert_eq!(sum(Read::all().backward().limit(2)), 8);
    let unknown: Vec<u32> = graph.unknown_to(node).iter().map(batpak::Node::number).collect();
    assert_eq!(unknown, [1], "it happened, and nothing says that the event knew");
}
