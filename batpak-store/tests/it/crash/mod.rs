//! The real store on a simulated disk: lives that end in crashes, power cuts and failing calls, held against a model.

mod driver;
mod flips;
mod model;

use batpak_store::disk::simulated::Stats;
use batpak_store::planted::{Bug, plant};

/// Seeds of the everyday run; `BATPAK_SEEDS` asks for more.
fn seeds() -> u64 {
    std::env::var("BATPAK_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

/// Runs one eighth of the seeds, so that the eighths run side by side; returns what happened in them.
fn eighth(part: u64) {
    let mut sum = Stats::default();
    let mut seen = driver::Seen::default();
    for seed in (part..seeds()).step_by(8) {
        let (stats, happened) = driver::run(seed).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        assert!(stats.calls >= 400, "seed {seed} made only {} calls", stats.calls);
        sum.add(&stats);
        seen.add(&happened);
    }
    // A simulation in which something never happens proves nothing about it.
    let never: Vec<&str> = seen.counters().into_iter().filter(|(_, count)| *count == 0).map(|(name, _)| name).collect();
    assert!(never.is_empty(), "never happened: {never:?}");
    println!("{seen:?}");
}

#[test]
fn nothing_acknowledged_is_lost_0() {
    eighth(0);
}

#[test]
fn nothing_acknowledged_is_lost_1() {
    eighth(1);
}

#[test]
fn nothing_acknowledged_is_lost_2() {
    eighth(2);
}

#[test]
fn nothing_acknowledged_is_lost_3() {
    eighth(3);
}

#[test]
fn nothing_acknowledged_is_lost_4() {
    eighth(4);
}

#[test]
fn nothing_acknowledged_is_lost_5() {
    eighth(5);
}

#[test]
fn nothing_acknowledged_is_lost_6() {
    eighth(6);
}

#[test]
fn nothing_acknowledged_is_lost_7() {
    eighth(7);
}

#[test]
fn a_seed_run_twice_does_the_same() {
    for seed in [1, 77, 4242] {
        let (first, _) = driver::run(seed).unwrap();
        let (second, _) = driver::run(seed).unwrap();
        assert_eq!(first.calls, second.calls, "seed {seed}");
    }
}

/// The simulation must notice the bug within so many seeds.
fn notices(bug: Bug, within: u64) {
    plant(Some(bug));
    let found = (0..within).find(|seed| driver::run(*seed).is_err());
    plant(None);
    assert!(found.is_some(), "{bug:?} stays unnoticed in {within} seeds");
}

#[test]
fn acknowledging_before_the_sync_is_noticed() {
    notices(Bug::AckBeforeSync, 50);
}

#[test]
fn not_syncing_the_folder_is_noticed() {
    notices(Bug::DirectoryUnsynced, 200);
}

#[test]
fn trying_a_failed_sync_again_is_noticed() {
    notices(Bug::SyncRetried, 500);
}

#[test]
fn believing_the_page_cache_is_noticed() {
    notices(Bug::CacheTrusted, 1000);
}

#[test]
fn not_comparing_the_revision_is_noticed() {
    notices(Bug::RevisionUnchecked, 50);
}
