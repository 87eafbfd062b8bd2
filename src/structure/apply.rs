//! What is made of two functions of a diagram.
//!
//! Without recursion: a diagram may have ten thousand levels. Where all variables have two values, which is so for fault trees, both halves of
//! a pair are looked up at once, so that the memory fetches the one beside the other: most of the time goes there.

use crate::measure::{NoObserver, Observer, Stop};
use crate::structure::diagram::{Diagram, Node, TooLarge};

/// Steps between two looks at the observer: some milliseconds.
const STEPS_UNWATCHED: u64 = 1 << 15;

/// Steps after which a function is begun anew by levels: what needs fewer is in the caches of the processor.
const STEPS_IN_DEPTH: u32 = 1 << 15;

/// What is made of two functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    And,
    Or,
    Xor,
    /// The first and not the second.
    Without,
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The diagram grew too large, or took too many steps.
    TooLarge(TooLarge),
    /// The observer ended it.
    Stopped(Stop),
}

impl From<TooLarge> for Ended {
    fn from(error: TooLarge) -> Self {
        Self::TooLarge(error)
    }
}

/// What was worked out while nobody watched, so that nobody ended it.
pub(crate) fn unwatched(found: Result<Node, Ended>) -> Result<Node, TooLarge> {
    found.map_err(|ended| match ended {
        Ended::TooLarge(error) => error,
        Ended::Stopped(_) => unreachable!("nobody watches"),
    })
}

/// A pair whose function is being worked out, of variables with two values.
struct Halves {
    a: Node,
    b: Node,
    variable: u32,
    /// The function without the variable, once it is known.
    low: Option<Node>,
    /// The pair that is the other half.
    high: (Node, Node),
}

/// A pair whose function is being worked out, of a variable with so many values.
struct Step {
    a: Node,
    b: Node,
    variable: u32,
    values: u32,
    /// The value that is asked for next.
    next: u32,
}

impl Diagram {
    /// What `operation` makes of `a` and `b`.
    pub(crate) fn apply(&mut self, operation: Operation, a: Node, b: Node) -> Result<Node, TooLarge> {
        unwatched(self.apply_watched(operation, a, b, &NoObserver))
    }

    /// The same, until `observer` ends it.
    pub(crate) fn apply_watched(
        &mut self,
        operation: Operation,
        a: Node,
        b: Node,
        observer: &dyn Observer,
    ) -> Result<Node, Ended> {
        match self.known(operation, a, b) {
            Some(node) => Ok(node),
            None if self.is_binary => self.halves(operation, (a, b), observer),
            None => self.values(operation, (a, b), observer),
        }
    }

    /// Down while all of them are, until `observer` ends it.
    pub(crate) fn all_watched(&mut self, of: &[Node], observer: &dyn Observer) -> Result<Node, Ended> {
        self.fold_watched(Operation::And, Node::DOWN, of, observer)
    }

    /// Down while at least one of them is, until `observer` ends it.
    pub(crate) fn any_watched(&mut self, of: &[Node], observer: &dyn Observer) -> Result<Node, Ended> {
        self.fold_watched(Operation::Or, Node::UP, of, observer)
    }

    fn fold_watched(
        &mut self,
        operation: Operation,
        first: Node,
        of: &[Node],
        observer: &dyn Observer,
    ) -> Result<Node, Ended> {
        let mut ordered = self.bottom_first(of).into_iter();
        ordered.try_fold(first, |all, node| self.apply_watched(operation, node, all, observer))
    }

    /// Down while at least `need` of them are, until `observer` ends it: see [`Self::at_least`].
    pub(crate) fn at_least_watched(
        &mut self,
        need: usize,
        of: &[Node],
        observer: &dyn Observer,
    ) -> Result<Node, Ended> {
        if need > of.len() {
            return Ok(Node::UP);
        }
        let mut row = vec![Node::UP; need + 1];
        row[0] = Node::DOWN;
        for (done, node) in self.bottom_first(of).into_iter().enumerate() {
            // What the parts before this one can no longer make up for is never asked.
            let least = (need + done + 1).saturating_sub(of.len()).max(1);
            for wanted in (least..=need.min(done + 1)).rev() {
                row[wanted] = self.chosen(node, row[wanted - 1], row[wanted], observer)?;
            }
        }
        Ok(row[need])
    }

    /// `with` where `node` is down, `without`, which is down less often, where it is up.
    fn chosen(&mut self, node: Node, with: Node, without: Node, observer: &dyn Observer) -> Result<Node, Ended> {
        let variable = self.variable(node);
        let is_above = variable < self.variable(with) && variable < self.variable(without);
        if is_above && *self.children(node) == [Node::UP, Node::DOWN] {
            return Ok(self.case(variable, &[without, with])?);
        }
        let with = self.apply_watched(Operation::And, node, with, observer)?;
        self.apply_watched(Operation::Or, with, without, observer)
    }

