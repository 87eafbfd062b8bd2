//! The formulas of the gates, put in an order in which each stands after those that it names.

use roxmltree::Node;

use crate::quantity::Probability;
use crate::topology::fault_tree::{BasicEvent, FaultTree, Formula, FormulaId};
use crate::topology::read::Mistake;
use crate::topology::read::open_psa::common_cause::CommonCause;
use crate::topology::read::open_psa::definitions::Definitions;
use crate::topology::read::open_psa::expression::Expressions;
use crate::topology::read::open_psa::{OpenPsaOptions, attribute, elements, mistake_at, refused};

/// The fault tree that the definitions make.
pub(crate) fn fault_tree(
    definitions: &Definitions<'_, '_>,
    options: OpenPsaOptions<'_>,
) -> Result<FaultTree, Vec<Mistake>> {
    let mut reader = Reader { definitions, events: Vec::new(), member_of: Vec::new(), drafts: Vec::new() };
    let causes = reader.events(options.mission_hours)?;
    let gates = reader.gates()?;
    let order = order(definitions, &gates).map_err(|mistake| vec![mistake])?;
    let top = top(definitions, &gates, options.top).map_err(|mistake| vec![mistake])?;
    Ok(reader.finish(&gates, &order, top, &causes))
}

/// A formula with names in place of what they stand for.
#[derive(Debug)]
enum Draft {
    Gate(usize),
    Event(usize),
    Constant(bool),
    Of(Connective, Vec<usize>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connective {
    And,
    Or,
    Not,
    Nand,
    Nor,
    Xor,
    Iff,
    Imply,
    AtLeast(usize),
}

/// A gate: its formula, and which gates it names where.
#[derive(Debug, Default)]
struct Gate<'a, 'b> {
    draft: usize,
    names: Vec<(usize, Node<'a, 'b>)>,
}

struct Reader<'a, 'b, 'c> {
    definitions: &'c Definitions<'a, 'b>,
    events: Vec<BasicEvent>,
    /// For each defined basic event the common-cause group that it is in.
    member_of: Vec<Option<(usize, usize)>>,
    drafts: Vec<Draft>,
}

impl<'a, 'b> Reader<'a, 'b, '_> {
    /// Reads the basic events, and the common-cause groups that take the place of some.
    fn events(&mut self, mission_hours: Option<f64>) -> Result<Vec<CommonCause<'a>>, Vec<Mistake>> {
        let definitions = self.definitions;
        let expressions = Expressions::new(definitions, mission_hours);
        let (mut mistakes, mut causes) = (Vec::new(), Vec::new());
        let mut without_group: Vec<&str> = Vec::new();
        self.member_of = vec![None; definitions.basic_events.len()];
        for (index, definition) in definitions.common_causes.values().enumerate() {
            match CommonCause::read(definition, &expressions).and_then(|cause| {
                self.join(definition.element, index, &cause)?;
                Ok(cause)
            }) {
                Ok(cause) => causes.push(cause),
                Err(mistake) => {
                    mistakes.push(mistake);
                    // They are no mistakes of their own.
                    without_group
                        .extend(definition.members().filter_map(|member| member.attribute("name").map(str::trim)));
                }
            }
        }
        for (index, (name, definition)) in definitions.basic_events.iter().enumerate() {
            let known = match (self.member_of[index], definition.content.first()) {
                // Its group gives its probability.
                (Some(_), None) => Ok((Probability::ZERO, None)),
                (Some(_), Some(own)) => {
                    let message = format!("`{name}` is in a common-cause group, which gives it its probability");
                    Err(mistake_at(*own, message).expected("no expression here"))
                }
                (None, None) if without_group.contains(name) => continue,
                (None, _) => definition.only().and_then(|only| expressions.probability(only)),
            };
            let (probability, rates) = match known {
                Ok(known) => known,
                Err(mistake) => {
                    mistakes.push(mistake);
                    continue;
                }
            };
            self.events.push(BasicEvent {
                name: (*name).to_owned(),
                label: definition.label.clone(),
                attributes: definition.attributes.clone(),
                probability,
                rates,
            });
        }
        if mistakes.is_empty() { Ok(causes) } else { Err(mistakes) }
    }

    fn join(&mut self, group: Node<'_, '_>, index: usize, cause: &CommonCause<'_>) -> Result<(), Mistake> {
        for (place, name) in cause.members.iter().enumerate() {
            let event = self.definitions.basic_events.get_index_of(name).expect("members are declared");
            if self.member_of[event].replace((index, place)).is_some() {
                return Err(mistake_at(group, format!("`{name}` is in two common-cause groups")));
            }
        }
        Ok(())
    }

    fn gates(&mut self) -> Result<Vec<Gate<'a, 'b>>, Vec<Mistake>> {
        let (mut gates, mut mistakes) = (Vec::new(), Vec::new());
        for definition in self.definitions.gates.values() {
            let mut gate = Gate::default();
            match definition.only().and_then(|only| self.formula(only, &mut gate.names, &mut mistakes)) {
                Ok(draft) => gate.draft = draft,
                Err(mistake) => mistakes.push(mistake),
            }
            gates.push(gate);
        }
        if gates.is_empty() && mistakes.is_empty() {
            mistakes.push(Mistake::new(0..1, "the file defines no gate, so there is no fault tree to solve"));
        }
        if mistakes.is_empty() { Ok(gates) } else { Err(mistakes) }
    }

    /// Walks a formula with a stack: open elements, with what is known of their arguments. References that name nothing are noted, and
    /// the walk goes on.
    fn formula(
        &mut self,
        root: Node<'a, 'b>,
        names: &mut Vec<(usize, Node<'a, 'b>)>,
        mistakes: &mut Vec<Mistake>,
    ) -> Result<usize, Mistake> {
        struct Open<'a, 'b> {
            element: Node<'a, 'b>,
            connective: Connective,
            children: Vec<Node<'a, 'b>>,
            known: Vec<usize>,
        }
        let mut open: Vec<Open<'a, 'b>> = Vec::new();
        let mut at = root;
        loop {
            let mut known = if let Some(connective) = connective(at)? {
                let children = elements(at)?;
                check_arguments(at, connective, children.len())?;
                open.push(Open { element: at, connective, children, known: Vec::new() });
                None
            } else {
                let draft = self.leaf(at, names).unwrap_or_else(|mistake| {
                    mistakes.push(mistake);
                    Draft::Constant(false)
                });
                self.drafts.push(draft);
                Some(self.drafts.len() - 1)
            };
            loop {
                let Some(last) = open.last_mut() else { return Ok(known.expect("a leaf was read")) };
                last.known.extend(known.take());
                if let Some(next) = last.children.get(last.known.len()) {
                    at = *next;
                    break;
                }
                debug_assert!(last.element.is_element());
                self.drafts.push(Draft::Of(last.connective, std::mem::take(&mut last.known)));
                known = Some(self.drafts.len() - 1);
                open.pop();
            }
        }
    }

    /// A constant, or a reference to a gate or an event.
    fn leaf(&self, at: Node<'a, 'b>, names: &mut Vec<(usize, Node<'a, 'b>)>) -> Result<Draft, Mistake> {
        let kind = at.tag_name().name();
        match kind {
            "constant" => return constant(at).map(Draft::Constant),
            "gate" | "basic-event" | "house-event" | "event" => {}
            _ => return Err(refused(at, "a formula")),
        }
        if !elements(at)?.is_empty() {
            return Err(mistake_at(at, format!("a reference by `{kind}` has no content")));
        }
        let name = attribute(at, "name")?;
        let definitions = self.definitions;
        // An untyped reference may say which type it means.
        let kind = if kind == "event" { at.attribute("type").unwrap_or("event") } else { kind };
        let is = |wanted: &str| kind == wanted || kind == "event";
        if let Some(gate) = definitions.gates.get_index_of(name).filter(|_| is("gate")) {
            names.push((gate, at));
            return Ok(Draft::Gate(gate));
        }
        if let Some(event) = definitions.basic_events.get_index_of(name).filter(|_| is("basic-event")) {
            return Ok(Draft::Event(event));
        }
        if let Some(house) = definitions.house_events.get(name).filter(|_| is("house-event")) {
            return constant(house.only()?).map(Draft::Constant);
        }
        let gates = definitions.gates.keys().filter(|_| is("gate"));
        let events = definitions.basic_events.keys().filter(|_| is("basic-event"));
        let houses = definitions.house_events.keys().filter(|_| is("house-event"));
        let what = kind.replace('-', " ");
        let message = format!("there is no {what} named `{name}`");
        Err(mistake_at(at, message).nearest(name, gates.chain(events).chain(houses).copied()))
    }

    /// Turns drafts into formulas, those of the needed gates only.
    fn finish(mut self, gates: &[Gate<'_, '_>], order: &[usize], top: usize, causes: &[CommonCause<'_>]) -> FaultTree {
        let mut needed = vec![false; gates.len()];
        needed[top] = true;
        for &gate in order.iter().rev() {
            if needed[gate] {
                gates[gate].names.iter().for_each(|(named, _)| needed[*named] = true);
            }
        }
        let mut formulas: Vec<Formula> = Vec::new();
        let of_events = self.formulas_of_events(causes, &mut formulas);
        let mut of_gates = vec![FormulaId(usize::MAX); gates.len()];
        let mut of_drafts = vec![FormulaId(usize::MAX); self.drafts.len()];
        let first_draft = |gate: usize| if gate == 0 { 0 } else { gates[gate - 1].draft + 1 };
        for &gate in order.iter().filter(|gate| needed[**gate]) {
            for draft in first_draft(gate)..=gates[gate].draft {
                of_drafts[draft] = match &self.drafts[draft] {
                    Draft::Gate(named) => of_gates[*named],
                    Draft::Event(event) => of_events[*event],
                    Draft::Constant(value) => push(&mut formulas, Formula::Constant(*value)),
                    Draft::Of(connective, of) => {
                        let of = of.iter().map(|draft| of_drafts[*draft]).collect();
                        connected(&mut formulas, *connective, of)
                    }
                };
            }
            of_gates[gate] = of_drafts[gates[gate].draft];
        }
        let name = self.definitions.gates.get_index(top).map(|(name, _)| (*name).to_owned()).unwrap_or_default();
        let model = self.definitions.name.clone();
        let events = std::mem::take(&mut self.events);
        let root = of_gates[top];
        FaultTree { name: model, top: name, formulas, root, events, warnings: Vec::new() }
    }

    /// A formula for each basic event: itself, or any of the common causes that it is in.
    fn formulas_of_events(&mut self, causes: &[CommonCause<'_>], formulas: &mut Vec<Formula>) -> Vec<FormulaId> {
        let mut of_members: Vec<Vec<Vec<FormulaId>>> = Vec::new();
        for cause in causes {
            let mut of_members_here = vec![Vec::new(); cause.members.len()];
            for (set, event) in &cause.events {
                let index = if let [member] = set[..] {
                    let own = self.definitions.basic_events.get_index_of(cause.members[member]);
                    let own = own.expect("members are defined");
                    self.events[own].probability = event.probability;
                    self.events[own].rates = None;
                    own
                } else {
                    self.events.push(event.clone());
                    self.events.len() - 1
                };
                let formula = push(formulas, Formula::Event(index));
                for member in set {
                    of_members_here[*member].push(formula);
                }
            }
            of_members.push(of_members_here);
        }
        let formula = |(index, member): (usize, &Option<(usize, usize)>)| match member {
            Some((group, place)) => push(formulas, Formula::Or(std::mem::take(&mut of_members[*group][*place]))),
            None => push(formulas, Formula::Event(index)),
        };
        self.member_of.iter().enumerate().map(formula).collect()
    }
}

fn push(formulas: &mut Vec<Formula>, formula: Formula) -> FormulaId {
    formulas.push(formula);
    FormulaId(formulas.len() - 1)
}

/// The formula of a connective.
fn connected(formulas: &mut Vec<Formula>, connective: Connective, of: Vec<FormulaId>) -> FormulaId {
    let negated = |formulas: &mut Vec<Formula>, formula| {
        let of = push(formulas, formula);
        push(formulas, Formula::Not(of))
    };
    match connective {
        Connective::And => push(formulas, Formula::And(of)),
        Connective::Or => push(formulas, Formula::Or(of)),
        Connective::Not => push(formulas, Formula::Not(of[0])),
        Connective::Nand => negated(formulas, Formula::And(of)),
        Connective::Nor => negated(formulas, Formula::Or(of)),
        Connective::Xor => push(formulas, Formula::Xor([of[0], of[1]])),
        Connective::Iff => negated(formulas, Formula::Xor([of[0], of[1]])),
        Connective::Imply => {
            let not = push(formulas, Formula::Not(of[0]));
            push(formulas, Formula::Or(vec![not, of[1]]))
        }
        Connective::AtLeast(need) => push(formulas, Formula::AtLeast(need, of)),
    }
}

/// The connective that an element is, if it is one.
fn connective(element: Node<'_, '_>) -> Result<Option<Connective>, Mistake> {
    Ok(Some(match element.tag_name().name() {
        "and" => Connective::And,
        "or" => Connective::Or,
        "not" => Connective::Not,
        "nand" => Connective::Nand,
        "nor" => Connective::Nor,
        "xor" => Connective::Xor,
        "iff" => Connective::Iff,
        "imply" => Connective::Imply,
        "atleast" => {
            let text = attribute(element, "min")?;
            let need = text.parse();
            Connective::AtLeast(need.map_err(|_| mistake_at(element, format!("`min` is not a count: `{text}`")))?)
        }
        _ => return Ok(None),
    }))
}

fn check_arguments(element: Node<'_, '_>, connective: Connective, count: usize) -> Result<(), Mistake> {
    let name = element.tag_name().name();
    let wrong = |expected: &str| {
        let plural = if count == 1 { "argument" } else { "arguments" };
        Err(mistake_at(element, format!("`{name}` has {count} {plural}")).expected(expected))
    };
    match connective {
        Connective::Not if count != 1 => wrong("one"),
        Connective::Xor | Connective::Iff | Connective::Imply if count != 2 => wrong("two"),
        Connective::And | Connective::Or | Connective::Nand | Connective::Nor if count == 0 => wrong("at least one"),
        Connective::AtLeast(need) if need > count => wrong(&format!("at least {need}, as many as `min` says")),
        _ => Ok(()),
    }
}

fn constant(element: Node<'_, '_>) -> Result<bool, Mistake> {
    if element.tag_name().name() != "constant" {
        return Err(refused(element, "a house event"));
    }
    match attribute(element, "value")? {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(mistake_at(element, format!("`{other}` is neither `true` nor `false`"))),
    }
}

/// The gates, each after those that it names.
fn order(definitions: &Definitions<'_, '_>, gates: &[Gate<'_, '_>]) -> Result<Vec<usize>, Mistake> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; gates.len()];
    let mut order = Vec::new();
    for start in 0..gates.len() {
        let mut open: Vec<(usize, usize)> = Vec::new();
        if marks[start] == Mark::New {
            marks[start] = Mark::Open;
            open.push((start, 0));
        }
        while let Some((gate, next)) = open.last_mut() {
            let Some(&(named, place)) = gates[*gate].names.get(*next) else {
                marks[*gate] = Mark::Done;
                order.push(*gate);
                open.pop();
                continue;
            };
            *next += 1;
            match marks[named] {
                Mark::New => {
                    marks[named] = Mark::Open;
                    open.push((named, 0));
                }
                Mark::Open => {
                    let from = open.iter().position(|(gate, _)| *gate == named).unwrap_or(0);
                    let name = |gate: usize| definitions.gates.get_index(gate).map_or("", |(name, _)| *name);
                    let cycle = open[from..].iter().map(|(gate, _)| name(*gate)).chain([name(named)]);
                    let cycle: Vec<&str> = cycle.collect();
                    let message = format!("gate `{}` depends on itself: {}", name(named), cycle.join(" → "));
                    return Err(mistake_at(place, message));
                }
                Mark::Done => {}
            }
        }
    }
    Ok(order)
}

