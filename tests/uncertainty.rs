//! Quantiles over inputs that are not known exactly: against distributions that are known, with intervals that cover as often as
//! they say, and against solving every sample from the start.

use ninefold::exact::kept::Kept;
use ninefold::exact::{self, Settings as ExactSettings};
use ninefold::measure::{NoObserver, Uncertainty};
use ninefold::quantity::{DEFAULT_YEAR_SECONDS, Probability};
use ninefold::structure::kept::KeptTree;
use ninefold::study::uncertainty::{Settings, sample};
use ninefold::topology::read::{OpenPsaOptions, Syntax, Varied, read_belief, read_open_psa};
use ninefold::topology::uncertain::UncertainInput;

fn varied(text: &str, beliefs: &[&str]) -> Varied {
    let beliefs: Vec<String> = beliefs.iter().map(|belief| (*belief).to_owned()).collect();
    Varied::new(text, Syntax::Toml, DEFAULT_YEAR_SECONDS, &[], &beliefs).expect("beliefs about keys of the file")
}

fn of_topology(text: &str, beliefs: &[&str], settings: &Settings) -> Uncertainty {
    let varied = varied(text, beliefs);
    let as_written = Varied::new(text, Syntax::Toml, DEFAULT_YEAR_SECONDS, &[], &[]).expect("a topology");
    let kept = Kept::new(&as_written.model(&[]).expect("a model"), &ExactSettings::default(), &NoObserver);
    let kept = kept.expect("a structure");
    let solve = |values: &[f64]| -> Result<Option<f64>, String> {
        let model = varied.model(values).map_err(|mistakes| format!("{mistakes:?}"))?;
        kept.unavailability_of(&model, &NoObserver).map(Some).map_err(|error| error.to_string())
    };
    sample(varied.inputs(), settings, solve, &NoObserver).expect("samples")
}

/// How often at least an interval of 90 % must cover in so many runs: five standard deviations below.
fn fewest_of(runs: f64) -> f64 {
    0.9 * runs - 5.0 * (0.9 * 0.1 * runs).sqrt()
}

/// Two units in series: with x = 1 + failure rate / repair rate, which is uniform, 1 / A is a product of two of them.
const SERIES: &str = "[component.a]\nrate = \"1/100h\"\nmttr = \"1h\"\n[component.b]\nrate = \"1/100h\"\nmttr = \"1h\"\n\
                      [system]\nup = \"a and b\"\n";

/// P(x y <= z) for independent x and y, uniform on (c, d): the area below a hyperbola.
fn product_below(z: f64, c: f64, d: f64) -> f64 {
    let area = if z <= c * d {
        z * (z / (c * c)).ln() - z + c * c
    } else {
        (d - c) * (d - c) - (d * d - z - z * (d * d / z).ln())
    };
    area / ((d - c) * (d - c))
}

/// The unavailability whose distribution function is `p`.
fn series_quantile(p: f64) -> f64 {
    let (c, d) = (1.05, 1.25);
    let (mut low, mut high): (f64, f64) = (c * c, d * d);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if product_below(middle, c, d) < p { low = middle } else { high = middle }
    }
    1.0 - 1.0 / low
}

#[test]
fn uniform_rates_of_a_series_have_the_quantiles_of_their_closed_form() {
    let beliefs = ["a.rate=1/20h..1/4h", "b.rate=1/20h..1/4h"];
    let runs = 200;
    let mut covered = [0.0; 3];
    for seed in 0..runs {
        let settings = Settings { samples: 200, seed, alpha: 0.1, ..Settings::default() };
        let found = of_topology(SERIES, &beliefs, &settings);
        for (count, quantile) in covered.iter_mut().zip(&found.quantiles) {
            let truth = series_quantile(quantile.probability);
            let (low, high) = (quantile.low.expect("a lower end"), quantile.high.expect("an upper end"));
            *count += f64::from(u8::from(low <= truth && truth <= high));
        }
    }
    for count in covered {
        assert!(count >= fewest_of(runs as f64), "{covered:?}");
    }
    let found = of_topology(SERIES, &beliefs, &Settings { samples: 20_000, ..Settings::default() });
    for quantile in &found.quantiles {
        // Five standard errors of the share of samples below, at a density of at least 1 / (range of U).
        let share = product_below(1.0 / (1.0 - quantile.unavailability), 1.05, 1.25);
        assert!((share - quantile.probability).abs() < 5.0 * (0.25_f64 / 20_000.0).sqrt(), "{quantile:?}");
    }
    let correlations: Vec<f64> = found.correlations.iter().copied().flatten().collect();
    assert!(correlations.iter().all(|correlation| (0.6..0.8).contains(correlation)), "{correlations:?}");
}

const PARALLEL: &str = "<opsa-mef><define-fault-tree name=\"t\"><define-gate name=\"top\"><and><basic-event name=\"a\"/>\
                        <basic-event name=\"b\"/></and></define-gate></define-fault-tree><model-data>\
                        <define-basic-event name=\"a\"><float value=\"1e-4\"/></define-basic-event>\
                        <define-basic-event name=\"b\"><float value=\"1e-4\"/></define-basic-event></model-data></opsa-mef>";

