//! `template`: the list of ready topologies.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::number::Units;
use crate::report::results::Layout;
use crate::report::sheet::{Cell, Sheet, Table};
use crate::topology::template::TEMPLATES;

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
}

/// All ready topologies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TemplateResult {
    /// From simple to rich.
    pub templates: Vec<TemplateInfo>,
}

impl TemplateResult {
    /// The list.
    pub fn all() -> Self {
        let info = |template: &crate::topology::template::Template| TemplateInfo {
            name: template.name.to_owned(),
            lesson: template.lesson.to_owned(),
        };
        Self { templates: TEMPLATES.iter().map(info).collect() }
    }
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
