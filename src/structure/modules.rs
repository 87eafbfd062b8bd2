//! The independent modules of a function (Dutuit, Rauzy 1996): formulas whose inputs occur nowhere else.
//!
//! One walk from the top gives each formula the dates of its first visit, of the end of that visit, and of its last
//! visit. A formula is a module when everything below it is first visited after it was, and last visited before its first
//! visit ended. Before that the arguments of `and` and `or` are put in groups that share nothing with the others, so that a
//! part of a formula can be a module, too.

use indexmap::IndexMap;

use crate::structure::function::{Builder, Function, renamed};
use crate::topology::fault_tree::{Formula, FormulaId};

/// An input of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Input {
    /// A basic event.
    Event(usize),
    /// Another module, by index.
    Module(usize),
}

/// A module: a function of its own inputs.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    /// Its events are indices into `inputs`.
    pub(crate) function: Function,
    /// Each occurs in no other module.
    pub(crate) inputs: Vec<Input>,
}

impl Module {
    /// Puts the values of inner modules that depend on nothing in their place.
    pub(crate) fn set_constants(&mut self, value: impl Fn(usize) -> Option<bool>) {
        let of_input = |input: &Input| if let Input::Module(inner) = input { value(*inner) } else { None };
        let constants: Vec<Option<bool>> = self.inputs.iter().map(of_input).collect();
        if constants.iter().all(Option::is_none) {
            return;
        }
        for formula in &mut self.function.formulas {
            if let Formula::Event(input) = formula
                && let Some(value) = constants[*input]
            {
                *formula = Formula::Constant(value);
            }
        }
        self.function = Function::simplified(&self.function.formulas, self.function.root);
    }
}

/// The modules, each after those that are inputs of it; the last one is the whole function, which is no constant.
pub(crate) fn modules(function: &Function) -> Vec<Module> {
    let function = grouped(&grouped(function));
    let is_module = found(&function);
    let mut numbers = vec![usize::MAX; function.formulas.len()];
    let mut modules = Vec::new();
    for root in (0..function.formulas.len()).filter(|index| is_module[*index]) {
        let is_event = matches!(function.formulas[root], Formula::Event(_));
        if !is_event || root == function.root.0 {
            numbers[root] = modules.len();
            modules.push(cut_out(&function, root, &numbers));
        }
    }
    modules
}

/// The whole function as one module.
pub(crate) fn whole(function: &Function) -> Module {
    cut_out(function, function.root.0, &vec![usize::MAX; function.formulas.len()])
}

/// The part of the function from `root` down to the modules below it, which have their numbers.
fn cut_out(function: &Function, root: usize, numbers: &[usize]) -> Module {
    let mut inputs = IndexMap::new();
    let mut local = vec![FormulaId(usize::MAX); root + 1];
    let mut formulas = Vec::new();
    let mut open = vec![(root, false)];
    while let Some((index, is_expanded)) = open.pop() {
        if local[index].0 != usize::MAX {
            continue;
        }
        let input = match &function.formulas[index] {
            Formula::Event(event) => Some(Input::Event(*event)),
            _ if index != root && numbers[index] != usize::MAX => Some(Input::Module(numbers[index])),
            _ => None,
        };
        let formula = if let Some(input) = input {
            let next = inputs.len();
            Formula::Event(*inputs.entry(input).or_insert(next))
        } else if is_expanded {
            renamed(&function.formulas[index], |child| local[child.0])
        } else {
            open.push((index, true));
            let unknown = function.formulas[index].children().iter().rev();
            open.extend(unknown.map(|child| (child.0, false)));
            continue;
        };
        local[index] = FormulaId(formulas.len());
        formulas.push(formula);
    }
    let function = Function { formulas, root: local[root] };
    Module { function, inputs: inputs.into_keys().collect() }
}

/// Dates of visits.
#[derive(Clone, Copy, Debug, Default)]
struct Dates {
    first: u64,
    left: u64,
    last: u64,
}