#[test]
fn a_product_of_lognormal_probabilities_is_lognormal() {
    let tree = read_open_psa(PARALLEL, OpenPsaOptions::default()).expect("a tree");
    let kept = KeptTree::new(&tree, 1_000, &NoObserver).expect("a diagram");
    // ln of a has the standard deviation 0.6, that of b 0.8: that of the product is 1.
    let beliefs = ["a=lognormal(mu=-9, sigma=0.6)", "b=lognormal(mu=-8, sigma=0.8)"];
    let inputs: Vec<UncertainInput> =
        beliefs.iter().map(|text| read_belief(text, DEFAULT_YEAR_SECONDS).expect("a belief")).collect();
    let solve = |values: &[f64]| -> Result<Option<f64>, String> {
        let events: Result<Vec<Probability>, _> =
            values.iter().map(|value| Probability::parse(&format!("{value}"))).collect();
        Ok(Some(kept.probability(&events.map_err(|error| error.to_string())?)))
    };
    // The quantile of 95 % of a standard normal variable, from the tables.
    let truths = [-1.644_853_626_951_472_f64, 0.0, 1.644_853_626_951_472].map(|normal| (normal - 17.0).exp());
    let (runs, mut covered, mut mean_covered, mut met_covered) = (200, [0.0; 3], 0.0, 0.0);
    for seed in 0..runs {
        let allowed = Some((-17.0_f64).exp());
        let settings = Settings { samples: 500, seed, alpha: 0.1, allowed, ..Settings::default() };
        let found = sample(&inputs, &settings, solve, &NoObserver).expect("samples");
        for ((count, quantile), truth) in covered.iter_mut().zip(&found.quantiles).zip(truths) {
            let (low, high) = (quantile.low.expect("a lower end"), quantile.high.expect("an upper end"));
            *count += f64::from(u8::from(low <= truth && truth <= high));
        }
        let holds = |estimate: &ninefold::measure::Estimate, truth: f64| {
            f64::from(u8::from(
                estimate.low.is_some_and(|low| low <= truth) && estimate.high.is_some_and(|high| truth <= high),
            ))
        };
        mean_covered += holds(&found.mean, (-16.5_f64).exp());
        met_covered += holds(&found.target_met.expect("a target"), 0.5);
    }
    assert!(covered.iter().all(|count| *count >= fewest_of(runs as f64)), "{covered:?}");
    assert!(met_covered >= fewest_of(runs as f64), "{met_covered}");
    // Student's interval of a skewed variable covers a little less often than it says.
    assert!(mean_covered >= fewest_of(runs as f64) - 0.04 * runs as f64, "{mean_covered}");
}

#[test]
fn a_kept_structure_gives_what_solving_from_the_start_gives() {
    let text = include_str!("models/everything.toml");
    let zones = ["domain.a.mtbf=50h..90h", "domain.a.mttr=1h..4h", "servers.common_cause.beta=0.01..0.1"];
    let erlang = &PAIR.replace("mttr = \"9h\"", "mttr = { erlang = { mean = \"9h\", stages = 3 } }");
    let lognormal = &PAIR.replace("mttr = \"9h\"", "mttr = { lognormal = { mean = \"9h\", cv = 0.8 } }");
    let hot = "[component.a]\nmtbf = \"9d\"\nmttr = { fixed = \"1h\" }\n[group.a]\ncomponent = \"a\"\nactive = 2\n\
               standby = { count = 1, mode = \"hot\" }\n[system]\nup = \"a\"\n";
    let cases: [(&str, &[&str]); 6] = [
        (text, &zones),
        (erlang, &["db.mttr.erlang.mean=2h..20h", "db.mtbf=5d..9d"]),
        // Fits of other means and spreads have other phases.
        (lognormal, &["db.mttr.lognormal.mean=2h..20h", "db.mttr.lognormal.cv=0.5..1.5"]),
        (hot, &["a.mttr.fixed=1h..2h", "a.standby.count={ empirical = [1, 2] }"]),
        // A failover that always works leaves no one to wait for: other classes of states, perhaps.
        (
            PAIR,
            &[
                "db.failover.works={ empirical = [0.5, 1] }",
                "db.standby.count={ empirical = [1, 2] }",
                "lb.mttr=1h..2h",
            ],
        ),
        (PAIR, &["crew.oncall.size={ empirical = [1, 2, 3] }", "db.mtbf=20d..40d", "lb.mtbf=loguniform(1d, 100d)"]),
    ];
    for (text, beliefs) in cases {
        let varied = varied(text, beliefs);
        let medians: Vec<f64> = varied.inputs().iter().map(|input| input.belief.quantile(0.4)).collect();
        let start = varied.model(&medians).expect("a model");
        let settings = ExactSettings { phases: Some(4), ..ExactSettings::default() };
        let kept = Kept::new(&start, &settings, &NoObserver).expect("a structure");
        assert_eq!(kept.warnings().len(), usize::from(text.contains("lognormal")), "{:?}", kept.warnings());
        for p in [0.1, 0.4, 0.9] {
            let values: Vec<f64> = varied.inputs().iter().map(|input| input.belief.quantile(p)).collect();
            let model = varied.model(&values).expect("a model");
            let again = kept.unavailability_of(&model, &NoObserver).expect("a solution");
            let solved = exact::solve(&model, &settings, &NoObserver).expect("a solution");
            // The same operations in the same order.
            assert!((again / solved.unavailability - 1.0).abs() < 1e-15, "{beliefs:?} at {p}");
        }
    }
}

const PAIR: &str = "[component.lb]\nmtbf = \"9d\"\nmttr = \"1h\"\n[component.db]\nmtbf = \"9d\"\nmttr = \"9h\"\ndetect = \"1h\"\n\
                    [crew.oncall]\nsize = 1\n[group.db]\ncomponent = \"db\"\nactive = 1\ncrew = \"oncall\"\nstandby = \
                    { count = 1, mode = \"hot\" }\nfailover = { takes = \"1h\", works = 0.9, otherwise = \"4h\" }\n[system]\nup = \
                    \"lb and db\"\n";
