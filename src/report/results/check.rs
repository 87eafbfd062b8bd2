//! `check`: what a topology file means.

use schemars::JsonSchema;
use serde::Serialize;

use crate::numeric::distribution::{Distribution, Family};
use crate::report::number::{Units, significant, time};
use crate::report::results::Layout;
use crate::report::results::measures::target_cell;
use crate::report::sheet::{Cell, Sheet, Table};
use crate::topology::component::{Component, Failure};
use crate::topology::group::{Group, StandbyMode};
use crate::topology::system::Expression;
use crate::topology::{CrewId, DomainId, GroupId, Model};

/// Settings of `check`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CheckSettings {
    /// Length of a year.
    pub year_seconds: f64,
}

/// One time of the model.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TimeInfo {
    /// Where it is in the file.
    pub field: String,
    /// Its distribution.
    pub distribution: String,
    /// Its mean.
    pub mean_seconds: f64,
}

/// One group.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct GroupInfo {
    /// Name.
    pub group: String,
    /// What its units are.
    pub component: String,
    /// Slots that must be served.
    pub need: u32,
    /// Slots.
    pub active: u32,
    /// Standby units, and their kind.
    pub standby: String,
    /// Domains of each unit, outer ones included.
    pub placement: Vec<Vec<String>>,
    /// What else holds for its units: failover, common cause, load.
    pub rules: Vec<String>,
}

/// One domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DomainInfo {
    /// Name.
    pub domain: String,
    /// The domain around it.
    pub within: Option<String>,
    /// How many units of each group are out while it is down.
    pub units: Vec<UnitsIn>,
}

/// Units of one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnitsIn {
    /// The group.
    pub group: String,
    /// How many.
    pub count: usize,
}

/// One crew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CrewInfo {
    /// Name.
    pub crew: String,
    /// Repairs at a time.
    pub size: u32,
    /// Groups that it repairs, in file order.
    pub groups: Vec<String>,
}

/// Whether an engine can take the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EngineInfo {
    /// `solve` or `simulate`.
    pub engine: String,
    /// Whether it applies.
    pub applies: bool,
    /// How, or why not.
    pub explanation: String,
}

/// What a topology file means.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CheckResult {
    /// When the system is up.
    pub up: String,
    /// Requests per second.
    pub demand_requests_per_second: Option<f64>,
    /// Unavailability that the target allows.
    pub target_unavailability: Option<f64>,
    /// All units of all groups.
    pub units: u64,
    /// Groups; components named directly in `up` too.
    pub groups: Vec<GroupInfo>,
    /// Shared fates.
    pub domains: Vec<DomainInfo>,
    /// Who repairs.
    pub crews: Vec<CrewInfo>,
    /// Times, as read.
    pub times: Vec<TimeInfo>,
    /// Which engines apply.
    pub engines: Vec<EngineInfo>,
}

impl CheckResult {
    /// Describes `model`.
    pub fn new(model: &Model, engines: Vec<EngineInfo>) -> Self {
        let groups = (0..model.groups.len()).map(|index| group_info(model, GroupId(index))).collect();
        Self {
            up: expression(model, &model.system.up, false),
            demand_requests_per_second: model.system.demand,
            target_unavailability: model.target.map(|target| target.unavailability().value()),
            units: model.groups.iter().map(|group| group.units() as u64).sum(),
            groups,
            domains: (0..model.domains.len()).map(|index| domain_info(model, DomainId(index))).collect(),
            crews: (0..model.crews.len()).map(|index| crew_info(model, CrewId(index))).collect(),
            times: times(model),
            engines,
        }
    }
}

fn group_info(model: &Model, id: GroupId) -> GroupInfo {
    let group = &model.groups[id.0];
    let names = |unit: usize| {
        let domains = model.unit_domains(id, unit);
        domains.iter().map(|domain| model.domains[domain.0].name.clone()).collect()
    };
    let placed = !(group.spread.is_empty() && group.depends.is_empty());
    GroupInfo {
        group: group.name.clone(),
        component: model.component_of(id).name.clone(),
        need: group.need,
        active: group.active,
        standby: standby(group),
        placement: if placed { (0..group.units()).map(names).collect() } else { Vec::new() },
        rules: rules(group),
    }
}

