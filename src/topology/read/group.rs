//! Groups and crews.

use crate::quantity::Probability;
use crate::topology::component::{Component, Failure};
use crate::topology::crew::Crew;
use crate::topology::domain::Domain;
use crate::topology::group::{Failover, Group, Standby, StandbyMode};
use crate::topology::read::context::{Context, Named, Reported, optional};
use crate::topology::read::distribution::Zero;
use crate::topology::read::fields::{Fields, named};
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Entry, Node, Value};
use crate::topology::{ComponentId, CrewId, DomainId};

/// Slots or standbys of one group.
pub(crate) const MOST_UNITS: u32 = 10_000;

/// What groups refer to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) components: &'a Named<Component>,
    pub(crate) domains: &'a Named<Domain>,
    pub(crate) crews: &'a Named<Crew>,
}

pub(crate) fn crews(node: Option<&Node>, context: &mut Context<'_>) -> Named<Crew> {
    let mut crews = Named::new();
    for entry in named(node, "crew", context) {
        let size = Fields::new(&entry.node, format!("crew `{}`", entry.key), context).and_then(|fields| {
            let mut fields = fields.at(&entry.key_span);
            let size = fields.required("size", context).and_then(|node| context.count(node, 1..=1_000_000));
            fields.finish(context);
            size
        });
        let crew = size.map(|size| Crew { name: entry.key.clone(), size });
        crews.push(&entry.key, entry.key_span.clone(), crew);
    }
    crews
}

pub(crate) fn groups(node: Option<&Node>, parts: &Parts<'_>, context: &mut Context<'_>) -> Named<Group> {
    let mut groups = Named::new();
    for entry in named(node, "group", context) {
        let group = group(entry, parts, context);
        groups.push(&entry.key, entry.key_span.clone(), group);
    }
    groups
}

fn group(entry: &Entry, parts: &Parts<'_>, context: &mut Context<'_>) -> Option<Group> {
    let what = format!("group `{}`", entry.key);
    let mut fields = Fields::new(&entry.node, what, context)?.at(&entry.key_span);
    let component_node = fields.required("component", context);
    let component = component_node.and_then(|node| context.resolve("component", node, parts.components));
    let active_node = fields.required("active", context);
    let active = active_node.and_then(|node| context.count(node, 1..=MOST_UNITS));
    let need_node = fields.get("need");
    let need = match need_node {
        Some(node) => context.count(node, 1..=MOST_UNITS),
        None => active,
    };
    check_need(&entry.key, need_node, need, active, context);
    let standby_node = fields.get("standby");
    let standby = standby_node.map_or(Ok(None), |node| standby(node, context));
    let failover_node = fields.get("failover");
    let failover = optional(failover_node, |node| failover(node, context));
    if let (Some(node), None) = (failover_node, standby_node) {
        let message = format!("group `{}` has a failover, but no standby to fail over to", entry.key);
        context.report(Mistake::new(node.span.clone(), message).expected("`standby` beside it"));
    }
    let spread = domain_list(fields.get("spread"), parts, context);
    let depends = domain_list(fields.get("depends"), parts, context);
    let crew_node = fields.get("crew");
    let crew = optional(crew_node, |node| context.resolve("crew", node, parts.crews));
    let common_cause_node = fields.get("common_cause");
    let common_cause = common_cause_node.map_or(Ok(None), |node| common_cause(node, context));
    let load_node = fields.get("load");
    let load = optional(load_node, |node| context.number(node, 0.0..=100.0, "an exponent from 0 to 100"));
    fields.finish(context);
    let dependent =
        [("standby", standby_node), ("crew", crew_node), ("common_cause", common_cause_node), ("load", load_node)];
    let only_probability = component
        .and_then(|component| parts.components.parts[component].as_ref())
        .is_some_and(|component| matches!(component.failure, Failure::Probability(_)));
    if only_probability {
        refuse_for_probability(&entry.key, &dependent, context);
    }
    Some(Group {
        name: entry.key.clone(),
        component: ComponentId(component?),
        active: active?,
        need: need?,
        standby: standby.ok()?,
        failover: failover.ok()?,
        spread: spread?,
        depends: depends?,
        crew: crew.ok()?.map(CrewId),
        common_cause: common_cause.ok()?,
        load: load.ok()?.filter(|load| *load > 0.0),
        implicit: false,
        file_position: entry.key_span.start,
    })
}

fn check_need(name: &str, node: Option<&Node>, need: Option<u32>, active: Option<u32>, context: &mut Context<'_>) {
    if let (Some(node), Some(need), Some(active)) = (node, need, active)
        && need > active
    {
        let slots = if active == 1 { "slot is" } else { "slots are" };
        let message = format!("group `{name}`: `need` is {need} but only {active} {slots} active");
        context.report(Mistake::new(node.span.clone(), message).expected(format!("at most {active}")));
    }
}

fn refuse_for_probability(name: &str, given: &[(&str, Option<&Node>)], context: &mut Context<'_>) {
    for (key, node) in given {
        if let Some(node) = node {
            let message =
                format!("group `{name}`: `{key}` needs times, but its component has only an `unavailability`");
            context.report(Mistake::new(node.span.clone(), message).expected("a component with `mtbf` and `mttr`"));
        }
    }
}

