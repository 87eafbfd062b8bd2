//! Derivatives of the exact solution against closed forms, and against differences of solutions.
//!
//! The differences are of fourth order, `(8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h`, in the logarithm of the number, made by changing
//! the key that the derivative is reported under: so a key that names another number fails here, too. With steps of 0.002 the
//! truncation is about `h^4 f^(5) / 30`, below 1e-10 of f for the powers that occur, and the rounding of the solutions, about
//! 1e-15 of f each, becomes 1e-12 of f. So what can be demanded is 1e-9 of the derivative plus 1e-11 of f.

#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

use std::path::Path;

use ninefold::exact::{self, Settings};
use ninefold::measure::{Lever, NoObserver, Sensitivity};
use ninefold::topology::Model;
use ninefold::topology::read::{Syntax, keys, read_changed};

const YEAR: f64 = 365.0 * 86_400.0;

fn model(text: &str, changes: &[String]) -> Model {
    read_changed(text, Syntax::Toml, YEAR, changes).unwrap_or_else(|mistakes| panic!("{changes:?}: {mistakes:?}"))
}

/// Times that are not made of phases are fitted.
fn settings() -> Settings {
    Settings { phases: Some(4), ..Settings::default() }
}

fn sensitivity(text: &str) -> Sensitivity {
    exact::sensitivity(&model(text, &[]), &settings(), &NoObserver).unwrap()
}

fn solved(text: &str, changes: &[String]) -> (f64, f64) {
    let mut model = model(text, changes);
    model.system.demand = None;
    let measures = exact::solve(&model, &settings(), &NoObserver).unwrap();
    (measures.unavailability, measures.failure_frequency.unwrap_or(0.0))
}

fn is_coverage(lever: &Lever) -> bool {
    lever.key.rsplit('.').next() == Some("works")
}

/// The weights of a mixture after the lever, one of them, is multiplied by `factor`; the others keep their ratios.
fn weights(text: &str, lever: &Lever, factor: f64) -> String {
    let (list, number) = lever.key.rsplit_once('.').expect("an item of a list");
    let written = keys(text, Syntax::Toml, &[]).unwrap();
    let (_, weights) = written.into_iter().find(|(key, _)| key == list).expect("the list");
    let weights: Vec<f64> =
        weights.trim_matches(['[', ']']).split(',').map(|weight| weight.trim().parse().unwrap()).collect();
    let number: usize = number.parse().unwrap();
    let grown = weights[number] * factor;
    let other = |weight: f64| weight * (1.0 - grown) / (1.0 - weights[number]);
    let changed =
        weights.iter().enumerate().map(|(index, weight)| if index == number { grown } else { other(*weight) });
    format!("{list}=[{}]", changed.map(|weight| weight.to_string()).collect::<Vec<_>>().join(", "))
}

/// The change that moves the logarithm of the lever so far: of its value, or of what is missing from certainty. A time keeps its shape.
fn change(text: &str, lever: &Lever, by: f64) -> String {
    let factor = by.exp();
    if lever.key.contains(".weights.") {
        return weights(text, lever, factor);
    }
    if lever.is_time {
        let written = keys(text, Syntax::Toml, &[]).unwrap();
        let is_own = |(key, value): (String, String)| {
            let inner = key.strip_prefix(&format!("{}.", lever.key))?.to_owned();
            ["mean", "means", "fixed"].contains(&inner.rsplit('.').next()?).then_some((key, value))
        };
        match written.into_iter().find_map(is_own) {
            Some((key, means)) if key.ends_with("means") => {
                let means = means.trim_matches(['[', ']']).split(',').map(|mean| {
                    let (number, unit) = mean.trim().split_at(mean.trim().len() - 1);
                    format!("\"{}{unit}\"", number.parse::<f64>().expect("one unit of one letter") * factor)
                });
                format!("{key}=[{}]", means.collect::<Vec<_>>().join(", "))
            }
            Some((key, _)) => format!("{key}={}s", lever.value * factor),
            None => format!("{}={}s", lever.key, lever.value * factor),
        }
    } else if is_coverage(lever) {
        format!("{}={}", lever.key, lever.value - (1.0 - lever.value) * by.exp_m1())
    } else {
        format!("{}={}", lever.key, lever.value * factor)
    }
}

