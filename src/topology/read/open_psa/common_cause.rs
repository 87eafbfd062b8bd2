//! Common-cause groups: one event for each set of members that fail together.
//!
//! ```text
//! beta-factor   Q_1 = (1 - beta) Q            Q_n = beta Q
//! MGL           Q_k = rho_1 … rho_k (1 - rho_(k+1)) Q / C(n-1, k-1)      rho_1 = 1
//! alpha-factor  Q_k = k alpha_k / (alpha_1 + 2 alpha_2 + … + n alpha_n) Q / C(n-1, k-1)
//!
//! n        members of the group
//! Q        total probability of each member
//! Q_k      probability that one specific set of k members, and no other one for that cause, fails together
//! rho_k    factor of level k of MGL: beta, gamma, delta, …; 0 beyond the last one
//! alpha_k  factor of level k
//! C(n, k)  binomial coefficient
//! ```
//!
//! Sources: NUREG/CR-4780 (1988), NUREG/CR-5485 (1998, non-staggered testing). The events of a group are taken as
//! independent, so that the probability of a member as a whole is a little below Q.

use roxmltree::Node;

use crate::numeric::special::choices;
use crate::quantity::Probability;
use crate::topology::fault_tree::BasicEvent;
use crate::topology::read::Mistake;
use crate::topology::read::open_psa::definitions::Definition;
use crate::topology::read::open_psa::expression::Expressions;
use crate::topology::read::open_psa::{attribute, elements, mistake_at, refused};

/// Sets of members that a group may have.
const MOST_SETS: usize = 100_000;

/// One group, read.
#[derive(Debug)]
pub(crate) struct CommonCause<'a> {
    /// Names of its members.
    pub(crate) members: Vec<&'a str>,
    /// Events that stand for a set of members, which they hold by index.
    pub(crate) events: Vec<(Vec<usize>, BasicEvent)>,
}

