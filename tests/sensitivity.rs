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
use ninefold::topology::read::{Syntax, read_changed};

const YEAR: f64 = 365.0 * 86_400.0;

fn model(text: &str, changes: &[String]) -> Model {
    read_changed(text, Syntax::Toml, YEAR, changes).unwrap_or_else(|mistakes| panic!("{changes:?}: {mistakes:?}"))
}

fn sensitivity(text: &str) -> Sensitivity {
    exact::sensitivity(&model(text, &[]), &Settings::default(), &NoObserver).unwrap()
}

fn solved(text: &str, changes: &[String]) -> (f64, f64) {
    let mut model = model(text, changes);
    model.system.demand = None;
    let measures = exact::solve(&model, &Settings::default(), &NoObserver).unwrap();
    (measures.unavailability, measures.failure_frequency.unwrap_or(0.0))
}

fn is_coverage(lever: &Lever) -> bool {
    lever.key.rsplit('.').next() == Some("works")
}

/// How far the logarithm of the lever is moved: of its value, or of what is missing from certainty.
fn change(lever: &Lever, by: f64) -> String {
    let factor = by.exp();
    if lever.is_time {
        format!("{}={}s", lever.key, lever.value * factor)
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
    let at = |steps: f64| solved(text, &[change(lever, steps * h)]);
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
