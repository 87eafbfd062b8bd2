//! Keys, values, and the mistakes in them.

use super::KINDS;
use crate::quantity::DEFAULT_YEAR_SECONDS;
use crate::topology::read::{Mistake, Syntax, keys, read, read_changed};

const TEXT: &str = "[component.db]\nmttf = \"30d\"\nrepair = \"1h\"\n[component.lb]\nmtbf = \"1y\"\nmttr = \"1h\"\n\
                    [domain.zone]\nmtbf = \"1y\"\nmttr = \"2h\"\n[group.db]\ncomponent = \"db\"\nactive = 1\nstandby = 1\n\
                    depends = [\"zone\"]\n[group.front]\ncomponent = \"lb\"\nactive = 1\n[system]\nup = \"db and front\"\n";

fn changed(changes: &[&str]) -> Result<crate::topology::Model, Vec<Mistake>> {
    let changes: Vec<String> = changes.iter().map(|change| (*change).to_owned()).collect();
    read_changed(TEXT, Syntax::Toml, DEFAULT_YEAR_SECONDS, &changes)
}

fn mean(change: &str) -> f64 {
    changed(&[change]).unwrap().components[0].modes()[0].life.mean() / 86_400.0
}

#[test]
fn values_are_written_as_in_the_file_or_bare() {
    for text in ["60d", "\"60d\"", "'60d'", " 60d ", "{ erlang = { mean = \"60d\", stages = 2 } }"] {
        assert!((mean(&format!("component.db.mtbf={text}")) - 60.0).abs() < 1e-12, "{text}");
        assert!((mean(&format!("db.mtbf = {text}")) - 60.0).abs() < 1e-12, "{text}");
    }
    assert!((mean("db.mtbf={\"erlang\": {\"mean\": \"60d\", \"stages\": 2}}") - 60.0).abs() < 1e-12);
    assert!((mean("db.rate=1/60d") - 60.0).abs() < 1e-12);
    assert_eq!(changed(&["db.standby.count=2"]).unwrap().groups[0].units(), 3);
    let changes = ["db.standby={ count = 2 }", "db.standby.count=3", "db.failover.takes=20s", "zone.mttr=3h"];
    let model = changed(&changes).unwrap();
    assert_eq!(model.groups[0].units(), 4);
    assert!((model.domains[0].repair.mean() - 10_800.0).abs() < 1e-9);
    let model = changed(&["system.down=db or front", "target=99.9%", "name=other"]).unwrap();
    assert_eq!(model.name.as_deref(), Some("other"));
    assert!(model.target.is_some());
    assert!(changed(&["crew.few={ size = 1 }", "db.crew=few"]).unwrap().groups[0].crew.is_some());
}

#[test]
fn items_of_lists_are_numbered_from_zero() {
    let mixed = "db.mtbf={ hyperexponential = { means = [\"20d\", \"60d\"], weights = [0.5, 0.5] } }";
    let item =
        |change: &str| changed(&[mixed, change]).map(|model| model.components[0].modes()[0].life.mean() / 86_400.0);
    assert!((item("db.mtbf.hyperexponential.means.1=80d").unwrap() - 50.0).abs() < 1e-12);
    let message = |change: &str| item(change).unwrap_err()[0].message.clone();
    assert_eq!(
        message("db.mtbf.hyperexponential.means.2=80d"),
        "`component.db.mtbf.hyperexponential.means` has no item `2`"
    );
    assert!(message("db.mtbf.hyperexponential.means.x=80d").contains("has no key `x`"));
    // Weights that do not add up to 1.
    assert!(item("db.mtbf.hyperexponential.weights.0=0.7").is_err());
}

#[test]
fn mistakes_name_the_change() {
    let cases = [
        ("db.mtbf", "sets nothing", "KEY=VALUE"),
        ("db.mtbf=", "is set to nothing", "a value"),
        ("=1", "is no key", "a dotted path"),
        ("db..mtbf=1", "is no key", "a dotted path"),
        ("db.mtbf=60", "has no unit", "a duration"),
        ("db.mtbf=1x", "`1x`", "a duration"),
        ("db.mtbff=1d", "unknown key `mtbff` of component or group `db`", "did you mean `mtbf`"),
        ("component.db.mtbff=1d", "unknown key `mtbff` in component `db`", "did you mean `mtbf`"),
        ("component.bd.mtbf=1d", "there is no component named `bd`", "did you mean `db`"),
        ("sytem.up=db", "there is no key or part named `sytem`", "did you mean `system`"),
        ("frnt.active=2", "there is no key or part named `frnt`", "did you mean `front`"),
        ("front.mtbf=2d", "unknown key `mtbf` of group `front`", "`component.lb.mtbf`"),
        ("demand=7", "there is no key or part named `demand`", "system.demand"),
        ("db=7", "`db` is a part", "db.mtbf"),
        ("db.spread=[zone", "syntax error", "a value as in the file"),
        ("system.up=db andd front", "andd", ""),
        ("component.db.mtbf.weibull.shape=2", "`component.db.mtbf` is a text", "as a whole"),
        ("db.mtbf=1\ny=2", "", ""),
    ];
    for (change, message, more) in cases {
        let mistakes = changed(&[change]).unwrap_err();
        let mistake = &mistakes[0];
        assert_eq!(mistake.change, Some(0), "{change}: {mistakes:?}");
        assert!(mistake.message.contains(message), "{change}: {mistakes:?}");
        let rest = format!("{:?} {:?}", mistake.expected, mistake.help);
        assert!(rest.contains(more), "{change}: {mistakes:?}");
        assert!(mistake.span.end <= change.len() && change.is_char_boundary(mistake.span.start), "{change}");
    }
    let second = changed(&["db.mtbf=60d", "db.need=2"]).unwrap_err();
    assert_eq!((second[0].change, second[0].span.clone()), (Some(1), 8..9));
}

#[test]
fn the_keys_of_parts_are_those_of_the_language() {
    for (kind, keys) in KINDS {
        for key in keys {
            let text = format!("[{kind}.x]\n{key} = true\n");
            let mistakes = read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap_err();
            assert!(!mistakes.iter().any(|mistake| mistake.message.contains("unknown key")), "{kind}.{key}");
        }
    }
}

#[test]
fn keys_are_listed_as_they_are_after_the_changes() {
    let found = keys(TEXT, Syntax::Toml, &["db.mtbf=60d".to_owned()]).unwrap();
    let value = |key: &str| found.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
    assert_eq!(value("component.db.mtbf"), Some("60d"));
    assert_eq!(value("component.db.mttr"), Some("1h"));
    assert_eq!(value("group.db.depends"), Some("[zone]"));
}