fn scale(lever: &Lever) -> f64 {
    if is_coverage(lever) { -(1.0 - lever.value) } else { lever.value }
}

fn differences(text: &str, lever: &Lever) -> (f64, f64) {
    let h = 2e-3;
    let at = |steps: f64| solved(text, &[change(text, lever, steps * h)]);
    let (up, down, far_up, far_down) = (at(1.0), at(-1.0), at(2.0), at(-2.0));
    let slope = |f: &dyn Fn((f64, f64)) -> f64| {
        (8.0 * (f(up) - f(down)) - (f(far_up) - f(far_down))) / (12.0 * h) / scale(lever)
    };
    (slope(&|values| values.0), slope(&|values| values.1))
}

fn compare(name: &str, text: &str) -> usize {
    let base = solved(text, &[]);
    let found = sensitivity(text);
    for lever in &found.levers {
        let expected = differences(text, lever);
        let size = scale(lever).abs();
        let check = |what: &str, actual: f64, expected: f64, of: f64| {
            let room = 1e-9 * expected.abs() + 1e-11 * of / size;
            assert!((actual - expected).abs() <= room, "{name}: {what} by {}: {actual:e} {expected:e}", lever.key);
        };
        check("unavailability", lever.unavailability, expected.0, base.0);
        if let Some(frequency) = lever.frequency {
            check("frequency", frequency, expected.1, base.1);
        }
    }
    found.levers.len()
}

#[test]
fn derivatives_match_differences_in_all_models() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut models, mut levers) = (0, 0);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let exact =
            exact::solve(&model(&text, &[]), &Settings { max_states: 20_000, ..Settings::default() }, &NoObserver);
        if exact.is_err() {
            continue;
        }
        models += 1;
        levers += compare(&name, &text);
    }
    assert!(models >= 50 && levers >= 250, "{models} models, {levers} levers");
}

fn close(actual: f64, expected: f64) {
    // Sums and products of a few terms; the chains are solved to 1e-14.
    assert!((actual / expected - 1.0).abs() < 1e-12, "{actual:e} {expected:e}");
}

fn lever<'a>(found: &'a Sensitivity, key: &str) -> &'a Lever {
    found.levers.iter().find(|lever| lever.key == key).unwrap_or_else(|| panic!("no {key} in {found:?}"))
}

#[test]
fn one_unit_matches_its_closed_form() {
    // U = R / (M + R), frequency 1 / (M + R).
    let text = "[component.a]\nmtbf = \"30d\"\nmttr = \"1h\"\n[system]\nup = \"a\"\n";
    let found = sensitivity(text);
    let (m, r) = (30.0 * 86_400.0, 3_600.0);
    let square = (m + r) * (m + r);
    let life = lever(&found, "component.a.mtbf");
    close(life.unavailability, -r / square);
    close(life.frequency.unwrap(), -1.0 / square);
    // Ten per cent fewer failures, to first order.
    close(life.saved, r * m / square);
    let repair = lever(&found, "component.a.mttr");
    close(repair.unavailability, m / square);
    close(repair.frequency.unwrap(), -1.0 / square);
    close(repair.saved, r * m / square);
    assert_eq!(found.levers.len(), 2);
}

#[test]
fn k_of_n_matches_its_closed_form_at_nine_nines() {
    // 2 of 4 units of q = 1e-4: U = 4 q^3 a + q^4, dU/dq = 12 q^2 a: the other three are two down and one up.
    let text = "[component.a]\nunavailability = 1e-4\n[group.g]\ncomponent = \"a\"\nactive = 4\nneed = 2\n[system]\nup = \"g\"\n";
    let found = sensitivity(text);
    let unavailability = lever(&found, "component.a.unavailability");
    close(unavailability.unavailability, 12.0 * 1e-8 * 0.9999);
    assert_eq!(unavailability.frequency, None);
    // With a fifth unit, 4 of 5 must be down: 5 q^4 a + q^5.
    let step = &found.steps[0];
    assert_eq!((step.key.as_str(), step.from, step.to), ("group.g.active", 4, 5));
    close(step.found.unwrap().unavailability, 5.0 * 1e-16 * 0.9999 + 1e-20);
}

