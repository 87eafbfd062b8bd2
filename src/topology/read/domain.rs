//! Domains.

use crate::topology::DomainId;
use crate::topology::domain::Domain;
use crate::topology::read::context::{Context, Named};
use crate::topology::read::distribution::Zero;
use crate::topology::read::fields::{Fields, named};
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Entry, Node};

pub(crate) fn domains(node: Option<&Node>, context: &mut Context<'_>) -> Named<Domain> {
    let mut domains = Named::new();
    let entries = named(node, "domain", context);
    let mut outer: Vec<Option<&Node>> = Vec::new();
    for entry in &entries {
        let (domain, within) = domain(entry, context);
        domains.push(&entry.key, entry.key_span.clone(), domain);
        outer.push(within);
    }
    let within: Vec<Option<usize>> =
        outer.iter().map(|node| node.and_then(|node| context.resolve("domain", node, &domains))).collect();
    report_cycles(&within, &outer, &domains, context);
    for (domain, within) in domains.parts.iter_mut().zip(within) {
        if let Some(domain) = domain {
            domain.within = within.map(DomainId);
        }
    }
    domains
}

/// The domain without its outer one, and the text that names that.
fn domain<'a>(entry: &'a Entry, context: &mut Context<'_>) -> (Option<Domain>, Option<&'a Node>) {
    let Some(fields) = Fields::new(&entry.node, format!("domain `{}`", entry.key), context) else {
        return (None, None);
    };
    let mut fields = fields.at(&entry.key_span);
    let within = fields.get("within");
    let life = fields.one_of(&["mtbf", "mttf"], context);
    let repair = fields.one_of(&["mttr", "repair"], context);
    let has_rate = fields.refuse("rate", in_place_of_rate, context);
    let is_given = [life.is_some() || has_rate, repair.is_some()];
    let meanings = [("mtbf", "the mean up time"), ("mttr", "the mean down time")];
    for ((key, meaning), is_given) in meanings.into_iter().zip(is_given) {
        if !is_given {
            let mistake = Mistake::new(fields.span(), format!("domain `{}` has no `{key}`", entry.key));
            context.report(mistake.expected(format!("`{key}`, {meaning}")));
        }
    }
    let life = life.and_then(|(_, node)| context.distribution(node, Zero::Refused));
    let repair = repair.and_then(|(_, node)| context.distribution(node, Zero::Refused));
    fields.finish(context);
    let domain = life.zip(repair).map(|(life, repair)| Domain {
        name: entry.key.clone(),
        life,
        repair,
        within: None,
        file_position: entry.key_span.start,
    });
    (domain, within)
}

/// What a domain has where a component may have a rate.
fn in_place_of_rate(rate: &Node) -> String {
    match rate.written().and_then(|text| text.trim().strip_prefix("1/")) {
        Some(time) => format!("a rate is for components; write `mtbf = \"{}\"`", time.trim()),
        None => "a rate is for components; write `mtbf`, the mean up time".to_owned(),
    }
}

/// Each domain that comes back to itself by `within` is reported once per cycle, at the first `within` of it.
fn report_cycles(
    within: &[Option<usize>],
    nodes: &[Option<&Node>],
    domains: &Named<Domain>,
    context: &mut Context<'_>,
) {
    let mut settled = vec![false; within.len()];
    for start in 0..within.len() {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(domain) = at.filter(|domain| !settled[*domain] && !path.contains(domain)) {
            path.push(domain);
            at = within[domain];
        }
        if let Some(first) = at.and_then(|domain| path.iter().position(|known| *known == domain)) {
            let mut names: Vec<&str> = path[first..].iter().map(|domain| domains.names[*domain].as_str()).collect();
            names.push(names[0]);
            if let Some(node) = nodes[path[first]] {
                let mistake =
                    Mistake::new(node.span.clone(), format!("domains lie within each other: {}", names.join(" in ")));
                context.report(mistake.expected("a domain outside of this one"));
            }
        }
        for domain in path {
            settled[domain] = true;
        }
    }
}