impl<'a> CommonCause<'a> {
    pub(crate) fn read<'b>(
        definition: &Definition<'a, 'b>,
        expressions: &Expressions<'a, 'b, '_>,
    ) -> Result<Self, Mistake> {
        let group = definition.element;
        let model = attribute(group, "model")?;
        let (mut members, mut total, mut factors) = (Vec::new(), None, Vec::new());
        for &part in &definition.content {
            match part.tag_name().name() {
                "members" => members = names(part)?,
                "distribution" => {
                    let [only] = elements(part)?[..] else {
                        return Err(mistake_at(part, "one expression is expected"));
                    };
                    total = Some(expressions.probability(only)?.0);
                }
                "factor" => factors.push(part),
                "factors" => factors.extend(elements(part)?),
                _ => return Err(refused(part, "define-CCF-group")),
            }
        }
        if members.len() < 2 {
            return Err(mistake_at(group, format!("{} has fewer than two members", definition.title())));
        }
        let total = total.ok_or_else(|| mistake_at(group, format!("{} has no distribution", definition.title())))?;
        let factors = levels(group, model, members.len(), &factors, expressions)?;
        let shares = shares(group, model, members.len(), &factors)?;
        let mut result = Self { members, events: Vec::new() };
        result.add_events(definition, total, &shares)?;
        Ok(result)
    }

    fn add_events(
        &mut self,
        definition: &Definition<'_, '_>,
        total: Probability,
        shares: &[f64],
    ) -> Result<(), Mistake> {
        let count = self.members.len();
        let sets = |size: usize| choices(count, size);
        let all: f64 = (1..=count).filter(|size| shares[*size] > 0.0).map(sets).sum();
        if all > MOST_SETS as f64 {
            let message = format!("{} has {all} sets of members, more than {MOST_SETS}", definition.title());
            return Err(mistake_at(definition.element, message));
        }
        for size in (1..=count).filter(|size| shares[*size] > 0.0) {
            let probability = total.value() * shares[size];
            let pair = Probability::from_pair(probability, 1.0 - probability);
            let probability = pair.ok_or_else(|| {
                mistake_at(definition.element, format!("{probability} is not a probability between 0 and 1"))
            })?;
            let mut set: Vec<usize> = (0..size).collect();
            loop {
                let names: Vec<&str> = set.iter().map(|member| self.members[*member]).collect();
                let name = if size == 1 { names[0].to_owned() } else { format!("[{}]", names.join(" ")) };
                let attributes = vec![("ccf-group".to_owned(), definition.title())];
                let event = BasicEvent { name, label: None, attributes, probability, rates: None };
                self.events.push((set.clone(), event));
                if !next_set(&mut set, count) {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// The next set of as many members, in the order of a dictionary.
fn next_set(set: &mut [usize], count: usize) -> bool {
    let size = set.len();
    let Some(place) = (0..size).rev().find(|place| set[*place] < count - size + place) else { return false };
    set[place] += 1;
    for later in place + 1..size {
        set[later] = set[later - 1] + 1;
    }
    true
}

fn names<'a>(members: Node<'a, '_>) -> Result<Vec<&'a str>, Mistake> {
    let mut names = Vec::new();
    for member in elements(members)? {
        if member.tag_name().name() != "basic-event" {
            return Err(refused(member, "members"));
        }
        let name = attribute(member, "name")?;
        if names.contains(&name) {
            return Err(mistake_at(member, format!("`{name}` is a member twice")));
        }
        names.push(name);
    }
    Ok(names)
}

/// The factors by level; 0 where none is given.
fn levels<'a, 'b>(
    group: Node<'a, 'b>,
    model: &str,
    count: usize,
    factors: &[Node<'a, 'b>],
    expressions: &Expressions<'a, 'b, '_>,
) -> Result<Vec<f64>, Mistake> {
    let first = match model {
        "beta-factor" => count,
        "MGL" => 2,
        "alpha-factor" => 1,
        "phi-factor" => {
            let message = "`phi-factor` is refused: its factors make the members likelier than they are said to be";
            return Err(mistake_at(group, message).expected("`beta-factor`, `MGL` or `alpha-factor`"));
        }
        _ => {
            let message = format!("`{model}` is no model of common causes");
            return Err(mistake_at(group, message).expected("`beta-factor`, `MGL` or `alpha-factor`"));
        }
    };
    let mut levels = vec![0.0; count + 2];
    for (index, &factor) in factors.iter().enumerate() {
        if factor.tag_name().name() != "factor" {
            return Err(refused(factor, "factors"));
        }
        let level = match factor.attribute("level") {
            Some(text) => text.trim().parse().map_err(|_| mistake_at(factor, format!("`{text}` is not a level")))?,
            None => first + index,
        };
        if level < first || level > count {
            return Err(mistake_at(factor, format!("a factor of level {level} has no meaning here"))
                .expected(format!("a level from {first} to {count}")));
        }
        let [only] = elements(factor)?[..] else { return Err(mistake_at(factor, "one expression is expected")) };
        let value = expressions.number(only)?;
        let limit = if model == "alpha-factor" { f64::MAX } else { 1.0 };
        if !(0.0..=limit).contains(&value) {
            return Err(mistake_at(only, format!("{value} is not a factor between 0 and 1")));
        }
        levels[level] = value;
    }
    if factors.is_empty() {
        return Err(mistake_at(group, "a common-cause group needs factors"));
    }
    Ok(levels)
}

/// What one specific set of each size has of the total probability.
fn shares(group: Node<'_, '_>, model: &str, count: usize, factors: &[f64]) -> Result<Vec<f64>, Mistake> {
    let mut shares = vec![0.0; count + 1];
    match model {
        "beta-factor" => (shares[1], shares[count]) = (1.0 - factors[count], factors[count]),
        "MGL" => {
            let mut product = 1.0;
            for size in 1..=count {
                let more = if size == count { 0.0 } else { factors[size + 1] };
                shares[size] = product * (1.0 - more) / choices(count - 1, size - 1);
                product *= more;
            }
        }
        _ => {
            let total: f64 = (1..=count).map(|size| size as f64 * factors[size]).sum();
            if !(total > 0.0 && total.is_finite()) {
                return Err(mistake_at(group, "the factors add up to nothing"));
            }
            for size in 1..=count {
                shares[size] = size as f64 * factors[size] / total / choices(count - 1, size - 1);
            }
        }
    }
    Ok(shares)
}