#[test]
fn a_pair_with_one_repairer_matches_its_closed_form() {
    // States 0, 1, 2 failed, x = lambda / mu: U = 2x^2 / (1 + 2x + 2x^2), frequency = lambda 2x / (1 + 2x + 2x^2).
    let text = "[component.a]\nmtbf = \"1000h\"\nmttr = \"1h\"\n[crew.c]\nsize = 1\n[group.g]\ncomponent = \"a\"\nactive = 2\n\
                need = 1\ncrew = \"c\"\n[system]\nup = \"g\"\n";
    let found = sensitivity(text);
    let (m, r): (f64, f64) = (3.6e6, 3_600.0);
    let x = r / m;
    let total = 1.0 + 2.0 * x + 2.0 * x * x;
    let by_x = 4.0 * x * (1.0 + x) / (total * total);
    close(lever(&found, "component.a.mtbf").unavailability, -by_x * x / m);
    close(lever(&found, "component.a.mttr").unavailability, by_x * x / r);
    let frequency_by_x = 2.0 / m * (1.0 - 2.0 * x * x) / (total * total);
    close(lever(&found, "component.a.mttr").frequency.unwrap(), frequency_by_x / m);
    // With two repairers the units are independent.
    let step = found.steps.iter().find(|step| step.key == "crew.c.size").unwrap();
    let q = r / (m + r);
    close(step.found.unwrap().unavailability, q * q);
    close(step.found.unwrap().saved, 2.0 * x * x / total - q * q);
}

#[test]
fn a_standby_with_coverage_matches_its_closed_form() {
    // Cold standby, switched at once with c, else after T on average; immediate detection, any number of repairers:
    // checked by differences; here only that coverage pays by what is missing of it.
    let text = "[component.a]\nmtbf = \"30d\"\nmttr = \"1h\"\n[group.g]\ncomponent = \"a\"\nactive = 1\nstandby = { count = 1, mode = \"cold\" }\n\
                failover = { works = 0.98, otherwise = \"30m\" }\n[system]\nup = \"g\"\n";
    let found = sensitivity(text);
    let works = lever(&found, "group.g.failover.works");
    close(works.saved, -works.unavailability * (1.0 - 0.98));
    assert!(works.saved > 0.0 && works.unavailability < 0.0);
}

#[test]
fn numbers_of_alike_groups_have_each_its_own_share() {
    // Three groups of two components with the same numbers, one of which has them from its defaults: the chain holds them for
    // one another, and a change of one number tells them apart.
    let part = |name: &str, own: &str, failover: &str, standby: &str| {
        format!(
            "[component.{name}]\ndetect = \"5m\"\n[component.{name}.modes.crash]\nmtbf = \"90h\"\nmttr = \"1h\"\n             restart = {{ takes = \"2m\", works = 0.75 }}\n[component.{name}.modes.disk]\nmtbf = \"300h\"\n             {own}mttr = \"2h\"\n[group.{name}]\ncomponent = \"{name}\"\nactive = 1\n{standby}\n             crew = \"k\"\n{failover}"
        )
    };
    let failover = "failover = { takes = \"20s\", works = 0.9, otherwise = \"30m\" }\ncommon_cause = { beta = 0.1 }\n";
    let warm = "standby = { count = 1, mode = \"warm\", ageing = 0.5 }";
    let (one, other) = (part("a", "", failover, warm), part("b", "detect = \"5m\"\n", failover, warm));
    let third = format!("[group.c]\ncomponent = \"a\"\nactive = 1\n{warm}\ncrew = \"k\"\n{failover}");
    let two = format!("[crew.k]\nsize = 1\n{one}{other}[system]\nup = \"a and b\"\n");
    let states =
        |text: &str| exact::solve(&model(text, &[]), &Settings::default(), &NoObserver).unwrap().states.unwrap();
    let apart = two.replace("a and b", "a and b or a and b and a");
    assert!(states(&two) < states(&apart), "the groups are alike");
    assert!(compare("two alike groups", &two) >= 15);
    let small = |text: &str| text.replace("[component.a.modes.disk]\nmtbf = \"300h\"\nmttr = \"2h\"\n", "");
    let three = format!("[crew.k]\nsize = 1\n{}{third}[system]\nup = \"a and c\"\n", small(&one));
    assert!(compare("groups of one component", &three) >= 8);
}