    /// Of variables with two values each. `asked` is not known.
    fn halves(
        &mut self,
        operation: Operation,
        mut asked: (Node, Node),
        observer: &dyn Observer,
    ) -> Result<Node, Ended> {
        let mut open: Vec<Halves> = Vec::new();
        let whole = asked;
        let mut steps_here = 0;
        loop {
            let (a, b) = asked;
            let ((of_a, pair_a), (of_b, pair_b)) = (self.table.binary(a), self.table.binary(b));
            let variable = of_a.min(of_b);
            let [a_0, a_1] = if of_a == variable { pair_a } else { [a, a] };
            let [b_0, b_1] = if of_b == variable { pair_b } else { [b, b] };
            let low = self.known(operation, a_0, b_0);
            let high = self.known(operation, a_1, b_1);
            self.steps += 1;
            steps_here += 1;
            if steps_here == STEPS_IN_DEPTH
                && let Some(node) = self.by_levels(operation, whole, observer)?
            {
                return Ok(node);
            }
            if self.steps.is_multiple_of(STEPS_UNWATCHED) {
                if let Some(stop) = observer.stop() {
                    return Err(Ended::Stopped(stop));
                }
                if self.steps > self.most_steps {
                    return Err(Ended::TooLarge(self.too_large()));
                }
            }
            let mut known = match (low, high) {
                (Some(low), Some(high)) => self.half(operation, (a, b), variable, [low, high])?,
                (None, _) => {
                    open.push(Halves { a, b, variable, low, high: (a_1, b_1) });
                    asked = (a_0, b_0);
                    continue;
                }
                (Some(_), None) => {
                    open.push(Halves { a, b, variable, low, high: (a_1, b_1) });
                    asked = (a_1, b_1);
                    continue;
                }
            };
            loop {
                let Some(last) = open.last_mut() else { return Ok(known) };
                let Some(low) = last.low else {
                    last.low = Some(known);
                    let (a, b) = last.high;
                    let Some(high) = self.known(operation, a, b) else {
                        asked = (a, b);
                        break;
                    };
                    known = high;
                    continue;
                };
                let (a, b, variable) = (last.a, last.b, last.variable);
                open.pop();
                known = self.half(operation, (a, b), variable, [low, known])?;
            }
        }
    }

    /// The node of both halves, from now on known.
    #[inline]
    fn half(
        &mut self,
        operation: Operation,
        (a, b): (Node, Node),
        variable: u32,
        pair: [Node; 2],
    ) -> Result<Node, TooLarge> {
        let node = self.pair_case(variable, pair)?;
        self.done.insert(key(operation, a, b), node, self.table.len());
        Ok(node)
    }

    /// Of variables with any number of values. `asked` is not known.
    fn values(
        &mut self,
        operation: Operation,
        mut asked: (Node, Node),
        observer: &dyn Observer,
    ) -> Result<Node, Ended> {
        let mut open: Vec<Step> = Vec::new();
        let mut ready: Vec<Node> = Vec::new();
        loop {
            self.steps += 1;
            if self.steps.is_multiple_of(STEPS_UNWATCHED)
                && let Some(stop) = observer.stop()
            {
                return Err(Ended::Stopped(stop));
            }
            let mut known = self.known(operation, asked.0, asked.1);
            if known.is_none() {
                let (a, b) = asked;
                let variable = self.table.variable(a).min(self.table.variable(b));
                let values = self.table.values(variable) as u32;
                open.push(Step { a, b, variable, values, next: 1 });
                asked = (self.at_value(a, variable, 0), self.at_value(b, variable, 0));
            }
            while let Some(node) = known.take() {
                let Some(step) = open.last_mut() else { return Ok(node) };
                ready.push(node);
                let values = step.values as usize;
                let (a, b, variable, value) = (step.a, step.b, step.variable, step.next as usize);
                if value < values {
                    step.next += 1;
                    asked = (self.at_value(a, variable, value), self.at_value(b, variable, value));
                } else {
                    let first = ready.len() - values;
                    open.pop();
                    let node = self.case(variable as usize, &ready[first..])?;
                    ready.truncate(first);
                    self.done.insert(key(operation, a, b), node, self.table.len());
                    known = Some(node);
                }
            }
        }
    }

    /// What is plain to see, or was worked out before and not forgotten.
    #[inline]
    fn known(&self, operation: Operation, a: Node, b: Node) -> Option<Node> {
        plain(operation, a, b).or_else(|| self.done.get(key(operation, a, b)))
    }
}

/// What is plain to see.
#[inline]
pub(super) fn plain(operation: Operation, a: Node, b: Node) -> Option<Node> {
    if operation == Operation::Without {
        return match (a, b) {
            (Node::UP, _) | (_, Node::DOWN) => Some(Node::UP),
            (_, Node::UP) => Some(a),
            _ if a == b => Some(Node::UP),
            _ => None,
        };
    }
    let (absorbing, neutral, of_equals) = match operation {
        Operation::And => (Some(Node::UP), Node::DOWN, a),
        Operation::Or => (Some(Node::DOWN), Node::UP, a),
        Operation::Xor | Operation::Without => (None, Node::UP, Node::UP),
    };
    if a == b {
        Some(of_equals)
    } else if a == neutral {
        Some(b)
    } else if b == neutral {
        Some(a)
    } else {
        absorbing.filter(|absorbing| a == *absorbing || b == *absorbing)
    }
}

/// A pair in either order where the operation is symmetric.
#[inline]
pub(super) fn pair_of(operation: Operation, a: Node, b: Node) -> [Node; 2] {
    if operation == Operation::Without { [a, b] } else { [a.min(b), a.max(b)] }
}

#[inline]
fn key(operation: Operation, a: Node, b: Node) -> [u32; 3] {
    let [first, second] = pair_of(operation, a, b);
    [first.number(), second.number(), operation as u32 + 1]
}
