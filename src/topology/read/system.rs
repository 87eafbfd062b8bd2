//! The system, and what concerns the whole file.

use std::ops::Range;

use indexmap::IndexSet;

use crate::topology::component::Component;
use crate::topology::domain::Domain;
use crate::topology::group::Group;
use crate::topology::read::context::{Context, Named};
use crate::topology::read::expression::{self, Parsed};
use crate::topology::read::fields::Fields;
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Node, Value};
use crate::topology::system::{Expression, Part, System};
use crate::topology::{ComponentId, DomainId, GroupId, Model};

/// Units of all groups together.
const MOST_UNITS: usize = 10_000;
/// Domains, components, groups of each.
const MOST_PARTS: usize = 10_000;

/// What names in `up` may stand for, beside groups.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    pub(crate) components: &'a Named<Component>,
    pub(crate) domains: &'a Named<Domain>,
}

/// Reads `[system]`; components named directly are added to `groups` as groups of one.
pub(crate) fn system(
    node: &Node,
    names: &Names<'_>,
    groups: &mut Named<Group>,
    context: &mut Context<'_>,
) -> Option<System> {
    let mut fields = Fields::new(node, "`system`", context)?;
    let expression = fields.one_of(&["up", "down"], context);
    if expression.is_none() {
        let mistake = Mistake::new(fields.span(), "the system has no `up`");
        context.report(mistake.expected("`up` (or `down`), an expression over groups, components and domains"));
    }
    let demand_node = fields.get("demand");
    let demand = demand_node.map(|node| context.number(node, 1e-9..=1e18, "requests per second above 0"));
    fields.finish(context);
    let (key, node) = expression?;
    let text = context.text(node)?;
    let start = content_start(node, text, context.text);
    let place = |span: &Range<usize>| start.map_or(node.span.clone(), |start| start + span.start..start + span.end);
    let parsed = match expression::parse(text) {
        Ok(parsed) => parsed,
        Err(unexpected) => {
            let mistake = Mistake::new(place(&unexpected.span), unexpected.message).expected(unexpected.expected);
            context.report(mistake);
            return None;
        }
    };
    let mut resolver = Resolver { names, groups, uses: Vec::new(), mistakes: Vec::new() };
    let up = resolver.expression(&parsed, key == "down");
    let Resolver { uses, mistakes, .. } = resolver;
    for mut mistake in mistakes {
        mistake.span = place(&mistake.span);
        context.report(mistake);
    }
    if demand_node.is_some() {
        refuse_repeats(&uses, place, context);
    }
    let demand = match demand {
        Some(demand) => Some(demand?),
        None => None,
    };
    Some(System { up: up?, demand })
}

/// Where the content of a text stands in the file; `None` when escapes make places unclear.
fn content_start(node: &Node, content: &str, file: &str) -> Option<usize> {
    let raw = file.get(node.span.clone())?;
    raw.find(content).map(|at| node.span.start + at)
}

fn refuse_repeats(
    uses: &[(String, Range<usize>)],
    place: impl Fn(&Range<usize>) -> Range<usize>,
    context: &mut Context<'_>,
) {
    let mut seen = std::collections::BTreeSet::new();
    for (name, span) in uses {
        if !seen.insert(name) {
            let message = format!("`{name}` is used twice in a system with a demand");
            context.report(
                Mistake::new(place(span), message).expected("each name once, so that its capacity counts once"),
            );
        }
    }
}

struct Resolver<'a, 'b> {
    names: &'a Names<'a>,
    groups: &'b mut Named<Group>,
    uses: Vec<(String, Range<usize>)>,
    mistakes: Vec<Mistake>,
}

impl Resolver<'_, '_> {
    /// The expression; of a `down` its dual: K of N down means up while at least N - K + 1 are.
    fn expression(&mut self, parsed: &Parsed, dual: bool) -> Option<Expression> {
        Some(match (parsed, dual) {
            (Parsed::Name(name, span), _) => Expression::Part(self.part(name, span)?),
            (Parsed::And(of), false) | (Parsed::Or(of), true) => Expression::And(self.all(of, dual)?),
            (Parsed::Or(of), false) | (Parsed::And(of), true) => Expression::Or(self.all(of, dual)?),
            (Parsed::AtLeast(need, of), false) => Expression::AtLeast(*need, self.all(of, dual)?),
            (Parsed::AtLeast(need, of), true) => Expression::AtLeast(of.len() as u32 - need + 1, self.all(of, dual)?),
        })
    }

    fn all(&mut self, of: &[Parsed], dual: bool) -> Option<Vec<Expression>> {
        let read: Vec<_> = of.iter().map(|parsed| self.expression(parsed, dual)).collect();
        read.into_iter().collect()
    }

