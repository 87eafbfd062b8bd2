use crate::dynamics::Dynamics;
use crate::measure::{ClassSeen, ContributionChecks, ImportanceChecks, NoObserver, StopReason};
use crate::quantity::DEFAULT_YEAR_SECONDS;
use crate::simulate::Settings;
use crate::simulate::facts::FactsOf;
use crate::simulate::rare::chain::Chain;
use crate::simulate::rare::checks::{Doubt, LARGEST_FRONTIER, MoreWork, Past, ROUNDS_FOR_BOUNDS, doubt};
use crate::simulate::rare::rounds::{self, Wish};
use crate::simulate::rare::sites::Setting;
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::rare::twin::Twin;
use crate::simulate::rare::whole::Whole;
use crate::topology::read::{Syntax, read};
use crate::topology::{Model, Scope};

/// Four of five; with two failed, a third one often fails before the repair.
const BUSY: &str = "[component.c]\nmtbf = \"10h\"\nmttr = \"1h\"\n[crew.one]\nsize = 1\n[group.g]\ncomponent = \"c\"\n\
                    active = 5\nneed = 4\ncrew = \"one\"\n[system]\nup = \"g\"\n";

fn model(text: &str) -> Model {
    read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap()
}

#[test]
fn a_doubt_that_no_work_lifts_ends_the_run_without_a_limit() {
    let model = model(BUSY);
    let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
    let facts = FactsOf::new(&model, &dynamics);
    let whole = Whole::new(&facts);
    let twin = Twin::of(&dynamics, &whole, 3, &NoObserver).unwrap();
    assert!(twin.frontier_ratio > LARGEST_FRONTIER, "{}", twin.frontier_ratio);
    let setting = Setting { dynamics: &dynamics, meter: &whole, twin: &twin, long_outage: None };
    for precision in [Some(0.01), None] {
        let settings = Settings { precision, ..Settings::default() };
        let wish = Wish { settings: &settings, has_times: true, warm_up: 0, capacity: Vec::new() };
        let finished = rounds::run(&twin, &wish, &NoObserver, vec![Chain::new(setting, 1, 1)]);
        assert_eq!(finished.stopped_by, StopReason::NoInterval);
        assert_eq!(finished.doubt, Some(Doubt::Frontier));
        // 32 batches of 100 cycles, as many again in each further round.
        assert_eq!(finished.estimates.total.cycles, 3_200 << (ROUNDS_FOR_BOUNDS - 1));
        let advice = Doubt::Frontier.advice(&finished.checks, 1, 0);
        assert!(advice.starts_with("more events do not help, a smaller model does"), "{advice}");
    }
}

#[test]
fn too_few_outages_are_named_by_what_was_seen() {
    let class = |losses, cycles| ClassSeen { losses, expected_share: 0.1, cycles };
    let of = |effective, classes: &[ClassSeen]| ImportanceChecks {
        downtime: ContributionChecks { effective_sample_size: effective, ..ContributionChecks::default() },
        outages: ContributionChecks { effective_sample_size: effective, ..ContributionChecks::default() },
        classes: classes.to_vec(),
        ..ImportanceChecks::default()
    };
    let few = of(99.9, &[class(1, 1), class(3, 0)]);
    assert_eq!(
        Doubt::TooFew { outages: 9 }.reason(&few),
        "the outages that were sampled weigh like 99 equal ones, and 100 are needed (1 loss at a time in 1 cycle, 3 losses \
         at a time in none)"
    );
    let many = of(20.0, &[class(2, 7), class(3, 6), class(4, 9), class(5, 7), class(6, 2)]);
    assert_eq!(
        Doubt::TooFew { outages: 9 }.reason(&many),
        "the outages that were sampled weigh like 20 equal ones, and 100 are needed (each number from 2 to 6 losses at a \
         time in 2 to 9 cycles)"
    );
    let none = of(0.0, &[class(2, 0)]);
    assert!(Doubt::TooFew { outages: 0 }.reason(&none).starts_with("no outage was sampled"));
    assert_eq!(Doubt::TooFew { outages: 0 }.more_work(&none), MoreWork::Open);
    // Nothing seen of what takes 30 is no reason to say that more does not help.
    let unseen = Doubt::LossUnseen { cause: "zone".into(), seen: 0 };
    assert_eq!(unseen.more_work(&few), MoreWork::AtLeast(10.0));
    assert!(unseen.reason(&few).ends_with("happened not once"), "{}", unseen.reason(&few));
}

#[test]
fn what_failed_once_must_pass_by_far() {
    let model = model(BUSY);
    let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
    let facts = FactsOf::new(&model, &dynamics);
    let whole = Whole::new(&facts);
    let twin = Twin::of(&dynamics, &whole, 1_000, &NoObserver).unwrap();
    let mut total = Statistics::new(2, 0, 0);
    total.add_cycle(1.0, 0.0);
    let with = |lives: f64, lives_are_uneven: bool, tail_index: f64| {
        let of = ContributionChecks {
            effective_sample_size: 1e4,
            effective_lives: Some(lives),
            lives_are_uneven,
            tail_index,
            ..ContributionChecks::default()
        };
        ImportanceChecks { downtime: of, outages: of, frontier_ratio: 1.0, ..ImportanceChecks::default() }
    };
    let found = |checks: &ImportanceChecks, past: Past| doubt(checks, &total, &twin, true, past);
    let fresh = Past::default();
    assert_eq!(found(&with(299.0, true, 0.3), fresh), Some(Doubt::TooFewLives { needed: 300.0 }));
    assert_eq!(found(&with(301.0, true, 0.3), fresh), None);
    assert_eq!(found(&with(20.0, false, 0.3), fresh), None);
    assert_eq!(found(&with(1e3, true, 0.61), fresh), Some(Doubt::HeavyTail));
    assert_eq!(found(&with(1e3, true, 0.55), fresh), None);
    let mut past = Past::default();
    past.note(&with(299.0, true, 0.61));
    assert_eq!(found(&with(499.0, true, 0.3), past), Some(Doubt::TooFewLives { needed: 500.0 }));
    assert_eq!(found(&with(501.0, true, 0.3), past), None);
    assert_eq!(found(&with(501.0, true, 0.51), past), Some(Doubt::HeavyTail));
    // Lives that are worth much the same may be few.
    past = Past::default();
    past.note(&with(20.0, false, 0.3));
    assert_eq!(found(&with(301.0, true, 0.3), past), None);
}