/// The gate that is the top event.
fn top(definitions: &Definitions<'_, '_>, gates: &[Gate<'_, '_>], wanted: Option<&str>) -> Result<usize, Mistake> {
    if let Some(name) = wanted {
        return definitions.gates.get_index_of(name).ok_or_else(|| {
            let known: Vec<String> = definitions.gates.keys().take(12).map(|name| format!("`{name}`")).collect();
            let mistake = Mistake::new(0..name.len(), format!("there is no gate named `{name}` to be the top event"))
                .expected(format!("one of {}", known.join(", ")))
                .nearest(name, definitions.gates.keys().copied());
            Mistake { change: Some(0), ..mistake }
        });
    }
    let mut named = vec![false; gates.len()];
    gates.iter().flat_map(|gate| &gate.names).for_each(|(gate, _)| named[*gate] = true);
    let roots: Vec<usize> = (0..gates.len()).filter(|gate| !named[*gate]).collect();
    if let [only] = roots[..] {
        return Ok(only);
    }
    let name = |gate: &usize| definitions.gates.get_index(*gate).map(|(name, _)| format!("`{name}`"));
    let listed: Vec<String> = roots.iter().take(5).filter_map(name).collect();
    let more = if roots.len() > 5 { ", …" } else { "" };
    let message = format!(
        "{} gates are named by no other one, so there is no single top event: {}{more}",
        roots.len(),
        listed.join(", ")
    );
    // Gates without cycles have a root, and here it is not the only one.
    let place = definitions.gates.get_index(roots[1]).map(|(_, definition)| definition.element);
    let mut mistake = mistake_at(place.expect("there is a second one"), message);
    mistake.help = Some("`--top NAME` says which one is meant".to_owned());
    Err(mistake)
}