    fn part(&mut self, name: &str, span: &Range<usize>) -> Option<Part> {
        self.uses.push((name.to_owned(), span.clone()));
        if let Some(group) = self.groups.find(name) {
            return Some(Part::Group(GroupId(group)));
        }
        if let Some(component) = self.names.components.find(name) {
            return Some(self.implicit_group(component, name));
        }
        if let Some(domain) = self.names.domains.find(name) {
            return Some(Part::Domain(DomainId(domain)));
        }
        let known = || self.groups.names().chain(self.names.components.names()).chain(self.names.domains.names());
        let mistake = Mistake::new(span.clone(), format!("there is no group, component or domain named `{name}`"));
        let names: IndexSet<&str> = known().collect();
        let list = names.iter().take(12).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let mistake =
            mistake.expected(if list.is_empty() { "a name; none is defined".into() } else { format!("one of {list}") });
        let mistake = mistake.nearest(name, known());
        self.mistakes.push(mistake);
        None
    }

    /// The component as a group of one, apart from any group that uses it.
    fn implicit_group(&mut self, component: usize, name: &str) -> Part {
        let span = self.names.components.spans[component].clone();
        let group = self.names.components.parts[component].as_ref().map(|known| Group {
            name: name.to_owned(),
            component: ComponentId(component),
            active: 1,
            need: 1,
            standby: None,
            failover: None,
            spread: Vec::new(),
            depends: Vec::new(),
            crew: None,
            common_cause: None,
            load: None,
            implicit: true,
            file_position: known.file_position,
        });
        self.groups.push(name, span, group);
        Part::Group(GroupId(self.groups.names.len() - 1))
    }
}

/// A domain must not share its name with a component or a group.
pub(crate) fn check_names(names: &Names<'_>, groups: &Named<Group>, context: &mut Context<'_>) {
    for (name, span) in names.domains.names().zip(&names.domains.spans) {
        let other = if groups.parts.iter().flatten().any(|group| !group.implicit && group.name == name) {
            "group"
        } else if names.components.find(name).is_some() {
            "component"
        } else {
            continue;
        };
        let mistake = Mistake::new(span.clone(), format!("the domain `{name}` has the name of a {other}"));
        context.report(mistake.expected("another name"));
    }
}

/// Refuses sizes beyond reason, before anything is built from them.
pub(crate) fn check_size(
    root: &Node,
    components: &Named<Component>,
    domains: &Named<Domain>,
    groups: &Named<Group>,
    context: &mut Context<'_>,
) {
    let units: usize = groups.parts.iter().flatten().map(Group::units).sum();
    let place = |key: &str| match &root.value {
        Value::Table(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| entry.key_span.clone()),
        _ => None,
    };
    let sizes = [
        ("group", "units in all groups", units, MOST_UNITS),
        ("group", "groups", groups.names.len(), MOST_PARTS),
        ("component", "components", components.names.len(), MOST_PARTS),
        ("domain", "domains", domains.names.len(), MOST_PARTS),
    ];
    for (key, what, size, most) in sizes {
        if size > most {
            let mistake = Mistake::new(place(key).unwrap_or(0..0), format!("{size} {what} are more than {most}"));
            context.report(mistake.expected("a smaller topology"));
        }
    }
}

/// Parts that take no part, one sentence each.
pub(crate) fn unused(model: &Model) -> Vec<String> {
    let parts = model.system.up.parts();
    let mut warnings = Vec::new();
    for (index, component) in model.components.iter().enumerate() {
        if !model.groups.iter().any(|group| group.component.0 == index) {
            warnings.push(format!("component `{}` is not used by any group, nor named in `up`", component.name));
        }
    }
    for (index, domain) in model.domains.iter().enumerate() {
        let id = DomainId(index);
        let named = parts.contains(&Part::Domain(id));
        let placed = model.groups.iter().any(|group| group.spread.contains(&id) || group.depends.contains(&id));
        let around = model.domains.iter().any(|other| other.within == Some(id));
        if !(named || placed || around) {
            warnings.push(format!("domain `{}` has no units, no inner domains, and is not named in `up`", domain.name));
        }
    }
    for (index, crew) in model.crews.iter().enumerate() {
        if !model.groups.iter().any(|group| group.crew.is_some_and(|id| id.0 == index)) {
            warnings.push(format!("crew `{}` serves no group", crew.name));
        }
    }
    for (index, group) in model.groups.iter().enumerate() {
        let shares = |other: &Group| other.crew.is_some() && other.crew == group.crew;
        let shared = model.groups.iter().enumerate().any(|(other, g)| other != index && shares(g));
        if !parts.contains(&Part::Group(GroupId(index))) && !shared {
            warnings.push(format!("group `{}` is not named in `up` and cannot matter", group.name));
        }
    }
    warnings
}
