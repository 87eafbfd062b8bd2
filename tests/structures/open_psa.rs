//! Reading Open-PSA files: every element that is understood, and what is refused at which place.

use std::fmt::Write as _;

use num_rational::BigRational;

use crate::{assert_rel, exact, one, solved};
use ninefold::topology::fault_tree::FaultTree;
use ninefold::topology::read::{OpenPsaOptions, read_open_psa};

fn read(text: &str) -> FaultTree {
    read_open_psa(text, OpenPsaOptions { top: None, mission_hours: Some(100.0) }).unwrap()
}

/// A file of one top gate over `a`, `b`, `c` of probability 1/4, 1/8, 1/2.
fn file(formula: &str) -> String {
    format!(
        "<opsa-mef><define-fault-tree name=\"t\"><define-gate name=\"top\">{formula}</define-gate></define-fault-tree>\n\
         <model-data><define-basic-event name=\"a\"><float value=\"0.25\"/></define-basic-event>\n\
         <define-basic-event name=\"b\"><float value=\"0.125\"/></define-basic-event>\n\
         <define-basic-event name=\"c\"><float value=\"5e-1\"/></define-basic-event>\n\
         <define-house-event name=\"on\"><constant value=\"true\"/></define-house-event></model-data></opsa-mef>"
    )
}

#[test]
fn every_connective_has_its_meaning() {
    let (a, b, c) = ("<basic-event name=\"a\"/>", "<event name=\"b\"/>", "<event name=\"c\" type=\"basic-event\"/>");
    // Probabilities by hand, exact in binary.
    let cases = [
        (format!("<and>{a}{b}</and>"), 1.0 / 32.0),
        (format!("<or>{a}{b}</or>"), 11.0 / 32.0),
        (format!("<not>{a}</not>"), 0.75),
        (format!("<nand>{a}{b}</nand>"), 31.0 / 32.0),
        (format!("<nor>{a}{b}</nor>"), 21.0 / 32.0),
        (format!("<xor>{a}{b}</xor>"), 10.0 / 32.0),
        (format!("<iff>{a}{b}</iff>"), 22.0 / 32.0),
        (format!("<imply>{a}{b}</imply>"), 25.0 / 32.0),
        (format!("<atleast min=\"2\">{a}{b}{c}</atleast>"), 12.0 / 64.0),
        (format!("<atleast min=\"2\">{a}{a}{b}</atleast>"), 0.25),
        (format!("<and>{a}<house-event name=\"on\"/></and>"), 0.25),
        (format!("<and>{a}<or>{b}<not>{c}</not></or></and>"), 9.0 / 64.0),
        (format!("<and><label>L</label>{a}</and>").replace("<label>L</label>", "<!-- a remark -->"), 0.25),
        (format!("<and>{a}<constant value=\"false\"/></and>"), 0.0),
        (a.to_owned(), 0.25),
    ];
    for (formula, expected) in cases {
        assert_rel(solved(&read(&file(&formula)), 0).unavailability, &exact(expected), 1e-15, &formula);
    }
}

#[test]
fn gates_may_be_used_before_they_are_defined_and_keep_labels_and_attributes() {
    let text = "<?xml version=\"1.0\"?>\n<!DOCTYPE opsa-mef>\n<opsa-mef name=\"m\"><define-fault-tree name=\"t\">\
                <define-gate name=\"top\"><label>top</label><or><gate name=\"late\"/><basic-event name=\"a\"/></or></define-gate>\
                <define-gate name=\"late\"><and><basic-event name=\"a\"/><basic-event name=\"b\"/></and></define-gate>\
                <define-basic-event name=\"a\"><label>disk</label><attributes><attribute name=\"rack\" value=\"7\"/></attributes>\
                <float value=\"0.5\"/></define-basic-event></define-fault-tree>\
                <model-data><define-basic-event name=\"b\"><float value=\"0.5\"/></define-basic-event></model-data></opsa-mef>";
    let tree = read(text);
    assert_eq!((tree.name.as_deref(), tree.top.as_str()), (Some("m"), "top"));
    assert_eq!(tree.events[0].label.as_deref(), Some("disk"));
    assert_eq!(tree.events[0].attributes, [("rack".to_owned(), "7".to_owned())]);
    assert_rel(solved(&tree, 0).unavailability, &exact(0.5), 1e-15, "absorbed");
}

