//! What a system with a demand could carry, and what it does carry, in one state of its parts.

use crate::topology::system::{Expression, Part};

/// One part at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartState {
    /// Whether it is up.
    pub up: bool,
    /// Requests per second that its served slots can carry; infinite when it sets no limit. Not looked at while down.
    pub capacity: f64,
    /// Share of its requests that go to served slots: served / (served + lost unnoticed).
    pub reaching: f64,
}

/// What the system can carry and carries, requests per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// The most it could carry; infinite when nothing limits it.
    pub capacity: f64,
    /// What it carries of the demand.
    pub carried: f64,
}

/// The load of `expression` when `demand` is offered.
pub fn load(expression: &Expression, demand: f64, state: &mut impl FnMut(Part) -> PartState) -> Load {
    let tree = Tree::of(expression, state);
    Load { capacity: tree.capacity(), carried: tree.carried(demand) }
}

/// The expression with the states of its parts.
enum Tree {
    Part(PartState),
    And(Vec<Tree>),
    AtLeast(usize, Vec<Tree>),
}

impl Tree {
    fn of(expression: &Expression, state: &mut impl FnMut(Part) -> PartState) -> Self {
        let mut all = |of: &[Expression]| of.iter().map(|part| Self::of(part, state)).collect();
        match expression {
            Expression::And(of) => Self::And(all(of)),
            Expression::Or(of) => Self::AtLeast(1, all(of)),
            Expression::AtLeast(need, of) => Self::AtLeast(*need as usize, all(of)),
            Expression::Part(part) => Self::Part(state(*part)),
        }
    }

    fn up(&self) -> bool {
        match self {
            Self::Part(state) => state.up,
            Self::And(of) => of.iter().all(Self::up),
            Self::AtLeast(need, of) => of.iter().filter(|part| part.up()).count() >= *need,
        }
    }

    fn capacity(&self) -> f64 {
        if !self.up() {
            return 0.0;
        }
        match self {
            Self::Part(state) => state.capacity,
            Self::And(of) => of.iter().map(Self::capacity).fold(f64::INFINITY, f64::min),
            Self::AtLeast(_, of) => of.iter().map(Self::capacity).sum(),
        }
    }

    fn carried(&self, offered: f64) -> f64 {
        if !self.up() {
            return 0.0;
        }
        match self {
            Self::Part(state) => state.capacity.min(offered * state.reaching),
            Self::And(of) => of.iter().map(|part| part.carried(offered)).fold(offered, f64::min),
            Self::AtLeast(_, of) => {
                let up: Vec<&Self> = of.iter().filter(|part| part.up()).collect();
                let unlimited = up.iter().filter(|part| part.capacity().is_infinite()).count();
                let total: f64 = up.iter().map(|part| part.capacity()).sum();
                let share = |part: &Self| match unlimited {
                    0 => part.capacity() / total,
                    _ if part.capacity().is_infinite() => 1.0 / unlimited as f64,
                    _ => 0.0,
                };
                up.iter().map(|part| part.carried(offered * share(part))).sum()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PartState, load};
    use crate::topology::GroupId;
    use crate::topology::system::{Expression, Part};

    fn part(index: usize) -> Expression {
        Expression::Part(Part::Group(GroupId(index)))
    }

    fn state(capacity: f64, reaching: f64) -> PartState {
        PartState { up: capacity > 0.0, capacity, reaching }
    }

    fn check(expression: &Expression, states: &[PartState], capacity: f64, carried: f64) {
        let load = load(expression, 100.0, &mut |part| match part {
            Part::Group(group) => states[group.0],
            Part::Domain(_) => unreachable!("only groups here"),
        });
        assert_eq!((load.capacity, load.carried), (capacity, carried));
    }

    #[test]
    fn and_carries_the_smallest_and_or_adds_up() {
        let and = Expression::And(vec![part(0), part(1)]);
        check(&and, &[state(80.0, 1.0), state(120.0, 1.0)], 80.0, 80.0);
        check(&and, &[state(80.0, 1.0), state(0.0, 0.0)], 0.0, 0.0);
        check(&and, &[state(f64::INFINITY, 1.0), state(120.0, 0.5)], 120.0, 50.0);
        let or = Expression::Or(vec![part(0), part(1)]);
        check(&or, &[state(80.0, 1.0), state(120.0, 1.0)], 200.0, 100.0);
        check(&or, &[state(30.0, 1.0), state(0.0, 0.0)], 30.0, 30.0);
        // A share of 3/4 of the requests goes to the first, of which half is lost unnoticed.
        check(&or, &[state(75.0, 0.5), state(25.0, 1.0)], 100.0, 37.5 + 25.0);
    }

    #[test]
    fn fewer_than_k_carry_nothing() {
        let two = Expression::AtLeast(2, vec![part(0), part(1), part(2)]);
        check(&two, &[state(40.0, 1.0), state(0.0, 0.0), state(0.0, 0.0)], 0.0, 0.0);
        check(&two, &[state(40.0, 1.0), state(40.0, 1.0), state(0.0, 0.0)], 80.0, 80.0);
        check(&two, &[state(f64::INFINITY, 1.0), state(40.0, 1.0), state(0.0, 0.0)], f64::INFINITY, 100.0);
    }
}
