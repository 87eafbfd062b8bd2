//! Whether outages have a frequency: not where a part matters of which only a probability is known.

use crate::structure::diagram::{Diagram, Node, TooLarge};
use crate::topology::Model;
use crate::topology::component::Failure;
use crate::topology::system::{Expression, Part};

/// True unless a part that only has an `unavailability` can matter to `up`.
pub(crate) fn exists(model: &Model, parts: &[Part]) -> bool {
    let is_timeless: Vec<bool> = parts.iter().map(|part| is_probability_only(model, *part)).collect();
    if !is_timeless.contains(&true) {
        return true;
    }
    let mut function = Function { diagram: Diagram::new(vec![2; parts.len()]), parts };
    // A function too large to look at is taken to depend on everything.
    let Ok(down) = function.down(&model.system.up) else { return false };
    let inner = function.diagram.reachable(down).into_iter().filter(|node| node.index() > 1);
    inner.map(|node| function.diagram.variable(node)).all(|part| !is_timeless[part])
}

fn is_probability_only(model: &Model, part: Part) -> bool {
    let Part::Group(group) = part else { return false };
    matches!(model.component_of(group).failure, Failure::Probability(q) if q.value() > 0.0)
}

struct Function<'a> {
    diagram: Diagram,
    parts: &'a [Part],
}

impl Function<'_> {
    fn down(&mut self, expression: &Expression) -> Result<Node, TooLarge> {
        match expression {
            Expression::Part(part) => {
                let variable = self.parts.iter().position(|known| known == part).expect("every part was collected");
                self.diagram.case(variable, vec![Node::UP, Node::DOWN])
            }
            Expression::And(of) => {
                let of = self.all(of)?;
                self.diagram.any(&of)
            }
            Expression::Or(of) => {
                let of = self.all(of)?;
                self.diagram.all(&of)
            }
            Expression::AtLeast(need, of) => {
                let losses = of.len() - *need as usize + 1;
                let of = self.all(of)?;
                self.diagram.at_least(losses, &of)
            }
        }
    }

    fn all(&mut self, of: &[Expression]) -> Result<Vec<Node>, TooLarge> {
        of.iter().map(|expression| self.down(expression)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::exists;
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Syntax, read};

    fn has_frequency(up: &str) -> bool {
        let text = format!(
            "[component.a]\nmtbf = \"30d\"\nmttr = \"1h\"\n[component.b]\nunavailability = 1e-4\n[system]\nup = \"{up}\"\n"
        );
        let model = read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        exists(&model, &model.system.up.parts())
    }

    #[test]
    fn a_probability_forbids_a_frequency_only_where_it_matters() {
        assert!(has_frequency("a"));
        assert!(!has_frequency("a and b"));
        assert!(!has_frequency("a or b"));
        assert!(has_frequency("a or (a and b)"));
        assert!(has_frequency("a and (a or b)"));
    }
}