/// With a probability by an expression; the mission time is 100 h.
fn by_expression(expression: &str, parameters: &str) -> FaultTree {
    read(&format!(
        "<opsa-mef><define-fault-tree name=\"t\"><define-gate name=\"top\"><basic-event name=\"x\"/></define-gate></define-fault-tree>\
         <model-data>{parameters}<define-basic-event name=\"x\">{expression}</define-basic-event></model-data></opsa-mef>"
    ))
}

#[test]
fn expressions_have_their_values() {
    let lambda = "<define-parameter name=\"l\" unit=\"hours-1\"><float value=\"1e-9\"/></define-parameter>";
    let time = "<system-mission-time/>";
    // By Python's decimal module with 60 digits: 1 - exp(-1e-7); GLM(0, 1e-9, 0.01, 100).
    let cases = [
        (format!("<exponential><parameter name=\"l\"/>{time}</exponential>"), 9.999999500000016666666e-8),
        (
            format!("<GLM><float value=\"0\"/><parameter name=\"l\"/><float value=\"0.01\"/>{time}</GLM>"),
            6.321205324044467157e-8,
        ),
        ("<mul><float value=\"0.5\"/><int value=\"1\"/><float value=\"0.25\"/></mul>".to_owned(), 0.125),
        ("<sub><float value=\"1\"/><float value=\"1e-9\"/></sub>".to_owned(), 0.999999999),
        ("<div><float value=\"1\"/><add><int value=\"3\"/><int value=\"1\"/></add></div>".to_owned(), 0.25),
    ];
    for (expression, expected) in cases {
        let solved = solved(&by_expression(&expression, lambda), 0);
        assert_rel(solved.unavailability, &exact(expected), 1e-14, &expression);
    }
    let nearly_certain = by_expression("<sub><float value=\"1\"/><float value=\"1e-9\"/></sub>", "");
    assert_rel(solved(&nearly_certain, 0).availability, &exact(1e-9), 1e-15, "the complement of the text");
    // In its long run after a thousand repairs: begins as often as it ends, lambda mu / (lambda + mu) an hour.
    let long_run = by_expression(
        "<GLM><float value=\"0\"/><float value=\"1\"/><float value=\"10\"/><float value=\"100\"/></GLM>",
        "",
    );
    let expected = exact(10.0) / exact(11.0) / exact(3600.0);
    assert_rel(solved(&long_run, 0).failure_frequency.unwrap(), &expected, 1e-14, "frequency");
    let early = by_expression(
        "<GLM><float value=\"0\"/><float value=\"1\"/><float value=\"10\"/><float value=\"1\"/></GLM>",
        "",
    );
    assert_eq!(solved(&early, 0).failure_frequency, None);
}

/// Three members of which two are needed to fail, as `model` says.
fn common_cause(model: &str, factors: &str) -> f64 {
    // One member is defined elsewhere, too; the others are in the group alone.
    let events = "<define-basic-event name=\"x\"><label>first</label></define-basic-event>";
    let names = ["x", "y", "z"].map(|name| format!("<basic-event name=\"{name}\"/>")).concat();
    let text = format!(
        "<opsa-mef><define-fault-tree name=\"t\"><define-gate name=\"top\"><atleast min=\"2\">{names}</atleast></define-gate>\
         <define-CCF-group name=\"g\" model=\"{model}\"><members>{names}</members><distribution><float value=\"0.0625\"/></distribution>\
         {factors}</define-CCF-group></define-fault-tree><model-data>{events}</model-data></opsa-mef>"
    );
    solved(&read(&text), 0).unavailability
}

/// Two of three that fail alone (q1), in pairs (q2) or all together (q3): by all states of the seven events.
fn two_of_three(q1: &BigRational, q2: &BigRational, q3: &BigRational) -> BigRational {
    let sets: [(usize, &BigRational); 7] = [(1, q1), (2, q1), (4, q1), (3, q2), (5, q2), (6, q2), (7, q3)];
    let mut total = exact(0.0);
    for state in 0..1_usize << 7 {
        let (mut failed, mut weight) = (0_usize, one());
        for (index, (members, q)) in sets.iter().enumerate() {
            if state >> index & 1 == 1 {
                failed |= members;
                weight *= *q;
            } else {
                weight *= one() - *q;
            }
        }
        if failed.count_ones() >= 2 {
            total += weight;
        }
    }
    total
}