/// Absent for no standby.
fn standby(node: &Node, context: &mut Context<'_>) -> Result<Option<Standby>, Reported> {
    if matches!(node.value, Value::Number(_)) {
        let count = context.count(node, 0..=MOST_UNITS).ok_or(Reported)?;
        let hot = Standby { count, mode: StandbyMode::Hot, ageing: 1.0, check: None };
        return Ok((count > 0).then_some(hot));
    }
    standby_table(node, context).map(Some).ok_or(Reported)
}

fn standby_table(node: &Node, context: &mut Context<'_>) -> Option<Standby> {
    let mut fields = Fields::new(node, "the standby", context)?;
    let count = fields.required("count", context).and_then(|node| context.count(node, 1..=MOST_UNITS));
    let mode_node = fields.get("mode");
    let mode = mode_node.map_or(Some(StandbyMode::Hot), |node| standby_mode(node, context));
    let ageing_node = fields.get("ageing");
    let ageing = mode.and_then(|mode| ageing(node, mode, ageing_node, context));
    let check = optional(fields.get("check"), |node| context.noticing(node));
    fields.finish(context);
    Some(Standby { count: count?, mode: mode?, ageing: ageing?, check: check.ok()? })
}

fn standby_mode(node: &Node, context: &mut Context<'_>) -> Option<StandbyMode> {
    let name = context.text(node)?;
    match name {
        "hot" => Some(StandbyMode::Hot),
        "warm" => Some(StandbyMode::Warm),
        "cold" => Some(StandbyMode::Cold),
        _ => {
            let mistake = Mistake::new(node.span.clone(), format!("`{name}` is no kind of standby"));
            let mistake = mistake.expected("`\"hot\"`, `\"warm\"` or `\"cold\"`");
            context.report(mistake.nearest(name, ["hot", "warm", "cold"].into_iter()));
            None
        }
    }
}

fn ageing(standby: &Node, mode: StandbyMode, node: Option<&Node>, context: &mut Context<'_>) -> Option<f64> {
    match (mode, node) {
        (StandbyMode::Hot, None) => Some(1.0),
        (StandbyMode::Cold, None) => Some(0.0),
        (StandbyMode::Warm, Some(node)) => context.number(node, 0.0..=1.0, "a speed from 0 (cold) to 1 (hot)"),
        (StandbyMode::Warm, None) => {
            let mistake = Mistake::new(standby.span.clone(), "a warm standby needs its `ageing`");
            context.report(mistake.expected("`ageing`, a speed between 0 (cold) and 1 (hot)"));
            None
        }
        (StandbyMode::Hot | StandbyMode::Cold, Some(node)) => {
            let kind = if mode == StandbyMode::Hot { "hot standby ages at 1" } else { "cold standby ages at 0" };
            let mistake = Mistake::new(node.span.clone(), format!("`ageing` makes no sense: a {kind}"));
            context.report(mistake.expected("no `ageing`, or `mode = \"warm\"`"));
            None
        }
    }
}

fn failover(node: &Node, context: &mut Context<'_>) -> Option<Failover> {
    let mut fields = Fields::new(node, "the failover", context)?;
    let takes = match fields.get("takes") {
        Some(node) => context.distribution(node, Zero::Allowed),
        None => crate::numeric::distribution::Distribution::fixed(0.0).ok(),
    };
    let works_node = fields.get("works");
    let works = works_node.map_or(Some(Probability::ONE), |node| context.probability(node));
    let otherwise_node = fields.get("otherwise");
    let otherwise = optional(otherwise_node, |node| context.distribution(node, Zero::Allowed));
    fields.finish(context);
    if let (Some(works), Some(node), None) = (works, works_node, otherwise_node)
        && works.complement() > 0.0
    {
        let mistake = Mistake::new(node.span.clone(), "a failover that may not work needs `otherwise`");
        context.report(mistake.expected("`otherwise`, the time until a person has switched"));
    }
    Some(Failover { takes: takes?, works: works?, otherwise: otherwise.ok()? })
}

/// Absent for a beta of 0.
fn common_cause(node: &Node, context: &mut Context<'_>) -> Result<Option<Probability>, Reported> {
    let mut fields = Fields::new(node, "the common cause", context).ok_or(Reported)?;
    let beta = fields.required("beta", context).and_then(|node| context.probability(node));
    fields.finish(context);
    beta.map(|beta| (beta != Probability::ZERO).then_some(beta)).ok_or(Reported)
}

fn domain_list(node: Option<&Node>, parts: &Parts<'_>, context: &mut Context<'_>) -> Option<Vec<DomainId>> {
    let Some(node) = node else { return Some(Vec::new()) };
    let Value::List(items) = &node.value else {
        return context.wrong_kind(node, "a list of domains such as `[\"zone-a\", \"zone-b\"]`");
    };
    if items.is_empty() {
        return context.invalid(node, "the list of domains is empty", "at least one domain");
    }
    let read: Vec<_> = items.iter().map(|item| context.resolve("domain", item, parts.domains).map(DomainId)).collect();
    read.into_iter().collect()
}
