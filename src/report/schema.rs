//! The JSON schema of all reports, generated from their types.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::report::results::availability::{AvailabilityResult, AvailabilitySettings};
use crate::report::results::budget::{BudgetResult, BudgetSettings};
use crate::report::results::budget_log::{BudgetLogResult, BudgetLogSettings};
use crate::report::results::burn::{BurnResult, BurnSettings};
use crate::report::results::burn_plan::{BurnPlanResult, BurnPlanSettings};
use crate::report::results::check::{CheckResult, CheckSettings};
use crate::report::results::compare::{CompareResult, CompareSettings};
use crate::report::results::fit::{FitResult, FitSettings};
use crate::report::results::incidents::{IncidentsResult, IncidentsSettings};
use crate::report::results::load::{ScalabilityResult, ScalabilitySettings, ThroughputResult, ThroughputSettings};
use crate::report::results::observed::{ObservedResult, ObservedSettings};
use crate::report::results::predict::{PredictResult, PredictSettings};
use crate::report::results::simulate::{SimulateResult, SimulateSettings};
use crate::report::results::slo::{SloResult, SloSettings};
use crate::report::results::solve::{SolveResult, SolveSettings};
use crate::report::results::template::{TemplateResult, TemplateSettings};
use crate::report::results::uncertainty::{UncertaintyResult, UncertaintySettings};
use crate::report::results::verify::{VerifyResult, VerifySettings};
use crate::report::results::{Envelope, SCHEMA};

/// The schema (draft 2020-12): one alternative for each command.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let alternatives = [
        command::<BudgetSettings, BudgetResult>(&mut generator, "budget"),
        titled::<BudgetLogSettings, BudgetLogResult>(&mut generator, "budget of a log", "budget"),
        command::<AvailabilitySettings, AvailabilityResult>(&mut generator, "availability"),
        command::<BurnSettings, BurnResult>(&mut generator, "burn"),
        command::<BurnPlanSettings, BurnPlanResult>(&mut generator, "burn plan"),
        command::<SloSettings, SloResult>(&mut generator, "slo"),
        titled::<ObservedSettings, ObservedResult>(&mut generator, "availability of a log", "availability"),
        command::<IncidentsSettings, IncidentsResult>(&mut generator, "incidents"),
        command::<ThroughputSettings, ThroughputResult>(&mut generator, "throughput"),
        command::<ScalabilitySettings, ScalabilityResult>(&mut generator, "scalability"),
        command::<TemplateSettings, TemplateResult>(&mut generator, "template"),
        command::<CheckSettings, CheckResult>(&mut generator, "check"),
        command::<SolveSettings, SolveResult>(&mut generator, "solve"),
        command::<SimulateSettings, SimulateResult>(&mut generator, "simulate"),
        command::<VerifySettings, VerifyResult>(&mut generator, "verify"),
        command::<CompareSettings, CompareResult>(&mut generator, "compare"),
        command::<UncertaintySettings, UncertaintyResult>(&mut generator, "uncertainty"),
        command::<FitSettings, FitResult>(&mut generator, "fit"),
        command::<PredictSettings, PredictResult>(&mut generator, "predict"),
    ];
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        "oneOf": alternatives,
        "$defs": generator.take_definitions(true),
    })
}

fn command<S: JsonSchema, R: JsonSchema>(generator: &mut SchemaGenerator, name: &str) -> Value {
    titled::<S, R>(generator, name, name)
}

fn titled<S: JsonSchema, R: JsonSchema>(generator: &mut SchemaGenerator, title: &str, name: &str) -> Value {
    let report = generator.subschema_for::<Envelope<S, R>>();
    json!({
        "title": title,
        "allOf": [report],
        "properties": { "schema": { "const": SCHEMA }, "command": { "const": name } },
    })
}