fn rules(group: &Group) -> Vec<String> {
    let mut rules = Vec::new();
    if let Some(failover) = &group.failover {
        let works = failover.works.value();
        let chance = if works < 1.0 { format!(", works {}", significant(works, 7)) } else { String::new() };
        rules.push(format!("failover{chance}"));
    } else if group.standby.is_some() {
        rules.push("failover at once".to_owned());
    }
    if let Some(beta) = group.common_cause {
        rules.push(format!("common cause {}", significant(beta.value(), 7)));
    }
    if let Some(load) = group.load {
        rules.push(format!("load {}", significant(load, 7)));
    }
    rules
}

fn domain_info(model: &Model, id: DomainId) -> DomainInfo {
    let domain = &model.domains[id.0];
    let units_in = |index: usize| {
        let group = GroupId(index);
        let inside = |unit: &usize| model.unit_domains(group, *unit).contains(&id);
        let count = (0..model.groups[index].units()).filter(inside).count();
        (count > 0).then(|| UnitsIn { group: model.groups[index].name.clone(), count })
    };
    DomainInfo {
        domain: domain.name.clone(),
        within: domain.within.map(|outer| model.domains[outer.0].name.clone()),
        units: (0..model.groups.len()).filter_map(units_in).collect(),
    }
}

fn crew_info(model: &Model, id: CrewId) -> CrewInfo {
    let crew = &model.crews[id.0];
    let served = model.groups.iter().filter(|group| group.crew == Some(id));
    CrewInfo { crew: crew.name.clone(), size: crew.size, groups: served.map(|group| group.name.clone()).collect() }
}

fn standby(group: &Group) -> String {
    group.standby.as_ref().map_or_else(
        || "none".to_owned(),
        |standby| {
            let mode = match standby.mode {
                StandbyMode::Hot => "hot",
                StandbyMode::Warm => "warm",
                StandbyMode::Cold => "cold",
            };
            format!("{} {mode}", standby.count)
        },
    )
}

fn expression(model: &Model, up: &Expression, inner: bool) -> String {
    let join = |of: &[Expression], word: &str| {
        of.iter().map(|part| expression(model, part, true)).collect::<Vec<_>>().join(word)
    };
    match up {
        Expression::Part(part) => model.part_name(*part).to_owned(),
        Expression::And(of) if inner => format!("({})", join(of, " and ")),
        Expression::And(of) => join(of, " and "),
        Expression::Or(of) if inner => format!("({})", join(of, " or ")),
        Expression::Or(of) => join(of, " or "),
        Expression::AtLeast(need, of) => format!("{need} of ({})", join(of, ", ")),
    }
}

fn times(model: &Model) -> Vec<TimeInfo> {
    let mut times = Vec::new();
    let mut add = |field: String, distribution: &Distribution| {
        if !distribution.is_zero() {
            let info = TimeInfo { field, distribution: describe(distribution), mean_seconds: distribution.mean() };
            times.push(info);
        }
    };
    for component in &model.components {
        component_times(component, &mut add);
    }
    for domain in &model.domains {
        add(format!("domain.{}.mtbf", domain.name), &domain.life);
        add(format!("domain.{}.mttr", domain.name), &domain.repair);
    }
    for group in &model.groups {
        if let Some(check) = group.standby.as_ref().and_then(|standby| standby.check.as_ref()) {
            add(format!("group.{}.standby.check", group.name), check);
        }
        if let Some(failover) = &group.failover {
            add(format!("group.{}.failover.takes", group.name), &failover.takes);
            if let Some(otherwise) = &failover.otherwise {
                add(format!("group.{}.failover.otherwise", group.name), otherwise);
            }
        }
    }
    times
}

fn component_times(component: &Component, add: &mut impl FnMut(String, &Distribution)) {
    let Failure::Modes(modes) = &component.failure else { return };
    for mode in modes {
        let path = if mode.name == "failure" {
            format!("component.{}", component.name)
        } else {
            format!("component.{}.modes.{}", component.name, mode.name)
        };
        add(format!("{path}.mtbf"), &mode.life);
        add(format!("{path}.detect"), &mode.detect);
        if let Some(restart) = &mode.restart {
            add(format!("{path}.restart.takes"), &restart.takes);
        }
        if let Some(repair) = &mode.repair {
            add(format!("{path}.mttr"), repair);
        }
    }
}

