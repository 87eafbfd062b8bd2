//! What is made of two large functions, one variable after the other.
//!
//! Where a diagram is larger than the caches of the processor, a step of a search in depth waits for memory several times, once after the
//! other. Here all pairs of a variable are asked for together, from the first variable to the last, and their nodes are made together, from
//! the last to the first (Ochi, Yasuoka, Yajima 1993): what one variable needs lies side by side, or is fetched for many pairs at once.
//! Pairs are told apart among those of their variable only.

use std::ops::Range;

use crate::measure::Observer;
use crate::numeric::large::LargeList;
use crate::structure::apply::{Ended, Operation, pair_of, plain};
use crate::structure::diagram::{Diagram, Node, TooLarge};
use crate::structure::table::mix;

/// Pairs whose places in memory are asked for together.
const TOGETHER: usize = 64;
/// Pairs between two looks at the observer: a few milliseconds.
const PAIRS_UNWATCHED: usize = 1 << 15;
/// Pairs of functions that there may be before another variable is asked for: 128 MB, and some times as much while those of a large one are
/// told apart.
const MOST_PAIRS: usize = 1 << 23;
/// Set where half of a pair is another pair, whose number is in the other bits.
const ASKED: u32 = 1 << 31;
/// The half that asked, of the pair that is asked for from outside.
const NOBODY: u32 = u32::MAX;

/// All pairs by their numbers: two nodes, of which the first gives way to the result, and the halves.
pub(super) type Pairs = LargeList<[u32; 4]>;

/// Variables with the numbers of their pairs.
type Levels = Vec<(u32, Range<usize>)>;

/// Looks at the observer once for so many pairs.
struct Watched<'a> {
    observer: &'a dyn Observer,
    pairs: usize,
}

impl Watched<'_> {
    /// Says that so many pairs come next.
    fn next(&mut self, pairs: usize) -> Result<(), Ended> {
        self.pairs += pairs;
        if self.pairs < PAIRS_UNWATCHED {
            return Ok(());
        }
        self.pairs = 0;
        self.observer.stop().map_or(Ok(()), |stop| Err(Ended::Stopped(stop)))
    }
}

/// A pair to be told apart from the others of its variable.
#[derive(Clone, Copy)]
struct Waiting {
    pair: [Node; 2],
    /// The number of the pair of which it is one half, twice, and one more for the second half.
    asker: u32,
}

/// Pairs of one variable by their nodes.
struct Known {
    /// One more than the number of a pair, or nothing.
    places: Vec<u32>,
}

impl Known {
    /// Forgets all, and makes room for so many.
    fn clear(&mut self, pairs: usize) {
        self.places.clear();
        self.places.resize((pairs * 2).next_power_of_two(), 0);
    }

    /// The number of a pair, which is the next one if it is new.
    #[inline]
    fn number(&mut self, [a, b]: [Node; 2], pairs: &mut Pairs) -> u32 {
        let mask = self.places.len() - 1;
        let mut at = mix(mix(0, a.number()), b.number()) as usize & mask;
        while self.places[at] != 0 {
            let number = self.places[at] - 1;
            if pairs[number as usize][..2] == [a.number(), b.number()] {
                return number;
            }
            at = (at + 1) & mask;
        }
        let number = pairs.len() as u32;
        pairs.push([a.number(), b.number(), 0, 0]);
        self.places[at] = number + 1;
        number
    }
}

impl Diagram {
    /// What `operation` makes of `a` and `b`, whose variables have two values, until `observer` ends it; nothing if that asks for too many
    /// pairs. It is not plain to see.
    pub(super) fn by_levels(
        &mut self,
        operation: Operation,
        (a, b): (Node, Node),
        observer: &dyn Observer,
    ) -> Result<Option<Node>, Ended> {
        let mut pairs = std::mem::replace(&mut self.pairs, Pairs::new());
        pairs.clear();
        let mut watched = Watched { observer, pairs: 0 };
        let found = match self.ask(operation, [a, b], &mut pairs, &mut watched) {
            Ok(Some(levels)) => self.answer(levels, &mut pairs, &mut watched).map(Some),
            Ok(None) => Ok(None),
            Err(ended) => Err(ended),
        };
        self.pairs = pairs;
        found
    }

    /// All pairs that are needed, from the first variable to the last, if they are not too many.
    fn ask(
        &mut self,
        operation: Operation,
        pair: [Node; 2],
        pairs: &mut Pairs,
        watched: &mut Watched<'_>,
    ) -> Result<Option<Levels>, Ended> {
        let mut waiting: Vec<Vec<Waiting>> = vec![Vec::new(); self.table.variables()];
        waiting[self.first_variable(pair)].push(Waiting { pair, asker: NOBODY });
        let mut known = Known { places: Vec::new() };
        let mut levels = Levels::new();
        for variable in 0..waiting.len() {
            let asked = std::mem::take(&mut waiting[variable]);
            if asked.is_empty() {
                continue;
            }
            let first = pairs.len();
            known.clear(asked.len());
            for Waiting { pair, asker } in asked {
                let number = known.number(pair, pairs);
                if asker != NOBODY {
                    pairs[asker as usize / 2][2 + asker as usize % 2] = number | ASKED;
                }
            }
            let numbers = first..pairs.len();
            self.steps += numbers.len() as u64;
            if self.steps > self.most_steps {
                return Err(Ended::TooLarge(self.too_large()));
            }
            if pairs.len() > MOST_PAIRS.min(self.most_nodes) {
                return Ok(None);
            }
            for numbers in looked_at(&numbers) {
                watched.next(numbers.len())?;
                self.halve(operation, variable as u32, numbers, pairs, &mut waiting);
            }
            levels.push((variable as u32, numbers));
        }
        Ok(Some(levels))
    }

