//! Times that are not exponential where parts depend on each other: simulated, and solved by phases.
//!
//! References are topologies with exponential times that mean the same (solved exactly): a hyperexponential failover is one that
//! works or needs a person; a hyperexponential repair is one of two modes; an Erlang repair of two stages is a restart that
//! never works and then a repair. Where times are fixed, a renewal argument gives a closed form.

use ninefold::topology::Model;

use crate::library::{parsed, solved};
use crate::relative::assert_rel;
use crate::simulated::{Check, Misses, checks, simulated};

/// Events for each model.
const EVENTS: u64 = 300_000;

/// A topology, and one that means the same with exponential times only.
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    component: &'static str,
    exponential_component: &'static str,
    group: &'static str,
    exponential_group: &'static str,
}

pub(crate) const PAIRS: [Pair; 4] = [
    Pair {
        name: "hyperexponential failover",
        component: "mtbf = \"20h\"\nmttr = \"2h\"\ndetect = \"5m\"",
        exponential_component: "mtbf = \"20h\"\nmttr = \"2h\"\ndetect = \"5m\"",
        group: "standby = 2\nfailover = { takes = { hyperexponential = { means = [\"10m\", \"4h\"], weights = [0.7, 0.3] } } }",
        exponential_group: "standby = 2\nfailover = { takes = \"10m\", works = 0.7, otherwise = \"4h\" }",
    },
    Pair {
        name: "hyperexponential repair by a crew",
        component: "mtbf = \"10h\"\nmttr = { hyperexponential = { means = [\"1h\", \"8h\"], weights = [0.75, 0.25] } }",
        exponential_component: "[component.c.modes.short]\nmtbf = \"40h\"\nmttr = \"8h\"\n[component.c.modes.long]\n\
                                mtbf = \"13.333333333333334h\"\nmttr = \"1h\"",
        group: "standby = { count = 1, mode = \"warm\", ageing = 0.5 }\nfailover = { takes = \"30m\" }\ncrew = \"one\"",
        exponential_group: "standby = { count = 1, mode = \"warm\", ageing = 0.5 }\nfailover = { takes = \"30m\" }\n\
                            crew = \"one\"",
    },
    Pair {
        name: "Erlang repair under load",
        component: "mtbf = \"10h\"\nmttr = { erlang = { mean = \"6h\", stages = 2 } }",
        exponential_component: "mtbf = \"10h\"\nrestart = { takes = \"3h\", works = 0 }\nmttr = \"3h\"",
        group: "need = 1\nload = 1.5",
        exponential_group: "need = 1\nload = 1.5",
    },
    Pair {
        name: "Erlang repair beside a zone",
        component: "mtbf = \"15h\"\nmttr = { erlang = { mean = \"4h\", stages = 2 } }\ndetect = \"20m\"",
        exponential_component: "mtbf = \"15h\"\nrestart = { takes = \"2h\", works = 0 }\nmttr = \"2h\"\ndetect = \"20m\"",
        group: "need = 1\nstandby = { count = 1, mode = \"cold\", check = \"10h\" }\nfailover = { takes = \"40m\" }\n\
                common_cause = { beta = 0.2 }\nspread = [\"zone\", \"other\"]",
        exponential_group: "need = 1\nstandby = { count = 1, mode = \"cold\", check = \"10h\" }\n\
                            failover = { takes = \"40m\" }\ncommon_cause = { beta = 0.2 }\nspread = [\"zone\", \"other\"]",
    },
];

impl Pair {
    /// The topology, and the exponential one.
    pub(crate) fn models(&self) -> [Model; 2] {
        let model = text(self.component, self.group, 2);
        [model, text(self.exponential_component, self.exponential_group, 2)].map(|text| parsed(&text, self.name))
    }
}

fn text(component: &str, group: &str, active: u32) -> String {
    format!(
        "[component.c]\n{component}\n[domain.zone]\nmtbf = \"40h\"\nmttr = \"3h\"\n[domain.other]\nmtbf = \"60h\"\nmttr = \"2h\"\n\
         [crew.one]\nsize = 1\n[group.g]\ncomponent = \"c\"\nactive = {active}\n{group}\n[system]\nup = \"g\"\n"
    )
}

#[test]
fn simulated_intervals_hold_the_values_of_equivalent_exponential_topologies() {
    let mut misses = Misses::default();
    for (seed, pair) in (1..).zip(&PAIRS) {
        let [model, twin] = pair.models();
        let (exact, approximate) = solved(&twin, pair.name);
        assert!(!approximate, "{} is not exponential", pair.name);
        let simulated = simulated(&model, pair.name, seed, EVENTS).expect("units fail");
        // Modes have other names there.
        let same = |check: &Check| !check.measure.starts_with("begun by g.");
        let checks: Vec<Check> = checks(&exact, &simulated).into_iter().filter(same).collect();
        misses.add(pair.name, &checks);
    }
    misses.assert_few();
}

/// One unit serves while the other is in repair or waits cold; the life X is exponential, the repair takes D, one at a time.
/// A cycle begins when a unit begins to serve, at which moment the other begins its repair; it lasts max(X, D), and (D - X)+
/// of it is down (Gaver 1963): E(D - X)+ = D - (1 - exp(-λD))/λ, E max(X, D) = D + exp(-λD)/λ.
#[test]
fn fixed_repair_of_a_cold_pair_matches_its_renewal_formula() {
    let component = "mtbf = \"10h\"\nmttr = { fixed = \"4h\" }";
    let group = "standby = { count = 1, mode = \"cold\" }\ncrew = \"one\"";
    let model = parsed(&text(component, group, 1), "cold pair");
    let simulated = simulated(&model, "cold pair", 1, EVENTS).expect("units fail");
    let (mean, repair) = (10.0 * 3600.0, 4.0 * 3600.0);
    let down = repair + mean * libm::expm1(-repair / mean);
    let cycle = repair + mean * libm::exp(-repair / mean);
    let frequency = -libm::expm1(-repair / mean) / cycle;
    let mut misses = Misses::default();
    let estimates = [
        ("U", down / cycle, Some(simulated.unavailability)),
        ("frequency", frequency, simulated.failure_frequency),
        ("MDT", down / cycle / frequency, simulated.mean_down_time),
    ];
    let check = |(measure, exact, estimate): (&str, f64, Option<_>)| {
        Check::new(measure, exact, estimate.expect("there are outages enough"))
    };
    misses.add("cold pair", &estimates.map(check));
    misses.assert_few();
}

/// All times fixed: life L, warm standby ageing at 1/2, repair D, failover F. A unit takes over at the age a and serves for L - a;
/// the other, in repair since the failover began, ages for L - a - (D - F), and for F more once it is claimed, which still counts
/// as standing by. So the age settles at a = (L - a - D + 2F)/2, that is (L - D + 2F)/3; of each L - a + F the failover is
/// down.
#[test]
fn lives_keep_their_age_when_a_standby_is_promoted() {
    let component = "mtbf = { fixed = \"30h\" }\nmttr = { fixed = \"3h\" }";
    let group = "standby = { count = 1, mode = \"warm\", ageing = 0.5 }\nfailover = { takes = { fixed = \"1h\" } }";
    let model = parsed(&text(component, group, 1), "warm pair");
    let simulated = simulated(&model, "warm pair", 1, 2 * EVENTS).expect("units fail");
    let age = (30.0 - 3.0 + 2.0) / 3.0;
    // Every path is the same, and may end inside of one of its 3,000 cycles.
    let found = simulated.unavailability.point.expect("there are outages enough");
    assert_rel(found, 1.0 / (30.0 - age + 1.0), 1e-3, "warm pair");
}
