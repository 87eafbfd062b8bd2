use super::{Syntax, read};
use crate::quantity::DEFAULT_YEAR_SECONDS;

const COMPLETE: &str = r#"
name   = "checkout"
target = "99.999%"
[component.lb]
mtbf = "2y"
mttr = "1h"
[component.web]
mtbf     = "30d"
mttr     = { lognormal = { mean = "20m", cv = 1.2 } }
detect   = { every = "1s", misses = 3 }
capacity = 500
cost     = 120
[component.db]
detect = "10s"
[component.db.modes.crash]
mtbf    = "30d"
restart = { takes = "20s", works = 0.95 }
repair  = "45m"
[component.db.modes.disk]
mtbf   = "3y"
repair = "6h"
[domain.zone-a]
mtbf = "1y"
mttr = "2h"
within = "region"
[domain.zone-b]
mtbf = "1y"
mttr = "2h"
within = "region"
[domain.region]
mtbf = "10y"
mttr = "1h"
[crew.oncall]
size = 1
[group.web]
component = "web"
active    = 6
need      = 3
spread    = ["zone-a", "zone-b"]
crew      = "oncall"
[group.db]
component = "db"
active    = 1
standby   = { count = 1, mode = "hot" }
failover  = { takes = "20s", works = 0.98, otherwise = "30m" }
spread    = ["zone-a", "zone-b"]
crew      = "oncall"
[system]
up     = "lb and web and db"
demand = 1400
"#;

fn mistakes(text: &str) -> Vec<String> {
    match read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.into_iter().map(|mistake| mistake.message).collect(),
    }
}

#[test]
fn the_complete_example_means_what_it_says() {
    let model = read(COMPLETE, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
    assert_eq!(model.target.unwrap().unavailability().value(), 1e-5);
    let names: Vec<&str> = model.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["web", "db", "lb"]);
    assert!(model.groups[2].implicit);
    let db = &model.components[2];
    assert_eq!(db.modes().iter().map(|mode| mode.name.as_str()).collect::<Vec<_>>(), ["crash", "disk"]);
    assert_eq!(db.modes()[1].detect.mean(), 10.0);
    assert_eq!(db.modes()[0].restart.as_ref().unwrap().works.complement(), 0.05);
    assert_eq!(model.components[1].detect.mean(), 2.5);
    let units: Vec<usize> = (0..3).map(|unit| model.unit_domains(crate::topology::GroupId(0), unit)[0].0).collect();
    assert_eq!(units, [0, 1, 0]);
    assert_eq!(model.system.demand, Some(1400.0));
    assert!(model.warnings.is_empty());
}

#[test]
fn json_is_the_same_model() {
    let toml: serde_json::Value = serde_json::to_value(toml::from_str::<toml::Table>(COMPLETE).unwrap()).unwrap();
    let json = read(&toml.to_string(), Syntax::Json, DEFAULT_YEAR_SECONDS).unwrap();
    let model = read(COMPLETE, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
    assert_eq!(json.system.up, model.system.up);
    assert_eq!(json.components[1].modes()[0].repair, model.components[1].modes()[0].repair);
    assert_eq!(json.groups[1].failover.as_ref().unwrap().works, model.groups[1].failover.as_ref().unwrap().works);
}

#[test]
fn down_is_the_dual_of_up() {
    let text = |system: &str| {
        format!(
            "[component.a]\nmtbf='1h'\nmttr='1m'\n[component.b]\nmtbf='1h'\nmttr='1m'\n[component.c]\nmtbf='1h'\nmttr='1m'\n[system]\n{system}"
        )
    };
    let read = |system: &str| read(&text(system), Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap().system.up;
    assert_eq!(read("down = 'a and b or c'"), read("up = '(a or b) and c'"));
    assert_eq!(read("down = '2 of (a, b, c)'"), read("up = '2 of (a, b, c)'"));
    assert_eq!(read("down = '1 of (a, b, c)'"), read("up = '3 of (a, b, c)'"));
}

#[test]
fn all_mistakes_of_a_file_are_listed_in_order() {
    let text = r#"
        [component.web]
        mtbf = 30
        mttr = "1 parsec"
        colour = "red"
        [domain.a]
        mtbf = "1y"
        mttr = "1h"
        within = "b"
        [domain.b]
        mtbf = "1y"
        mttr = "1h"
        within = "a"
        [group.pool]
        component = "wbe"
        active = 2
        need = 3
        [system]
        up = "pool and stroage"
    "#;
    let expected = [
        "`30` has no unit",
        "`1 parsec` has the unknown unit `parsec`; units are ns, us, ms, s, m (minutes), h, d, w, y",
        "unknown key `colour` in component `web`",
        "domains lie within each other: a in b in a",
        "there is no component named `wbe`",
        "group `pool`: `need` is 3 but only 2 slots are active",
        "there is no group, component or domain named `stroage`",
    ];
    assert_eq!(mistakes(text), expected);
}

#[test]
fn places_and_nearest_names_are_given() {
    let text = COMPLETE.replace("crew      = \"oncall\"\n[system]", "crew      = \"on-call\"\n[system]");
    let mistakes = read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap_err();
    assert_eq!(mistakes.len(), 1);
    assert_eq!(mistakes[0].line_and_column(&text), (47, 13));
    assert_eq!(mistakes[0].help.as_deref(), Some("did you mean `oncall`?"));
    assert_eq!(&text[mistakes[0].span.clone()], "\"on-call\"");
}

#[test]
fn unused_parts_are_warned_of() {
    let text = format!(
        "{COMPLETE}\n[component.spare]\nmtbf='1y'\nmttr='1h'\n[crew.night]\nsize=1\n[domain.c]\nmtbf='1y'\nmttr='1h'\n"
    );
    let model = read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
    assert_eq!(model.warnings.len(), 3, "{:?}", model.warnings);
}