/// Which formulas are modules; an event that is named once counts as one.
fn found(function: &Function) -> Vec<bool> {
    let formulas = &function.formulas;
    let mut dates = vec![Dates::default(); formulas.len()];
    let mut date = 0;
    let mut open = vec![(function.root.0, 0)];
    (dates[function.root.0].first, date) = (1, date + 1);
    while let Some((index, next)) = open.last_mut() {
        let index = *index;
        date += 1;
        let Some(child) = formulas[index].children().get(*next) else {
            (dates[index].left, dates[index].last) = (date, date);
            open.pop();
            continue;
        };
        *next += 1;
        if dates[child.0].first == 0 {
            dates[child.0].first = date;
            open.push((child.0, 0));
        } else {
            dates[child.0].last = date;
        }
    }
    // Earliest first and latest last visit of everything below.
    let mut span = vec![(u64::MAX, 0); formulas.len()];
    for (index, formula) in formulas.iter().enumerate() {
        for child in formula.children() {
            let below = span[child.0];
            span[index].0 = span[index].0.min(below.0).min(dates[child.0].first);
            span[index].1 = span[index].1.max(below.1).max(dates[child.0].last);
        }
    }
    let is_module = |index: usize| span[index].0 > dates[index].first && span[index].1 < dates[index].left;
    (0..formulas.len()).map(is_module).collect()
}

/// The function with the arguments of each `and` and `or` in groups that share nothing with each other, where there are
/// several such groups.
fn grouped(function: &Function) -> Function {
    let is_module = found(function);
    let parents = function.parents();
    let mut builder = Builder::default();
    let mut moved = vec![FormulaId(usize::MAX); function.formulas.len()];
    let mut owners = vec![usize::MAX; function.formulas.len()];
    for (index, formula) in function.formulas.iter().enumerate() {
        let is_private = |child: &FormulaId| is_module[child.0] && parents[child.0] == 1;
        let (Formula::And(of) | Formula::Or(of)) = formula else {
            moved[index] = builder.add(renamed(formula, |child| moved[child.0]));
            continue;
        };
        let again =
            |of: Vec<FormulaId>| if matches!(formula, Formula::And(_)) { Formula::And(of) } else { Formula::Or(of) };
        let (private, shared): (Vec<FormulaId>, Vec<FormulaId>) = of.iter().partition(|child| is_private(child));
        let mut groups: Vec<Vec<FormulaId>> = Vec::new();
        groups.push(private);
        if is_module[index] {
            groups.extend(components(function, &shared, &mut owners));
        } else {
            groups.extend(shared.into_iter().map(|child| vec![child]));
        }
        groups.retain(|group| !group.is_empty());
        let mut arguments: Vec<(usize, FormulaId)> = Vec::new();
        let is_whole = groups.len() == 1;
        for group in groups {
            let first = of.iter().position(|child| *child == group[0]).unwrap_or(0);
            let moved_group: Vec<FormulaId> = group.iter().map(|child| moved[child.0]).collect();
            if is_whole {
                arguments.extend(moved_group.into_iter().enumerate());
            } else if let [only] = moved_group[..] {
                arguments.push((first, only));
            } else {
                arguments.push((first, builder.add(again(moved_group))));
            }
        }
        arguments.sort_by_key(|(place, _)| *place);
        moved[index] = builder.add(again(arguments.into_iter().map(|(_, child)| child).collect()));
    }
    builder.finish(moved[function.root.0])
}

/// The arguments of a module in groups that share nothing below them. `owners` is all unset, before and after.
fn components(function: &Function, of: &[FormulaId], owners: &mut [usize]) -> Vec<Vec<FormulaId>> {
    let mut group_of: Vec<usize> = (0..of.len()).collect();
    let mut touched = Vec::new();
    for (argument, root) in of.iter().enumerate() {
        let mut open = vec![*root];
        while let Some(id) = open.pop() {
            if owners[id.0] == usize::MAX {
                owners[id.0] = argument;
                touched.push(id.0);
                open.extend_from_slice(function.formulas[id.0].children());
            } else {
                let (a, b) = (find(&mut group_of, owners[id.0]), find(&mut group_of, argument));
                group_of[a.max(b)] = a.min(b);
            }
        }
    }
    for index in touched {
        owners[index] = usize::MAX;
    }
    let mut groups: IndexMap<usize, Vec<FormulaId>> = IndexMap::new();
    for (argument, root) in of.iter().enumerate() {
        groups.entry(find(&mut group_of, argument)).or_default().push(*root);
    }
    groups.into_values().collect()
}

/// The first member of the group of `at`; ways there are shortened.
fn find(group_of: &mut [usize], mut at: usize) -> usize {
    while group_of[at] != at {
        group_of[at] = group_of[group_of[at]];
        at = group_of[at];
    }
    at
}
