//! Writes a log in the plain form that every reader here takes.

use serde_json::{Map, Value, json};

use crate::data::incident::{Incident, IncidentLog};

/// The columns that are written.
const COLUMNS: [&str; 7] = ["id", "start", "end", "severity", "component", "planned", "detected"];

fn texts(log: &IncidentLog, incident: &Incident) -> [Option<String>; 7] {
    let components: Vec<&str> = log.components_of(incident).collect();
    [
        incident.id.as_deref().map(str::to_owned),
        Some(incident.start.to_string()),
        incident.end.map(|end| end.to_string()),
        log.severity_of(incident).map(str::to_owned),
        (!components.is_empty()).then(|| components.join(";")),
        Some(if incident.planned { "yes" } else { "no" }.to_owned()),
        incident.detected.map(|detected| detected.to_string()),
    ]
}

/// CSV with a header; times in UTC. Reading it gives the same incidents.
///
/// # Errors
/// Never for writing into memory; the type is that of the writer.
pub fn to_csv(log: &IncidentLog, keep: impl Fn(&Incident) -> bool) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for incident in log.incidents.iter().filter(|incident| keep(incident)) {
        writer.write_record(texts(log, incident).map(Option::unwrap_or_default))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// An array of objects; times in UTC. Reading it gives the same incidents.
pub fn to_json(log: &IncidentLog, keep: impl Fn(&Incident) -> bool) -> String {
    let object = |incident: &Incident| {
        let fields = COLUMNS.iter().zip(texts(log, incident));
        let fields = fields.filter_map(|(name, text)| Some(((*name).to_owned(), Value::String(text?))));
        let mut object: Map<String, Value> = fields.collect();
        object.insert("planned".to_owned(), json!(incident.planned));
        if incident.is_open() {
            // Without the field it would be unknown when it ended.
            object.insert("end".to_owned(), Value::Null);
        }
        if incident.components != 0 {
            object.insert("component".to_owned(), json!(log.components_of(incident).collect::<Vec<_>>()));
        }
        Value::Object(object)
    };
    let list: Vec<Value> = log.incidents.iter().filter(|incident| keep(incident)).map(object).collect();
    format!("{:#}\n", Value::Array(list))
}
