//! What a system with a demand could carry, and what it loses of the demand, in one state of its parts.
//!
//! Lost requests are counted where they are lost, never as the demand less what is carried: in a highly available system the
//! rounding of that difference in the many good states would be more than what is lost in the few bad ones.

use crate::topology::system::{Expression, Part};

/// One part at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartState {
    /// Whether it is up.
    pub up: bool,
    /// Requests per second that its served slots can carry; infinite when it sets no limit. Not looked at while down.
    pub capacity: f64,
    /// Share of its requests that go to slots lost unnoticed: unnoticed / (served + unnoticed).
    pub missing: f64,
}

/// What the system can carry and what it loses, requests per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// The most it could carry; infinite when nothing limits it.
    pub capacity: f64,
    /// What it does not carry of the demand; exactly 0 when it carries all.
    pub lost: f64,
}

/// The load of `expression` when `demand` is offered.
pub fn load(expression: &Expression, demand: f64, state: &mut impl FnMut(Part) -> PartState) -> Load {
    let tree = Tree::of(expression, state);
    Load { capacity: tree.capacity(), lost: tree.lost(demand) }
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

    fn lost(&self, offered: f64) -> f64 {
        if !self.up() {
            return offered;
        }
        match self {
            Self::Part(state) => (offered * state.missing).max(offered - state.capacity),
            Self::And(of) => of.iter().map(|part| part.lost(offered)).fold(0.0, f64::max),
            Self::AtLeast(_, of) => {
                let up: Vec<&Self> = of.iter().filter(|part| part.up()).collect();
                let unlimited = up.iter().filter(|part| part.capacity().is_infinite()).count();
                let total: f64 = up.iter().map(|part| part.capacity()).sum();
                let share = |part: &Self| match (unlimited, part.capacity()) {
                    // Nobody is offered more than it can carry, not even by rounding.
                    (0, capacity) if offered <= total => capacity.min(capacity / total * offered),
                    (0, capacity) => capacity / total * offered,
                    (_, capacity) if capacity.is_infinite() => offered / unlimited as f64,
                    _ => 0.0,
                };
                up.iter().map(|part| part.lost(share(part))).sum()
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

    fn state(capacity: f64, missing: f64) -> PartState {
        PartState { up: capacity > 0.0, capacity, missing }
    }

    fn check(expression: &Expression, states: &[PartState], capacity: f64, lost: f64) {
        let load = load(expression, 100.0, &mut |part| match part {
            Part::Group(group) => states[group.0],
            Part::Domain(_) => unreachable!("only groups here"),
        });
        assert_eq!((load.capacity, load.lost), (capacity, lost));
    }

    #[test]
    fn and_carries_the_smallest_and_or_adds_up() {
        let and = Expression::And(vec![part(0), part(1)]);
        check(&and, &[state(80.0, 0.0), state(120.0, 0.0)], 80.0, 20.0);
        check(&and, &[state(80.0, 0.0), state(0.0, 0.0)], 0.0, 100.0);
        check(&and, &[state(f64::INFINITY, 0.0), state(120.0, 0.5)], 120.0, 50.0);
        let or = Expression::Or(vec![part(0), part(1)]);
        check(&or, &[state(80.0, 0.0), state(120.0, 0.0)], 200.0, 0.0);
        check(&or, &[state(30.0, 0.0), state(0.0, 0.0)], 30.0, 70.0);
        // A share of 3/4 of the requests goes to the first, of which half is lost unnoticed.
        check(&or, &[state(75.0, 0.5), state(25.0, 0.0)], 100.0, 37.5);
    }

    #[test]
    fn nothing_is_lost_by_rounding() {
        let or = Expression::Or(vec![part(0), part(1), part(2)]);
        for tenth in 0_u32..100 {
            let states = [0.1, 0.7, 1.3].map(|more| state(34.0 + more * f64::from(tenth), 0.0));
            let capacity = states.iter().map(|state| state.capacity).sum::<f64>();
            check(&or, &states, capacity, 0.0);
        }
    }

    #[test]
    fn fewer_than_k_carry_nothing() {
        let two = Expression::AtLeast(2, vec![part(0), part(1), part(2)]);
        check(&two, &[state(40.0, 0.0), state(0.0, 0.0), state(0.0, 0.0)], 0.0, 100.0);
        check(&two, &[state(40.0, 0.0), state(40.0, 0.0), state(0.0, 0.0)], 80.0, 20.0);
        check(&two, &[state(f64::INFINITY, 0.0), state(40.0, 0.0), state(0.0, 0.0)], f64::INFINITY, 0.0);
    }
}