#[test]
fn common_causes_follow_their_models() {
    let total = exact(0.0625);
    let factor = |level: usize, value: f64| format!("<factor level=\"{level}\"><float value=\"{value}\"/></factor>");
    // NUREG/CR-4780: beta, then (1 - beta), beta (1 - gamma) / 2, beta gamma; NUREG/CR-5485: k alpha_k / sum / C(2, k - 1).
    let (half, quarter, two) = (exact(0.5), exact(0.25), exact(2.0));
    let beta = two_of_three(&(&total * exact(0.75)), &exact(0.0), &(&total * &quarter));
    assert_rel(common_cause("beta-factor", &factor(3, 0.25)), &beta, 1e-14, "beta");
    let mgl = two_of_three(&(&total * exact(0.75)), &(&total * &quarter * &half / &two), &(&total * &quarter * &half));
    let factors = format!("<factors>{}{}</factors>", factor(2, 0.25), factor(3, 0.5));
    assert_rel(common_cause("MGL", &factors), &mgl, 1e-14, "MGL");
    // alpha = 0.5, 0.25, 0.25: the sum of k alpha_k is 1.75.
    let share = |number: f64, combinations: f64| &total * exact(number) / exact(1.75) / exact(combinations);
    let alpha = two_of_three(&share(0.5, 1.0), &share(0.5, 2.0), &share(0.75, 1.0));
    let factors = [factor(1, 0.5), factor(2, 0.25), factor(3, 0.25)].concat();
    assert_rel(common_cause("alpha-factor", &factors), &alpha, 1e-14, "alpha");
}

/// A group of `x` and `y` with a top gate over both; `data` defines more.
fn group(members: &str, data: &str) -> String {
    format!(
        "<opsa-mef><define-fault-tree name=\"t\"><define-gate name=\"top\"><and><event name=\"x\"/><event name=\"y\"/></and>\
         </define-gate></define-fault-tree>\n<define-CCF-group name=\"g\" model=\"beta-factor\"><members>{members}</members>\
         <distribution><float value=\"0.5\"/></distribution><factor level=\"2\"><float value=\"0.25\"/></factor></define-CCF-group>\n\
         <model-data>{data}</model-data></opsa-mef>"
    )
}

#[test]
fn common_cause_groups_define_their_members() {
    let both = "<basic-event name=\"x\"/><basic-event name=\"y\"/>";
    // Together 1/8, else each alone 3/8.
    let expected = exact(0.125) + exact(0.875) * exact(0.375) * exact(0.375);
    for data in ["", "<define-basic-event name=\"y\"/>"] {
        assert_rel(solved(&read(&group(both, data)), 0).unavailability, &expected, 1e-15, data);
    }
    let own = "<define-basic-event name=\"y\">\n<float value=\"0.5\"/></define-basic-event>";
    let cases = [
        (group(both, own), (4, 1), "`y` is in a common-cause group"),
        (group("<basic-event name=\"x\"/><basic-event name=\"top\"/>", ""), (2, 80), "`top` is no basic event"),
        (group("<basic-event name=\"x\"/><basic-event name=\"z\"/>", ""), (1, 85), "no event named `y`"),
    ];
    for (text, place, message) in cases {
        let mistakes = read_open_psa(&text, OpenPsaOptions::default()).unwrap_err();
        assert!(mistakes[0].message.contains(message), "{}: {text}", mistakes[0].message);
        assert_eq!(mistakes[0].line_and_column(&text), place, "{message}: {text}");
    }
}

#[test]
fn deep_nesting_and_long_chains_of_gates_do_not_overflow_the_stack() {
    let depth = 100_000;
    let nested = format!("{}<basic-event name=\"a\"/>{}", "<not>".repeat(depth), "</not>".repeat(depth));
    assert_rel(solved(&read(&file(&nested)), 0).unavailability, &exact(0.25), 1e-15, "nested");
    let mut chain = String::from("<opsa-mef><define-fault-tree name=\"t\">");
    for gate in 0..20_000 {
        let next = if gate == 19_999 {
            "<basic-event name=\"a\"/>".to_owned()
        } else {
            format!("<gate name=\"g{}\"/>", gate + 1)
        };
        let kind = if gate % 2 == 0 { "and" } else { "or" };
        let _ = write!(
            chain,
            "<define-gate name=\"g{gate}\"><{kind}><basic-event name=\"e{gate}\"/>{next}</{kind}></define-gate>"
        );
        let _ = write!(chain, "<define-basic-event name=\"e{gate}\"><float value=\"0.5\"/></define-basic-event>");
    }
    chain +=
        "<define-basic-event name=\"a\"><float value=\"0.5\"/></define-basic-event></define-fault-tree></opsa-mef>";
    let solved = solved(&read(&chain), 0);
    // x = 1/2 (1/2 + 1/2 x), far from the end of the chain.
    assert_rel(solved.unavailability, &(one() / exact(3.0)), 1e-11, "chain");
}

