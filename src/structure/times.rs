//! Whether times exist for the system: parts that only have a probability have none, so frequencies and mean times
//! exist only where no such part can matter.
//!
//! A part can matter when the system's function depends on it. Domains fail on their own, a group can be down at any
//! time, and up whenever enough of its units are in domains that are up. Checked in `tests/agreement`.

use crate::measure::Observer;
use crate::structure::apply::{Ended, Operation};
use crate::structure::diagram::{Diagram, Node};
use crate::topology::component::Failure;
use crate::topology::system::{Expression, Part};
use crate::topology::{DomainId, GroupId, Model};

/// Whether frequencies and mean times of the system exist.
///
/// # Errors
/// When the diagram has more than `most_nodes` nodes, or `observer` ends it.
pub(crate) fn exist(model: &Model, most_nodes: usize, observer: &dyn Observer) -> Result<bool, Ended> {
    let timeless: Vec<usize> = (0..model.groups.len()).filter(|group| is_timeless(model, GroupId(*group))).collect();
    if timeless.is_empty() {
        return Ok(true);
    }
    // Domains first, then one variable for each group: whether it is down although it could be up.
    let domains = model.domains.len();
    let diagram = Diagram::of_most(vec![2; domains + model.groups.len()], most_nodes);
    let mut function = Function { model, diagram, observer };
    let root = function.down(&model.system.up)?;
    let mut asked = function.diagram.reachable(root).into_iter().map(|node| function.diagram.variable(node));
    Ok(!asked.any(|variable| variable >= domains && timeless.contains(&(variable - domains))))
}

fn is_timeless(model: &Model, group: GroupId) -> bool {
    matches!(model.component_of(group).failure, Failure::Probability(down) if down.value() > 0.0)
}

struct Function<'a> {
    model: &'a Model,
    diagram: Diagram,
    observer: &'a dyn Observer,
}

impl Function<'_> {
    fn down(&mut self, expression: &Expression) -> Result<Node, Ended> {
        let of = match expression {
            Expression::Part(Part::Domain(domain)) => return self.any_down(&self.model.domain_chain(*domain)),
            Expression::Part(Part::Group(group)) => return self.group_down(*group),
            Expression::And(of) | Expression::Or(of) | Expression::AtLeast(_, of) => of,
        };
        let parts = of.iter().map(|part| self.down(part)).collect::<Result<Vec<_>, _>>()?;
        match expression {
            Expression::And(_) => self.diagram.any_watched(&parts, self.observer),
            Expression::AtLeast(need, _) => {
                self.diagram.at_least_watched(parts.len() + 1 - *need as usize, &parts, self.observer)
            }
            _ => self.diagram.all_watched(&parts, self.observer),
        }
    }

    fn any_down(&mut self, domains: &[DomainId]) -> Result<Node, Ended> {
        let parts = domains.iter().map(|domain| self.diagram.case(domain.0, &[Node::UP, Node::DOWN]));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        self.diagram.any_watched(&parts, self.observer)
    }

    fn apply(&mut self, operation: Operation, a: Node, b: Node) -> Result<Node, Ended> {
        self.diagram.apply_watched(operation, a, b, self.observer)
    }

    fn group_down(&mut self, group: GroupId) -> Result<Node, Ended> {
        let variable = self.model.domains.len() + group.0;
        let down = self.diagram.case(variable, &[Node::UP, Node::DOWN])?;
        let classes = self.model.placement_classes(group);
        let cannot = self.fewer_than(self.model.groups[group.0].need as usize, &classes)?;
        self.apply(Operation::Or, cannot, down)
    }

    /// Down while fewer than `need` units of the classes are in domains that are up.
    fn fewer_than(&mut self, need: usize, classes: &[(Vec<DomainId>, usize)]) -> Result<Node, Ended> {
        if need == 0 {
            return Ok(Node::UP);
        }
        let Some(((domains, count), rest)) = classes.split_first() else { return Ok(Node::DOWN) };
        let blocked = self.any_down(domains)?;
        let without = self.fewer_than(need, rest)?;
        let with = self.fewer_than(need.saturating_sub(*count), rest)?;
        // Needing fewer is easier, so `with` lies below `without`.
        let down = self.apply(Operation::And, blocked, without)?;
        self.apply(Operation::Or, down, with)
    }
}

#[cfg(test)]
mod tests {
    use super::exist;
    use crate::measure::NoObserver;
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Syntax, read};

    #[test]
    fn a_probability_takes_the_times_only_where_it_can_matter() {
        let exist_for = |up: &str| {
            let text = format!(
                "[component.p]\nunavailability = 0.1\n[component.s]\nmtbf = \"1d\"\nmttr = \"1h\"\n[domain.d]\nmtbf = \"1d\"\n\
                 mttr = \"1h\"\n[group.g]\ncomponent = \"p\"\nactive = 3\nneed = 2\ndepends = [\"d\"]\n[system]\nup = \"{up}\"\n"
            );
            exist(&read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap(), 1_000, &NoObserver).unwrap()
        };
        assert!(exist_for("s"));
        assert!(exist_for("s or s and g"));
        assert!(exist_for("g or d"));
        assert!(!exist_for("g and s"));
        assert!(!exist_for("2 of (g, s, d)"));
    }
}
