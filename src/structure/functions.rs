//! The functions of the parts of a system over its pieces, and that of the system made of them.
//!
//! A part is a group or a domain; its function says where it is down. Modules read it off their classes, domains are down with the
//! ones around them, and a plain group is down while too few of its units can serve.

use std::collections::BTreeMap;

use crate::measure::Observer;
use crate::structure::apply::{Ended, Operation};
use crate::structure::diagram::{Diagram, Node};
use crate::structure::joined::{ModuleClasses, Piece};
use crate::topology::system::{Expression, Part};
use crate::topology::{DomainId, GroupId, Model};

/// Children of all nodes that the diagrams "if this part were up" may have together: a few seconds.
const MOST_CHILDREN_OF_FORCED: usize = 4_000_000;

/// Units of a plain group with the same domains.
struct PlainClass<'a> {
    group: GroupId,
    variable: usize,
    count: usize,
    domains: &'a [DomainId],
}

/// The functions of the parts, from which that of the system is made.
pub(crate) struct Functions<'a> {
    model: &'a Model,
    observer: &'a dyn Observer,
    pub(crate) diagram: Diagram,
    /// Down-function of each group and domain that is used.
    group_down: Vec<Option<Node>>,
    domain_down: Vec<Option<Node>>,
}

impl<'a> Functions<'a> {
    /// In a diagram of at most so many nodes, until `observer` ends it.
    pub(crate) fn new(model: &'a Model, sizes: Vec<usize>, most_nodes: usize, observer: &'a dyn Observer) -> Self {
        Self {
            model,
            observer,
            diagram: Diagram::of_most(sizes, most_nodes),
            group_down: vec![None; model.groups.len()],
            domain_down: vec![None; model.domains.len()],
        }
    }