/// What is refused, at which line and column, and why.
#[test]
fn mistakes_are_refused_at_their_place() {
    let gate = |formula: &str| file(formula);
    let model = |content: &str| format!("<opsa-mef>\n{content}</opsa-mef>");
    let cases = [
        ("<topology/>".to_owned(), (1, 1), "`topology` is not the root"),
        ("<opsa-mef>".to_owned(), (1, 11), "the file ends here, and `opsa-mef` that begins in line 1, column 1 is not"),
        (
            "<opsa-mef>\n<define-fault-tree name=\"t\">\n</define-fau\n".to_owned(),
            (3, 13),
            "the file ends here, and `define-fault-tree` that begins in line 2, column 1 is not closed",
        ),
        (model("<define-fault-tree name=\"t\" name=\"u\"/>"), (2, 29), "the attribute `name` occurs twice"),
        (gate("<event name=\" \"/>"), (1, 70), "the attribute `name` of `event` is empty"),
        (gate("<event name=\"a\"/>").replace("0.25", ""), (2, 49), "the attribute `value` of `float` is empty"),
        ("<opsa-mef>\n  <a></b></opsa-mef>".to_owned(), (2, 6), "XML syntax error"),
        ("<!DOCTYPE o [\n<!ENTITY e \"x\">]><opsa-mef/>".to_owned(), (2, 1), "declares an entity"),
        ("<opsa-mef/>".to_owned(), (1, 1), "defines no gate"),
        (model("<define-event-tree name=\"x\"/>"), (2, 1), "event trees are not solved"),
        (model("words"), (1, 11), "`words` stands where"),
        (gate("<and><gate name=\"tip\"/></and>"), (1, 68), "no gate named `tip`"),
        (gate("<and><basic-event name=\"d\"/></and>"), (1, 68), "no basic event named `d`"),
        (gate("<cardinality min=\"1\" max=\"2\"/>"), (1, 63), "`cardinality` is not supported"),
        (gate("<xor><event name=\"a\"/></xor>"), (1, 63), "`xor` has 1 argument"),
        (gate("<or/>"), (1, 63), "`or` has 0 arguments"),
        (
            gate("<atleast min=\"3\"><event name=\"a\"/><event name=\"b\"/></atleast>"),
            (1, 63),
            "`atleast` has 2 arguments",
        ),
        (gate("<atleast min=\"x\"><event name=\"a\"/></atleast>"), (1, 63), "`min` is not a count"),
        (gate("<atleast><event name=\"a\"/></atleast>"), (1, 63), "has no attribute `min`"),
        (gate("<and><gate name=\"top\"/></and>"), (1, 68), "`top` depends on itself: top → top"),
        (gate("<event name=\"a\"/><event name=\"b\"/>"), (1, 80), "more than one content"),
        (gate(""), (1, 39), "gate `top` has no content"),
        (gate("<frob/>"), (1, 63), "`frob` is not understood"),
        (gate("<event name=\"a\"/>").replace("0.25", "1.25"), (2, 42), "1.25 is not a probability"),
        (gate("<event name=\"a\"/>").replace("0.25", "x"), (2, 42), "`x` is not a number"),
        (
            gate("<event name=\"a\"/>").replace("<float value=\"0.25\"/>", "<normal-deviate/>"),
            (2, 42),
            "random deviate",
        ),
        (
            gate("<event name=\"a\"/>").replace("<float value=\"0.25\"/>", "<parameter name=\"p\"/>"),
            (2, 42),
            "no parameter named `p`",
        ),
        (gate("<event name=\"a\"/>").replace("<float value=\"0.25\"/>", "<mul/>"), (2, 42), "nothing to compute with"),
        (gate("<event name=\"a\"/>").replace("<float value=\"0.25\"/>", ""), (2, 13), "basic event `a` has no content"),
        (gate("<event name=\"a\"/>").replace("name=\"b\"", "name=\"a\""), (3, 1), "`a` is defined twice"),
        (gate("<event name=\"a\"/>").replace("value=\"true\"", "value=\"1\""), (5, 1), ""),
    ];
    for (text, place, message) in cases.into_iter().filter(|case| !case.2.is_empty()) {
        let mistakes = read_open_psa(&text, OpenPsaOptions::default()).unwrap_err();
        assert!(mistakes[0].message.contains(message), "{}: {text}", mistakes[0].message);
        assert_eq!(mistakes[0].line_and_column(&text), place, "{message}: {text}");
    }
}