#[test]
fn groups_of_shared_and_of_own_components_share_by_groups() {
    // Four alike groups, three of them of one component, with a load and a zone.
    let component = |name: &str| format!("[component.{name}]\nmtbf = \"50h\"\nmttr = \"2h\"\ndetect = \"10m\"\n");
    let group = |name: &str, component: &str| {
        format!(
            "[group.{name}]\ncomponent = \"{component}\"\nactive = 2\nneed = 1\nload = 1.5\ncrew = \"k\"\n             depends = [\"z\"]\n"
        )
    };
    let text = format!(
        "[crew.k]\nsize = 2\n[domain.z]\nmtbf = \"500h\"\nmttr = \"1h\"\n{}{}{}{}{}{}[system]\nup = \"3 of (p, q, r, s)\"\n",
        component("x"),
        component("y"),
        group("p", "x"),
        group("q", "y"),
        group("r", "x"),
        group("s", "x")
    );
    assert!(compare("shared components", &text) >= 12);
    let found = sensitivity(&text);
    let [x, y] = ["x", "y"].map(|name| lever(&found, &format!("component.{name}.mtbf")).saved);
    close(x, 3.0 * y);
    let loads: Vec<f64> = ["p", "q", "r", "s"].map(|name| lever(&found, &format!("group.{name}.load")).saved).to_vec();
    for load in &loads {
        close(*load, loads[0]);
    }
}

#[test]
fn numbers_of_alike_domains_have_each_its_own_share() {
    // The chain holds the two zones for one another, and a change of the numbers of one tells them apart. The group beside the module feels
    // them, too.
    let text = "[component.a]\nmtbf = \"90h\"\nmttr = \"1h\"\ndetect = \"5m\"\n[component.w]\nmtbf = \"60h\"\nmttr = \"2h\"\n\
                [crew.k]\nsize = 1\n[domain.x]\nmtbf = \"400h\"\nmttr = \"2h\"\n[domain.y]\nmtbf = \"400h\"\nmttr = \"2h\"\n\
                [group.a]\ncomponent = \"a\"\nactive = 1\nstandby = 1\nspread = [\"x\", \"y\"]\ncrew = \"k\"\n\
                failover = { takes = \"1m\", works = 0.9, otherwise = \"30m\" }\n\
                [group.b]\ncomponent = \"w\"\nactive = 4\nneed = 2\nspread = [\"y\", \"x\"]\ncrew = \"k\"\n\
                [group.c]\ncomponent = \"w\"\nactive = 2\nneed = 1\nspread = [\"x\", \"y\"]\n[system]\nup = \"a and b and c\"\n";
    let states =
        |text: &str| exact::solve(&model(text, &[]), &Settings::default(), &NoObserver).unwrap().states.unwrap();
    let apart = text.replace("a and b and c", "a and b and c and (a or x)");
    assert!(states(text) < states(&apart), "the zones are alike");
    assert!(compare("two alike zones", text) >= 11);
    let found = sensitivity(text);
    for key in ["mtbf", "mttr"] {
        let [x, y] = ["x", "y"].map(|zone| lever(&found, &format!("domain.{zone}.{key}")).saved);
        close(x, y);
    }
}

#[test]
fn only_means_count_in_a_product_form() {
    // A product form whatever the lives; its derivatives come from the chain of the same means.
    let component = |name: &str, mean: &str, shape: &str| {
        format!(
            "[component.{name}]\nmtbf = {{ weibull = {{ mean = \"{mean}\", shape = {shape} }} }}\nmttr = \"1h\"\n             detect = {{ every = \"4m\", misses = 2 }}\n[group.{name}]\ncomponent = \"{name}\"\nactive = 3\nneed = 2\n             crew = \"k\"\n"
        )
    };
    let text = format!(
        "[crew.k]\nsize = 1\n{}{}[system]\nup = \"a and b\"\n",
        component("a", "90h", "0.7"),
        component("b", "400h", "2")
    );
    let exponential = text
        .replace("{ weibull = { mean = \"90h\", shape = 0.7 } }", "\"90h\"")
        .replace("{ weibull = { mean = \"400h\", shape = 2 } }", "\"400h\"")
        .replace("{ every = \"4m\", misses = 2 }", "\"6m\"");
    let [found, expected] = [text, exponential].map(|text| sensitivity(&text).levers);
    assert_eq!(found.len(), 6);
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found.key, expected.key);
        close(found.unavailability, expected.unavailability);
    }
}

