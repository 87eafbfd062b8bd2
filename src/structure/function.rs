//! A function of independent inputs as formulas that share their parts, made simpler without changing it.
//!
//! Equal formulas are one; constants, repeated arguments and double negations are gone; an `and` in only one other `and`
//! is part of that, likewise `or`.

use indexmap::IndexMap;

use crate::topology::fault_tree::{Formula, FormulaId};

/// Formulas, children before parents; [`Formula::Event`] is an input.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Function {
    pub(crate) formulas: Vec<Formula>,
    pub(crate) root: FormulaId,
}

impl Function {
    /// The function of `root`, made simpler.
    pub(crate) fn simplified(formulas: &[Formula], root: FormulaId) -> Self {
        let simple = Self::rebuilt(formulas, root, |_, formula, _| formula);
        let parents = simple.parents();
        Self::rebuilt(&simple.formulas, simple.root, |known, formula, original| {
            flattened(known, formula, original, &parents)
        })
    }

    /// What is reachable of `root`, each formula passed through `change` after its children have been.
    fn rebuilt(formulas: &[Formula], root: FormulaId, change: impl Fn(&Builder, Formula, &Formula) -> Formula) -> Self {
        let needed = needed(formulas, root);
        let mut builder = Builder::default();
        let mut moved = vec![FormulaId(usize::MAX); formulas.len()];
        for (index, formula) in formulas.iter().enumerate().filter(|(index, _)| needed[*index]) {
            let formula = change(&builder, renamed(formula, |id| moved[id.0]), formula);
            moved[index] = builder.add(formula);
        }
        builder.finish(moved[root.0])
    }

    /// How often each formula is named by another one.
    pub(crate) fn parents(&self) -> Vec<u32> {
        let mut parents = vec![0; self.formulas.len()];
        for formula in &self.formulas {
            formula.children().iter().for_each(|child| parents[child.0] += 1);
        }
        parents
    }

    /// Whether each formula is named once at most.
    pub(crate) fn is_read_once(&self) -> bool {
        self.parents().iter().all(|parents| *parents <= 1)
    }

    /// The value where the inputs have these.
    pub(crate) fn value(&self, input: impl Fn(usize) -> bool) -> bool {
        let mut values = vec![false; self.formulas.len()];
        for (index, formula) in self.formulas.iter().enumerate() {
            let count = |of: &[FormulaId]| of.iter().filter(|child| values[child.0]).count();
            values[index] = match formula {
                Formula::Event(event) => input(*event),
                Formula::Constant(value) => *value,
                Formula::Not(of) => !values[of.0],
                Formula::And(of) => count(of) == of.len(),
                Formula::Or(of) => count(of) > 0,
                Formula::Xor(of) => count(of) == 1,
                Formula::AtLeast(need, of) => count(of) >= *need,
            };
        }
        values[self.root.0]
    }
}

/// The formulas below `root`, itself included.
pub(crate) fn needed(formulas: &[Formula], root: FormulaId) -> Vec<bool> {
    let mut needed = vec![false; formulas.len()];
    needed[root.0] = true;
    for index in (0..=root.0).rev().filter(|index| *index < formulas.len()) {
        if needed[index] {
            formulas[index].children().iter().for_each(|child| needed[child.0] = true);
        }
    }
    needed
}

/// The same formula with other names for its children.
pub(crate) fn renamed(formula: &Formula, name: impl Fn(FormulaId) -> FormulaId) -> Formula {
    let all = |of: &[FormulaId]| of.iter().map(|child| name(*child)).collect();
    match formula {
        Formula::Event(_) | Formula::Constant(_) => formula.clone(),
        Formula::Not(of) => Formula::Not(name(*of)),
        Formula::And(of) => Formula::And(all(of)),
        Formula::Or(of) => Formula::Or(all(of)),
        Formula::Xor(of) => Formula::Xor(of.map(name)),
        Formula::AtLeast(need, of) => Formula::AtLeast(*need, all(of)),
    }
}

