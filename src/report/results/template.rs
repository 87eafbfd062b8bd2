//! `template`: the list of ready topologies.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::number::Units;
use crate::report::results::Layout;
use crate::report::sheet::{Cell, Sheet, Table};
use crate::topology::template::{TEMPLATES, Template};

/// `template` has no settings.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TemplateSettings {}

/// One ready topology.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TemplateInfo {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub lesson: String,
    /// The topology file; null in the list of all.
    pub text: Option<String>,
}

/// Ready topologies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TemplateResult {
    /// From simple to rich.
    pub templates: Vec<TemplateInfo>,
}

impl TemplateResult {
    /// The list.
    pub fn all() -> Self {
        Self { templates: TEMPLATES.iter().map(|template| info(template, None)).collect() }
    }

    /// One of them, with its text.
    pub fn one(template: &Template) -> Self {
        Self { templates: vec![info(template, Some(template.text.to_owned()))] }
    }
}

fn info(template: &Template, text: Option<String>) -> TemplateInfo {
    TemplateInfo { name: template.name.to_owned(), lesson: template.lesson.to_owned(), text }
}

impl Layout for TemplateResult {
    fn sheet(&self, _: Units) -> Sheet {
        let mut table = Table::new("", &["template", "what it shows"]);
        for template in &self.templates {
            table.push(vec![Cell::text(&template.name), Cell::text(&template.lesson)]);
        }
        let note = "`ninefold template NAME` prints one; `ninefold simulate --template NAME` runs it.";
        Sheet { tables: vec![table], notes: vec![note.to_owned()] }
    }
}
