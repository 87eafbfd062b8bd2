//! Writes a fault tree as an Open-PSA model exchange file.
//!
//! Every formula but references is a gate of its own, which every tool reads. Probabilities are written with all digits; one
//! above a half as `1 - x`, so that the smaller of the two numbers keeps its own.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::topology::fault_tree::{FaultTree, Formula, FormulaId};

/// The text of the file.
pub fn open_psa(tree: &FaultTree) -> String {
    let mut writing = Writing { tree, names: vec![None; tree.formulas.len()], text: String::new() };
    writing.name_gates();
    writing.text.push_str("<?xml version=\"1.0\"?>\n<opsa-mef>\n");
    let name = tree.name.as_deref().unwrap_or("topology");
    writing.line(1, &format!("<define-fault-tree name=\"{}\">", escaped(&identifier(name))));
    writing.gates();
    writing.line(1, "</define-fault-tree>");
    writing.line(1, "<model-data>");
    writing.events();
    writing.line(1, "</model-data>");
    writing.text.push_str("</opsa-mef>\n");
    writing.text
}

struct Writing<'a> {
    tree: &'a FaultTree,
    /// The name of each formula that is a gate.
    names: Vec<Option<String>>,
    text: String,
}

impl Writing<'_> {
    fn name_gates(&mut self) {
        let mut taken: BTreeSet<&str> = self.tree.events.iter().map(|event| event.name.as_str()).collect();
        taken.insert(&self.tree.top);
        let mut number = 0;
        for (index, formula) in self.tree.formulas.iter().enumerate() {
            let is_root = FormulaId(index) == self.tree.root;
            if is_root {
                self.names[index] = Some(self.tree.top.clone());
            } else if !matches!(formula, Formula::Event(_) | Formula::Constant(_)) {
                number += 1;
                let mut name = format!("gate-{number}");
                while taken.contains(name.as_str()) {
                    name.push('_');
                }
                self.names[index] = Some(name);
            }
        }
    }

    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{:width$}{line}", "", width = 2 * depth);
    }

    /// From the top down.
    fn gates(&mut self) {
        for index in (0..self.tree.formulas.len()).rev() {
            let Some(name) = self.names[index].clone() else { continue };
            self.line(2, &format!("<define-gate name=\"{}\">", escaped(&name)));
            let (open, close) = match &self.tree.formulas[index] {
                Formula::And(_) => ("<and>".to_owned(), "</and>"),
                Formula::Or(_) => ("<or>".to_owned(), "</or>"),
                Formula::Xor(_) => ("<xor>".to_owned(), "</xor>"),
                Formula::Not(_) => ("<not>".to_owned(), "</not>"),
                Formula::AtLeast(need, _) => (format!("<atleast min=\"{need}\">"), "</atleast>"),
                Formula::Event(event) => {
                    let reference = self.event(*event);
                    self.line(3, &reference);
                    self.line(2, "</define-gate>");
                    continue;
                }
                Formula::Constant(value) => {
                    self.line(3, &format!("<constant value=\"{value}\"/>"));
                    self.line(2, "</define-gate>");
                    continue;
                }
            };
            self.line(3, &open);
            for child in self.tree.formulas[index].children() {
                let reference = self.reference(*child);
                self.line(4, &reference);
            }
            self.line(3, close);
            self.line(2, "</define-gate>");
        }
    }

    fn reference(&self, of: FormulaId) -> String {
        match (&self.names[of.0], &self.tree.formulas[of.0]) {
            (Some(name), _) => format!("<gate name=\"{}\"/>", escaped(name)),
            (None, Formula::Event(event)) => self.event(*event),
            (None, formula) => format!("<constant value=\"{}\"/>", matches!(formula, Formula::Constant(true))),
        }
    }

    fn event(&self, event: usize) -> String {
        format!("<basic-event name=\"{}\"/>", escaped(&self.tree.events[event].name))
    }

    fn events(&mut self) {
        for event in &self.tree.events {
            self.line(2, &format!("<define-basic-event name=\"{}\">", escaped(&event.name)));
            let probability = event.probability;
            if probability.value() <= 0.5 {
                self.line(3, &format!("<float value=\"{:e}\"/>", probability.value()));
            } else {
                let complement = probability.complement();
                self.line(3, &format!("<sub><float value=\"1\"/><float value=\"{complement:e}\"/></sub>"));
            }
            self.line(2, "</define-basic-event>");
        }
    }
}

/// A name without blanks.
fn identifier(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join("-")
}

/// A text as the value of an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