#[test]
fn parameters_in_a_circle_are_refused() {
    let circle = "<opsa-mef><define-fault-tree name=\"t\"><define-gate name=\"top\"><basic-event name=\"x\"/></define-gate></define-fault-tree>\
                  <model-data><define-parameter name=\"p\"><parameter name=\"q\"/></define-parameter><define-parameter name=\"q\">\
                  <parameter name=\"p\"/></define-parameter><define-basic-event name=\"x\"><parameter name=\"p\"/></define-basic-event>\
                  </model-data></opsa-mef>";
    let mistakes = read_open_psa(circle, OpenPsaOptions::default()).unwrap_err();
    assert!(mistakes[0].message.contains("parameter `p` depends on itself: p → q → p"), "{}", mistakes[0].message);
}

/// An attribute that would be left out, a number that is none, and all names of a formula that are not known.
#[test]
fn what_would_be_left_out_unseen_is_refused() {
    let a = "<event name=\"a\"/>";
    let number = |element: &str| file(a).replace("<float value=\"0.25\"/>", element);
    let cases = [
        (file("<and minimum=\"1\"><event name=\"a\"/></and>"), (1, 68), "`and` has no attribute `minimum`"),
        (
            file("<atleast min=\"1\" max=\"1\"><event name=\"a\"/></atleast>"),
            (1, 80),
            "`atleast` has no attribute `max`",
        ),
        (number("<float value=\"0.25\" unit=\"fit\"/>"), (2, 62), "`float` has no attribute `unit`"),
        (number("<system-mission-time unit=\"fit\"/>"), (2, 63), "`fit` is no `unit`"),
        (number("<int value=\"0.1\"/>"), (2, 42), "`0.1` is not a whole number"),
        (number("<float value=\"1e-999\"/>"), (2, 42), "`1e-999` is too small"),
        (number("<float value=\"1e-360\"/>"), (2, 42), "`1e-360` is too small"),
        (number("<float value=\"1e999\"/>"), (2, 42), "`1e999` is too large"),
        (number("<float value=\"inf\"/>"), (2, 42), "`inf` is not a number"),
    ];
    for (text, place, message) in cases {
        let mistakes = read_open_psa(&text, OpenPsaOptions::default()).unwrap_err();
        assert!(mistakes[0].message.contains(message), "{}: {text}", mistakes[0].message);
        assert_eq!(mistakes[0].line_and_column(&text), place, "{message}: {text}");
    }
    let unknown =
        file("<and><event name=\"x\"/><event name=\"a\"/><or><gate name=\"y\"/><event name=\"z\"/></or></and>");
    let mistakes = read_open_psa(&unknown, OpenPsaOptions::default()).unwrap_err();
    let messages: Vec<&str> = mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
    assert_eq!(messages, ["there is no event named `x`", "there is no gate named `y`", "there is no event named `z`"]);
    let schema = file(a).replace(
        "<opsa-mef>",
        "<opsa-mef xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"mef.xsd\">",
    );
    assert_eq!(read(&schema).events.len(), 3);
}

#[test]
fn several_top_events_need_a_choice() {
    let text = "<opsa-mef><define-fault-tree name=\"t\">\n<define-gate name=\"g\"><event name=\"a\"/></define-gate>\n\
                <define-gate name=\"h\"><not><event name=\"a\"/></not></define-gate></define-fault-tree><model-data>\
                <define-basic-event name=\"a\"><float value=\"0.25\"/></define-basic-event></model-data></opsa-mef>";
    let mistakes = read_open_psa(text, OpenPsaOptions::default()).unwrap_err();
    assert!(mistakes[0].message.contains("no single top event: `g`, `h`"), "{}", mistakes[0].message);
    let chosen = |top| read_open_psa(text, OpenPsaOptions { top: Some(top), mission_hours: None });
    assert_rel(solved(&chosen("h").unwrap(), 0).unavailability, &exact(0.75), 1e-15, "h");
    assert!(chosen("i").unwrap_err()[0].message.contains("no gate named `i`"));
}