/// An `and` (`or`) with the arguments of those `and`s (`or`s) among its arguments that nothing else names in place of them.
/// `original` is the formula with the names that `parents` counts.
fn flattened(known: &Builder, formula: Formula, original: &Formula, parents: &[u32]) -> Formula {
    let merged = |of: Vec<FormulaId>, wanted: fn(&Formula) -> Option<&Vec<FormulaId>>| {
        let pairs = of.into_iter().zip(original.children());
        let mut flat = Vec::new();
        for (child, before) in pairs {
            match wanted(&known.formulas[child.0]) {
                Some(inner) if parents[before.0] == 1 => flat.extend_from_slice(inner),
                _ => flat.push(child),
            }
        }
        flat
    };
    match formula {
        Formula::And(of) => {
            Formula::And(merged(of, |child| if let Formula::And(of) = child { Some(of) } else { None }))
        }
        Formula::Or(of) => Formula::Or(merged(of, |child| if let Formula::Or(of) = child { Some(of) } else { None })),
        other => other,
    }
}

/// Makes formulas, each once.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    known: IndexMap<Formula, FormulaId>,
    formulas: Vec<Formula>,
}

impl Builder {
    /// The formula, or a simpler one that is equal to it.
    pub(crate) fn add(&mut self, formula: Formula) -> FormulaId {
        match formula {
            Formula::And(of) => self.all(of, false),
            Formula::Or(of) => self.all(of, true),
            Formula::Not(of) => match self.formulas[of.0] {
                Formula::Constant(value) => self.once(Formula::Constant(!value)),
                Formula::Not(inner) => inner,
                _ => self.once(Formula::Not(of)),
            },
            Formula::Xor([a, b]) => match (self.constant(a), self.constant(b)) {
                _ if a == b => self.once(Formula::Constant(false)),
                (Some(false), _) => b,
                (_, Some(false)) => a,
                (Some(true), _) => self.add(Formula::Not(b)),
                (_, Some(true)) => self.add(Formula::Not(a)),
                (None, None) => self.once(Formula::Xor([a.min(b), a.max(b)])),
            },
            Formula::AtLeast(need, of) => self.at_least(need, of),
            Formula::Event(_) | Formula::Constant(_) => self.once(formula),
        }
    }

    /// `and`, where `absorbing` is false, or `or`.
    fn all(&mut self, of: Vec<FormulaId>, absorbing: bool) -> FormulaId {
        if of.iter().any(|child| self.constant(*child) == Some(absorbing)) {
            return self.once(Formula::Constant(absorbing));
        }
        let mut seen = indexmap::IndexSet::new();
        seen.extend(of.into_iter().filter(|child| self.constant(*child).is_none()));
        let is_opposite = |child: &FormulaId| matches!(self.formulas[child.0], Formula::Not(of) if seen.contains(&of));
        if seen.iter().any(is_opposite) {
            return self.once(Formula::Constant(absorbing));
        }
        let of: Vec<FormulaId> = seen.into_iter().collect();
        match of[..] {
            [] => self.once(Formula::Constant(!absorbing)),
            [only] => only,
            _ if absorbing => self.once(Formula::Or(of)),
            _ => self.once(Formula::And(of)),
        }
    }

    fn at_least(&mut self, need: usize, of: Vec<FormulaId>) -> FormulaId {
        let certain = of.iter().filter(|child| self.constant(**child) == Some(true)).count();
        let need = need.saturating_sub(certain);
        let of: Vec<FormulaId> = of.into_iter().filter(|child| self.constant(*child).is_none()).collect();
        match need {
            0 => self.once(Formula::Constant(true)),
            1 => self.all(of, true),
            need if need > of.len() => self.once(Formula::Constant(false)),
            need if need == of.len() => self.all(of, false),
            need => self.once(Formula::AtLeast(need, of)),
        }
    }

    fn constant(&self, id: FormulaId) -> Option<bool> {
        if let Formula::Constant(value) = self.formulas[id.0] { Some(value) } else { None }
    }

    fn once(&mut self, formula: Formula) -> FormulaId {
        let next = FormulaId(self.formulas.len());
        let id = *self.known.entry(formula.clone()).or_insert(next);
        if id == next {
            self.formulas.push(formula);
        }
        id
    }

    pub(crate) fn finish(self, root: FormulaId) -> Function {
        let needed = needed(&self.formulas, root);
        if needed.iter().all(|needed| *needed) {
            return Function { formulas: self.formulas, root };
        }
        let mut moved = vec![FormulaId(usize::MAX); self.formulas.len()];
        let mut formulas = Vec::new();
        for (index, formula) in self.formulas.iter().enumerate().filter(|(index, _)| needed[*index]) {
            moved[index] = FormulaId(formulas.len());
            formulas.push(renamed(formula, |id| moved[id.0]));
        }
        Function { formulas, root: moved[root.0] }
    }
}