#[test]
fn worths_of_unequal_classes_keep_their_digits() {
    // One crew for a part that takes the system down and for a pair that hardly ever does: the worth of the classes of the module
    // differs by orders of magnitude, and so do the derivatives.
    let text = "[component.a]\nmtbf = \"30d\"\nmttr = \"1h\"\n[component.b]\nmtbf = \"1000d\"\nmttr = \"10m\"\n[component.c]\n\
                mtbf = \"10000d\"\nmttr = \"1m\"\n[crew.c]\nsize = 1\n[group.a]\ncomponent = \"a\"\nactive = 1\ncrew = \"c\"\n\
                [group.b]\ncomponent = \"b\"\nactive = 2\nneed = 1\ncrew = \"c\"\n[group.c]\ncomponent = \"c\"\nactive = 2\nneed = 1\n\
                [domain.zone]\nmtbf = \"10y\"\nmttr = \"1h\"\n[system]\nup = \"(a or c) and (b or zone)\"\n";
    assert!(compare("unequal", text) >= 8);
}

#[test]
fn a_system_that_is_never_down_has_no_levers() {
    let text = "[component.a]\nunavailability = 0\n[system]\nup = \"a\"\n";
    assert!(sensitivity(text).levers.is_empty());
}

/// A library of phases: lives, repairs, detection, failover, restarts, standbys, zones, a common cause and a load.
const PHASED: [(&str, &str, usize); 9] = [
    (
        "a pair with Erlang lives and hyperexponential repairs on one crew",
        "[component.a]\nmtbf = { erlang = { mean = \"40h\", stages = 2 } }\n\
         mttr = { hyperexponential = { means = [\"600s\", \"9000s\"], weights = [0.75, 0.25] } }\ndetect = \"5m\"\n\
         [crew.c]\nsize = 1\n[group.g]\ncomponent = \"a\"\nactive = 3\nneed = 2\ncrew = \"c\"\n[system]\nup = \"g\"\n",
        7,
    ),
    (
        "a warm standby with a failover and a check",
        "[component.a]\nmtbf = { hyperexponential = { means = [\"36000s\", \"720000s\"], weights = [0.2, 0.8] } }\n\
         mttr = { erlang = { mean = \"2h\", stages = 3 } }\ndetect = { erlang = { mean = \"3m\", stages = 2 } }\n\
         [group.g]\ncomponent = \"a\"\nactive = 1\n\
         standby = { count = 1, mode = \"warm\", ageing = 0.3, check = { erlang = { mean = \"8h\", stages = 2 } } }\n\
         failover = { takes = { erlang = { mean = \"40s\", stages = 2 } }, works = 0.9, otherwise = \"30m\" }\n[system]\nup = \"g\"\n",
        12,
    ),
    (
        "a restart, two modes, a common cause",
        "[component.a.modes.crash]\nmtbf = \"90h\"\nmttr = { erlang = { mean = \"1h\", stages = 2 } }\n\
         restart = { takes = { erlang = { mean = \"2m\", stages = 3 } }, works = 0.75 }\n\
         [component.a.modes.disk]\nmtbf = \"300h\"\nmttr = \"4h\"\n[group.g]\ncomponent = \"a\"\nactive = 2\nneed = 1\n\
         common_cause = { beta = 0.05 }\n[system]\nup = \"g\"\n",
        7,
    ),
    (
        "a load and a zone with phases",
        "[component.a]\nmtbf = { erlang = { mean = \"50h\", stages = 3 } }\nmttr = \"1h\"\n\
         [domain.z]\nmtbf = { erlang = { mean = \"400h\", stages = 2 } }\n\
         mttr = { hyperexponential = { means = [\"600s\", \"9000s\"], weights = [0.5, 0.5] } }\n\
         [group.g]\ncomponent = \"a\"\nactive = 2\nneed = 1\nload = 1.5\ndepends = [\"z\"]\n[system]\nup = \"g\"\n",
        9,
    ),
    (
        "mixtures wherever there can be one",
        "[component.a]\nmtbf = { hyperexponential = { means = [\"36000s\", \"720000s\"], weights = [0.2, 0.8] } }\n\
         mttr = { hyperexponential = { means = [\"600s\", \"9000s\", \"3000s\"], weights = [0.5, 0.25, 0.25] } }\n\
         detect = { hyperexponential = { means = [\"60s\", \"600s\"], weights = [0.9, 0.1] } }\n\
         [component.b]\nmtbf = { hyperexponential = { means = [\"90000s\", \"900000s\"], weights = [0.3, 0.7] } }\nmttr = \"1h\"\n\
         [domain.z]\nmtbf = \"900h\"\nmttr = { hyperexponential = { means = [\"60s\", \"6000s\"], weights = [0.6, 0.4] } }\n\
         [group.g]\ncomponent = \"a\"\nactive = 1\nstandby = { count = 1, mode = \"warm\", ageing = 0.3 }\ncommon_cause = { beta = 0.1 }\n\
         failover = { takes = { hyperexponential = { means = [\"30s\", \"300s\"], weights = [0.7, 0.3] } }, works = 0.9, \
         otherwise = { hyperexponential = { means = [\"900s\", \"9000s\"], weights = [0.6, 0.4] } } }\n\
         [system]\nup = \"g and b and z\"\n",
        42,
    ),
    (
        "a product form with mixtures",
        "[component.a]\nmtbf = { hyperexponential = { means = [\"36000s\", \"720000s\"], weights = [0.2, 0.8] } }\nmttr = \"1h\"\n\
         [crew.c]\nsize = 1\n[group.g]\ncomponent = \"a\"\nactive = 4\nneed = 3\ncrew = \"c\"\n[system]\nup = \"g\"\n",
        6,
    ),
    (
        "two groups on one crew, which would be alike without phases",
        "[component.a]\nmtbf = \"60h\"\nmttr = { erlang = { mean = \"2h\", stages = 2 } }\n[crew.c]\nsize = 1\n\
         [group.g]\ncomponent = \"a\"\nactive = 2\nneed = 1\ncrew = \"c\"\n[group.h]\ncomponent = \"a\"\nactive = 2\nneed = 1\n\
         crew = \"c\"\n[system]\nup = \"g and h\"\n",
        2,
    ),
    (
        "fits of a lognormal and of a fixed time",
        "[component.a]\nmtbf = \"60h\"\nmttr = { lognormal = { mean = \"2h\", cv = 0.7 } }\ndetect = { fixed = \"10m\" }\n\
         [crew.c]\nsize = 1\n[group.g]\ncomponent = \"a\"\nactive = 2\nneed = 1\ncrew = \"c\"\n[system]\nup = \"g\"\n",
        3,
    ),
    (
        "a chain beside a plain part",
        "[component.a]\nmtbf = \"60h\"\nmttr = { erlang = { mean = \"2h\", stages = 2 } }\n[component.b]\nmtbf = \"900h\"\n\
         mttr = { erlang = { mean = \"1h\", stages = 4 } }\n[crew.c]\nsize = 1\n[group.g]\ncomponent = \"a\"\nactive = 2\nneed = 1\n\
         crew = \"c\"\n[system]\nup = \"g and b\"\n",
        4,
    ),
];