fn describe(distribution: &Distribution) -> String {
    let number = |value: f64| significant(value, 4);
    match distribution.family() {
        Family::Fixed { .. } => "fixed".to_owned(),
        Family::Exponential { .. } => "exponential".to_owned(),
        Family::Uniform { low, high } => format!("uniform from {} s to {} s", number(*low), number(*high)),
        Family::LogNormal { sigma, .. } => format!("lognormal, sigma {}", number(*sigma)),
        Family::Weibull { shape, .. } => format!("Weibull, shape {}", number(*shape)),
        Family::Gamma { shape, .. } => format!("gamma, shape {}", number(*shape)),
        Family::Erlang { stages, .. } => format!("Erlang, {stages} stages"),
        Family::HyperExponential { means, .. } => format!("hyperexponential, {} branches", means.len()),
        Family::Empirical { values } => format!("empirical, {} values", values.len()),
    }
}

impl Layout for CheckResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut system = Table::new("", &["system", "meaning"]);
        system.push(vec![Cell::text("up while"), Cell::text(&self.up)]);
        if let Some(demand) = self.demand_requests_per_second {
            system.push(vec![
                Cell::text("demand"),
                Cell::text(format!("{} requests per second", significant(demand, 7))),
            ]);
        }
        if let Some(target) = self.target_unavailability {
            system
                .push(vec![Cell::text("target"), Cell::text(format!("availability {}", target_cell(target).shown()))]);
        }
        let headers = ["group", "component", "slots needed", "standby", "rules", "placement of units"];
        let mut groups = Table::new("groups", &headers);
        for group in &self.groups {
            groups.push(vec![
                Cell::text(&group.group),
                Cell::text(&group.component),
                Cell::text(format!("{} of {}", group.need, group.active)),
                Cell::text(&group.standby),
                Cell::text(listed(&group.rules)),
                Cell::text(placement(&group.placement)),
            ]);
        }
        let mut domains = Table::new("domains", &["domain", "within", "units that share its fate"]);
        for domain in &self.domains {
            let units: Vec<String> = domain.units.iter().map(|of| format!("{} of {}", of.count, of.group)).collect();
            let within = domain.within.as_deref().unwrap_or("-");
            domains.push(vec![Cell::text(&domain.domain), Cell::text(within), Cell::text(listed(&units))]);
        }
        let mut crews = Table::new("crews", &["crew", "repairs at a time", "of groups"]);
        for crew in &self.crews {
            let size = Cell::number(f64::from(crew.size), crew.size.to_string());
            crews.push(vec![Cell::text(&crew.crew), size, Cell::text(listed(&crew.groups))]);
        }
        let mut times = Table::new("times", &["field", "distribution", "mean"]);
        for info in &self.times {
            let mean = Cell::number(info.mean_seconds, time(info.mean_seconds, 5, units));
            times.push(vec![Cell::text(&info.field), Cell::text(&info.distribution), mean]);
        }
        let mut engines = Table::new("engines", &["engine", "applies", "explanation"]);
        for engine in &self.engines {
            let applies = if engine.applies { "yes" } else { "no" };
            engines.push(vec![Cell::text(&engine.engine), Cell::text(applies), Cell::text(&engine.explanation)]);
        }
        let tables = [system, groups, domains, crews, times, engines]
            .into_iter()
            .filter(|table| !table.rows.is_empty())
            .collect();
        Sheet { tables, notes: Vec::new() }
    }
}

fn listed(words: &[String]) -> String {
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

/// Equal placements once, with the units that have them.
fn placement(units: &[Vec<String>]) -> String {
    let mut classes: Vec<(&Vec<String>, usize)> = Vec::new();
    for domains in units {
        match classes.iter_mut().find(|(known, _)| *known == domains) {
            Some((_, count)) => *count += 1,
            None => classes.push((domains, 1)),
        }
    }
    if classes.is_empty() {
        return "-".to_owned();
    }
    classes.iter().map(|(domains, count)| format!("{count} in {}", domains.join(" + "))).collect::<Vec<_>>().join("; ")
}