    pub(crate) fn of_modules(&mut self, modules: &[ModuleClasses<'_>]) -> Result<(), Ended> {
        for (variable, module) in modules.iter().enumerate() {
            let readings = module.readings;
            let mut down_where = |is_down: &dyn Fn(&[u16]) -> bool| {
                let node = |class: &[u16]| if is_down(class) { Node::DOWN } else { Node::UP };
                let children: Vec<Node> = module.classes.iter().map(|class| node(class)).collect();
                self.diagram.case(variable, &children)
            };
            for (place, group) in readings.up.iter().enumerate() {
                self.group_down[group.0] = Some(down_where(&|class| !readings.is_up(class, place))?);
            }
            for (place, domain) in readings.domains.iter().enumerate() {
                self.domain_down[domain.0] = Some(down_where(&|class| readings.is_domain_down(class, place))?);
            }
        }
        Ok(())
    }

    /// A domain is down while itself or an outer one is. Inner domains may lie in ones that a module has.
    pub(crate) fn of_domains(&mut self, pieces: &[Piece]) -> Result<(), Ended> {
        let domain = |(variable, piece): (usize, &Piece)| match piece {
            Piece::Domain { domain, .. } => Some((variable, *domain)),
            _ => None,
        };
        let domains: Vec<(usize, DomainId)> = pieces.iter().enumerate().filter_map(domain).collect();
        let mut own = vec![Node::UP; self.model.domains.len()];
        for (variable, domain) in &domains {
            own[domain.0] = self.diagram.case(*variable, &[Node::UP, Node::DOWN])?;
        }
        for (_, domain) in &domains {
            let chain = self.model.domain_chain(*domain);
            let parts: Vec<Node> =
                chain.iter().map(|outer| self.domain_down[outer.0].unwrap_or(own[outer.0])).collect();
            self.domain_down[domain.0] = Some(self.diagram.any_watched(&parts, self.observer)?);
        }
        Ok(())
    }

    pub(crate) fn of_plain_groups(&mut self, pieces: &[Piece]) -> Result<(), Ended> {
        let class = |(variable, piece)| match piece {
            &Piece::Units { group, count, ref domains, .. } => Some(PlainClass { group, variable, count, domains }),
            _ => None,
        };
        let classes: Vec<PlainClass<'_>> = pieces.iter().enumerate().filter_map(class).collect();
        for classes in classes.chunk_by(|a, b| a.group == b.group) {
            let group = classes[0].group;
            let need = self.model.groups[group.0].need as usize;
            self.group_down[group.0] = Some(self.fewer_than(need, classes, &mut BTreeMap::new())?);
        }
        Ok(())
    }

    /// Down while fewer than `need` units of the classes can serve; `known` holds what was built, by (need, classes left).
    fn fewer_than(
        &mut self,
        need: usize,
        classes: &[PlainClass<'_>],
        known: &mut BTreeMap<(usize, usize), Node>,
    ) -> Result<Node, Ended> {
        if need == 0 {
            return Ok(Node::UP);
        }
        if classes.iter().map(|class| class.count).sum::<usize>() < need {
            return Ok(Node::DOWN);
        }
        if let Some(&node) = known.get(&(need, classes.len())) {
            return Ok(node);
        }
        let (class, rest) = classes.split_first().expect("no units cannot be enough");
        let domains: Vec<Node> = class.domains.iter().filter_map(|domain| self.domain_down[domain.0]).collect();
        let blocked = self.diagram.any_watched(&domains, self.observer)?;
        let without = self.fewer_than(need, rest, known)?;
        // With more failures the rest must do more, so the functions ascend, and "exactly k failed and then" is the same as
        // "at least k failed and then". Below a domain that is down the class serves nothing, which is worse still.
        let mut down = self.apply(Operation::And, blocked, without)?;
        let mut previous = None;
        for failed in 0..=class.count {
            let then = self.fewer_than(need.saturating_sub(class.count - failed), rest, known)?;
            if previous == Some(then) {
                continue;
            }
            previous = Some(then);
            let at_least: Vec<Node> =
                (0..=class.count).map(|k| if k >= failed { Node::DOWN } else { Node::UP }).collect();
            let literal = if failed == 0 { Node::DOWN } else { self.diagram.case(class.variable, &at_least)? };
            let term = self.apply(Operation::And, literal, then)?;
            down = self.apply(Operation::Or, down, term)?;
        }
        known.insert((need, classes.len()), down);
        Ok(down)
    }

    fn apply(&mut self, operation: Operation, a: Node, b: Node) -> Result<Node, Ended> {
        self.diagram.apply_watched(operation, a, b, self.observer)
    }

    /// The down-function of an expression, with `forced` taken to be up.
    pub(crate) fn down(&mut self, expression: &Expression, forced: Option<Part>) -> Result<Node, Ended> {
        let all = |functions: &mut Self, of: &[Expression]| {
            of.iter().map(|part| functions.down(part, forced)).collect::<Result<Vec<_>, _>>()
        };
        match expression {
            Expression::Part(part) if Some(*part) == forced => Ok(Node::UP),
            Expression::Part(Part::Group(group)) => Ok(self.group_down[group.0].expect("a named group is in a piece")),
            Expression::Part(Part::Domain(domain)) => {
                Ok(self.domain_down[domain.0].expect("a named domain is in a piece"))
            }
            Expression::And(of) => {
                let parts = all(self, of)?;
                self.diagram.any_watched(&parts, self.observer)
            }
            Expression::Or(of) => {
                let parts = all(self, of)?;
                self.diagram.all_watched(&parts, self.observer)
            }
            Expression::AtLeast(need, of) => {
                let parts = all(self, of)?;
                self.diagram.at_least_watched(of.len() - *need as usize + 1, &parts, self.observer)
            }
        }
    }

    /// For each part of `up`, the down-function of the system if it were up; nothing when that would be too large, as it
    /// grows with the square of the number of parts.
    ///
    /// # Errors
    /// When the observer ends it.
    pub(crate) fn forced(&mut self) -> Result<Option<Vec<(String, Node)>>, Ended> {
        self.diagram.allow(MOST_CHILDREN_OF_FORCED);
        let model = self.model;
        let up = &model.system.up;
        let mut all = Vec::new();
        for part in up.parts() {
            match self.down(up, Some(part)) {
                Ok(node) => all.push((model.part_name(part).to_owned(), node)),
                Err(Ended::TooLarge(_)) => return Ok(None),
                Err(stopped) => return Err(stopped),
            }
        }
        Ok(Some(all))
    }
}
