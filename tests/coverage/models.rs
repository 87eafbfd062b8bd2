//! Models whose exact values are known, by the exact engine or because only means matter.

/// Failover, detection, a crew: regenerative cycles over jumps.
pub(crate) const FAILOVER: &str = r#"
[component.db]
mtbf = "60d"
mttr = "4h"
detect = "10s"
[crew.oncall]
size = 1
[group.db]
component = "db"
active = 1
standby = { count = 1, mode = "hot" }
failover = { takes = "20s", works = 0.98, otherwise = "30m" }
crew = "oncall"
[system]
up = "db"
"#;

/// Two zones with a unit each.
pub(crate) const DOMAINS: &str = r#"
[component.web]
mtbf = "10d"
mttr = "8h"
[domain.zone-a]
mtbf = "60d"
mttr = "6h"
[domain.zone-b]
mtbf = "60d"
mttr = "6h"
[group.web]
component = "web"
active = 4
need = 2
spread = ["zone-a", "zone-b"]
[system]
up = "web"
"#;

/// Repairs that are far from exponential; each unit on its own, so that only the means matter.
pub(crate) const LOGNORMAL_REPAIR: &str = r#"
[component.web]
mtbf = "10d"
mttr = { lognormal = { mean = "8h", cv = 1.5 } }
[group.web]
component = "web"
active = 3
need = 2
[system]
up = "web"
"#;

/// A quorum with one person to repair it.
pub(crate) const CREW: &str = r#"
[component.node]
mtbf = "10d"
mttr = "6h"
[crew.oncall]
size = 1
[group.node]
component = "node"
active = 5
need = 3
crew = "oncall"
[system]
up = "node"
"#;

/// Lives that wear out: no state at whose entry everything starts afresh.
pub(crate) const WEIBULL_LIVES: &str = r#"
[component.web]
mtbf = { weibull = { mean = "10d", shape = 2.0 } }
mttr = { lognormal = { mean = "1d", cv = 1.0 } }
[group.web]
component = "web"
active = 3
need = 2
[system]
up = "web"
"#;

/// Exponential, but with so many states, all about equally likely, that none comes back often.
pub(crate) fn no_return() -> String {
    let component = |number: u32| format!("[component.c{number}]\nmtbf = \"{}m\"\nmttr = \"10h\"\n", 600 + number);
    let names: Vec<String> = (0..13).map(|number| format!("c{number}")).collect();
    let components: String = (0..13).map(component).collect();
    components + &format!("[system]\nup = \"5 of ({})\"\n", names.join(", "))
}

/// Outages by a common cause, under a load that grows with every loss, and a demand.
pub(crate) const COMMON_CAUSE: &str = r#"
[component.web]
mtbf = "10d"
mttr = "5h"
detect = "5m"
capacity = 500
[group.web]
component = "web"
active = 4
need = 2
load = 1.5
common_cause = { beta = 0.05 }
[system]
up = "web"
demand = 1400
"#;

/// A restart that mostly works: outages of a minute and, rarely, of a day.
pub(crate) const RESTART: &str = r#"
[component.db]
[component.db.modes.crash]
mtbf = "5d"
restart = { takes = "1m", works = 0.95 }
repair = "4h"
[component.db.modes.disk]
mtbf = "100d"
repair = "1d"
[system]
up = "db"
"#;

/// Outages that come in groups: while one unit is out, the other is overloaded and fails and restarts again and again.
pub(crate) const FLAPPING: &str = r#"
[component.web]
[component.web.modes.crash]
mtbf = "20d"
restart = { takes = "1m" }
[component.web.modes.disk]
mtbf = "200d"
repair = "3d"
[group.web]
component = "web"
active = 2
need = 1
load = 6.0
[system]
up = "web"
"#;

/// Outages about once in a million events.
pub(crate) const RARE: &str = r#"
[component.node]
mtbf = "60d"
mttr = "4h"
[group.node]
component = "node"
active = 3
need = 1
[system]
up = "node"
"#;

/// Standbys that share a crew with other units: units trade places with their residual times.
pub(crate) const STANDBYS: &str = r#"
[component.web]
detect = "30m"
[component.web.modes.crash]
mtbf = "20d"
mttr = "9h"
[component.web.modes.disk]
mtbf = "50d"
mttr = "30h"
[domain.rack]
mtbf = "40d"
mttr = "3h"
[crew.oncall]
size = 2
[group.web]
component = "web"
active = 1
need = 1
standby = { count = 2, mode = "warm", ageing = 0.5 }
failover = { takes = "20m", works = 0.9, otherwise = "5h" }
crew = "oncall"
[group.other]
component = "web"
active = 2
need = 1
depends = ["rack"]
crew = "oncall"
[system]
up = "web and other"
"#;

/// A slot that passes for good: all-up with the first owner is left after some decades and never comes back.
pub(crate) const PASSED_FOR_GOOD: &str = r#"
[component.pod]
mtbf = "10h"
restart = { takes = "30s" }
[component.db]
mtbf = "30d"
restart = { takes = "0s" }
[domain.region]
mtbf = "10y"
mttr = "1h"
[domain.zone]
mtbf = "1y"
mttr = "2h"
within = "region"
[group.pod]
component = "pod"
active = 10
need = 6
[group.db]
component = "db"
active = 1
standby = 1
failover = { takes = "200h" }
spread = ["zone", "region"]
[system]
up = "pod and db"
"#;

/// Short cycles, and an outage of weeks every two years.
pub(crate) const LONG_AND_RARE: &str = r#"
[component.node]
mtbf = "30d"
mttr = "5m"
[domain.site]
mtbf = "2y"
mttr = "2w"
[group.node]
component = "node"
active = 200
need = 120
depends = ["site"]
[system]
up = "node"
"#;