#[test]
fn derivatives_by_times_made_of_phases_match_differences() {
    for (name, text, levers) in PHASED {
        assert_eq!(compare(name, text), levers, "{name}");
    }
}

/// A field with its `d ln U / d ln value` and `d ln frequency / d ln value`, of models of `tests/rare/models`.
type Reference = (&'static str, f64, f64);

/// By differences of fourth order, with steps of 1e-8 in 60 digits, of the chains of `tests/rare/chain.py`, which shares nothing with the
/// product; means are scaled in exact fractions.
const REFERENCES: [(&str, &[Reference]); 3] = [
    (
        "hot2-hyper-erlang",
        &[
            ("component.server.mtbf", -1.596030598623105, -9.999866816690003e-1),
            ("component.server.mttr", 1.261404941632869, -1.052599402034881e-5),
            ("group.servers.failover.takes", 2.269421488317160e-1, -1.893754830606180e-6),
            ("group.servers.failover.otherwise", 1.076835081585206e-1, -8.985821488058413e-7),
            ("group.servers.failover.works", -1.672951266481829e1, 1.396020773830767e-4),
        ],
    ),
    (
        "as-erlang-detect",
        &[
            ("component.server.mtbf", -1.624056801510469, -9.999925135153915e-1),
            ("component.server.mttr", 1.252892491147947, -5.775512495850968e-6),
            ("component.server.detect", 1.115897109812114e-1, -5.143998984221549e-7),
            ("group.servers.failover.takes", 1.384056583868565e-1, -6.380145265116588e-7),
            ("group.servers.failover.otherwise", 1.211689409944541e-1, -5.585576877241112e-7),
            ("group.servers.failover.works", -2.448911411908666e1, 1.128885244395673e-4),
        ],
    ),
    (
        "warm-erlang-life-crew1",
        &[
            ("component.server.mtbf", -1.714766148332527, -9.996443991302723e-1),
            ("component.server.mttr", 1.421860495335882, -3.481530597904754e-4),
            ("group.servers.failover.takes", 0.292905652996644716, -7.44780993725852625e-6),
            ("group.servers.standby.ageing", 1.440423317429133, 1.313452202789825e-1),
        ],
    ),
];

#[test]
fn derivatives_by_times_made_of_phases_match_references_of_sixty_digits() {
    for (name, levers) in REFERENCES {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/rare/models/{name}.toml"));
        let text = std::fs::read_to_string(file).unwrap();
        let (unavailability, frequency) = solved(&text, &[]);
        let found = sensitivity(&text);
        let of_items = found.levers.iter().filter(|lever| lever.key.contains(".hyperexponential.")).count();
        assert_eq!(found.levers.len() - of_items, levers.len(), "{name}");
        for (key, by_unavailability, by_frequency) in levers {
            let lever = lever(&found, key);
            // What the frequency loses is the difference of almost equal effects: absolute, by its own size.
            let near = |actual: f64, expected: f64, what: &str| {
                assert!(
                    (actual - expected).abs() < 1e-11 * expected.abs().max(1.0),
                    "{name} {key} {what}: {actual:e} {expected:e}"
                );
            };
            near(lever.unavailability * lever.value / unavailability, *by_unavailability, "U");
            near(lever.frequency.unwrap() * lever.value / frequency, *by_frequency, "frequency");
        }
    }
}

#[test]
fn one_unit_and_two_independent_ones_match_their_closed_forms_whatever_the_phases() {
    // Chains, because there is a load, which one unit does not feel, or a standby. U = q and q^2, q = R / (M + R); the frequency of
    // the pair is 2 q / (M + R).
    let text = |group: &str| {
        format!(
            "[component.a]\nmtbf = {{ erlang = {{ mean = \"30h\", stages = 2 }} }}\n\
             mttr = {{ hyperexponential = {{ means = [\"1800s\", \"5400s\"], weights = [0.5, 0.5] }} }}\n\
             [group.g]\ncomponent = \"a\"\nactive = 1\n{group}\n[system]\nup = \"g\"\n"
        )
    };
    let (m, r) = (108_000.0, 3_600.0);
    let (q, square) = (r / (m + r), (m + r) * (m + r));
    for (group, units, states) in [("load = 1", 1, 4), ("standby = { count = 1, mode = \"warm\", ageing = 1 }", 2, 4)] {
        let text = text(group);
        let found = sensitivity(&text);
        let solution = exact::solve(&model(&text, &[]), &settings(), &NoObserver).unwrap();
        assert!(solution.states.unwrap() >= states, "{solution:?}");
        let by_q = if units == 1 { 1.0 } else { 2.0 * q };
        close(lever(&found, "component.a.mtbf").unavailability, by_q * -r / square);
        close(lever(&found, "component.a.mttr").unavailability, by_q * m / square);
        // (M + R)^-1, and 2 R (M + R)^-2.
        let by_repair = if units == 1 { -1.0 / square } else { 2.0 / square - 4.0 * q / square };
        close(lever(&found, "component.a.mttr").frequency.unwrap(), by_repair);
    }
}