    /// Takes pairs of a variable apart: their halves are nodes that are plain to see, or wait.
    fn halve(
        &self,
        operation: Operation,
        variable: u32,
        numbers: Range<usize>,
        pairs: &mut Pairs,
        waiting: &mut [Vec<Waiting>],
    ) {
        for number in numbers {
            let [a, b, ..] = pairs[number];
            let [of_a, of_b] = [a, b].map(Node::at).map(|node| match self.table.binary(node) {
                (its, children) if its == variable => children,
                _ => [node, node],
            });
            for half in 0..2 {
                if let Some(node) = plain(operation, of_a[half], of_b[half]) {
                    pairs[number][2 + half] = node.number();
                } else {
                    let pair = pair_of(operation, of_a[half], of_b[half]);
                    waiting[self.first_variable(pair)].push(Waiting { pair, asker: (2 * number + half) as u32 });
                }
            }
        }
    }

    /// The first variable that one of both asks.
    #[inline]
    fn first_variable(&self, [a, b]: [Node; 2]) -> usize {
        self.variable(a).min(self.variable(b))
    }

    /// The node of the first pair, after those of all others, from the last variable to the first.
    fn answer(&mut self, levels: Levels, pairs: &mut Pairs, watched: &mut Watched<'_>) -> Result<Node, Ended> {
        for (variable, numbers) in levels.into_iter().rev() {
            for numbers in looked_at(&numbers) {
                watched.next(numbers.len())?;
                self.make(variable, &numbers, pairs)?;
            }
        }
        Ok(Node::at(pairs[0][0]))
    }

    /// The nodes of pairs of a variable, where those of all later variables are there.
    fn make(&mut self, variable: u32, numbers: &Range<usize>, pairs: &mut Pairs) -> Result<(), TooLarge> {
        let mut halves = [[Node::UP; 2]; TOGETHER];
        for first in numbers.clone().step_by(TOGETHER) {
            let together = first..numbers.end.min(first + TOGETHER);
            for (halves, number) in halves.iter_mut().zip(together.clone()) {
                let [_, _, low, high] = pairs[number];
                *halves = [low, high].map(|half| {
                    let place = if half & ASKED == 0 { half } else { pairs[(half & !ASKED) as usize][0] };
                    Node::at(place)
                });
                self.table.fetch(variable, *halves);
            }
            for (halves, number) in halves.into_iter().zip(together) {
                pairs[number][0] = self.pair_case(variable, halves)?.number();
            }
        }
        Ok(())
    }
}

/// Parts of a range between which the observer is looked at.
fn looked_at(numbers: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
    let end = numbers.end;
    numbers.clone().step_by(PAIRS_UNWATCHED).map(move |first| first..end.min(first + PAIRS_UNWATCHED))
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use crate::measure::NoObserver;
    use crate::structure::apply::{Ended, Operation, plain};
    use crate::structure::diagram::{Diagram, Node};

    const VARIABLES: usize = 14;

    /// A function of many nodes.
    fn random_function(diagram: &mut Diagram, random: &mut ChaCha8Rng) -> Node {
        let mut layer = vec![Node::UP, Node::DOWN];
        for variable in (0..VARIABLES).rev() {
            let mut next: Vec<Node> = (0..24)
                .map(|_| {
                    let [a, b] = [(); 2].map(|()| layer[random.random_range(0..layer.len())]);
                    diagram.case(variable, &[a, b]).unwrap()
                })
                .collect();
            next.extend(layer.iter().take(4));
            layer = next;
        }
        layer[0]
    }

    #[test]
    fn levels_and_depth_make_the_same_nodes() {
        let mut random = ChaCha8Rng::seed_from_u64(11);
        for seed in 0..50 {
            let mut diagram = Diagram::new(vec![2; VARIABLES]);
            let [a, b] = [(); 2].map(|()| random_function(&mut diagram, &mut random));
            for operation in [Operation::And, Operation::Or, Operation::Xor, Operation::Without] {
                if plain(operation, a, b).is_some() {
                    continue;
                }
                let by_levels = diagram.by_levels(operation, (a, b), &NoObserver).unwrap();
                assert_eq!(by_levels, diagram.apply(operation, a, b).ok(), "{seed} {operation:?}");
                assert!(diagram.reachable(by_levels.unwrap()).len() > 100, "{seed} {operation:?}");
            }
        }
    }

    #[test]
    fn levels_keep_within_the_limits() {
        let mut random = ChaCha8Rng::seed_from_u64(12);
        let functions =
            |diagram: &mut Diagram, random: &mut ChaCha8Rng| [(); 2].map(|()| random_function(diagram, random));
        // As many nodes as there are may be there, and a few more be made: pairs are too many for levels before any is made.
        let mut diagram = Diagram::binary(VARIABLES, 10_000, 800);
        let [a, b] = functions(&mut diagram, &mut random);
        assert_eq!(diagram.by_levels(Operation::And, (a, b), &NoObserver), Ok(None));
        let mut diagram = Diagram::binary(VARIABLES, 10_000, usize::MAX);
        let [a, b] = functions(&mut diagram, &mut random);
        diagram.most_steps = 100;
        let ended = diagram.by_levels(Operation::And, (a, b), &NoObserver);
        assert!(matches!(ended, Err(Ended::TooLarge(_))), "{ended:?}");
    }
}
