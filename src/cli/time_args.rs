//! Options of `solve` for what happens after all-up, and for the lengths of outages.

use clap::Args;

use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::cli::values::level;
use crate::exact::transient::Questions;
use crate::quantity::Probability;

/// Times to compute for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Over time")]
pub(crate) struct TimeArguments {
    /// Probability of being down at this time after everything was up, the expected downtime until then, and the probability
    /// of an outage before (may be repeated)
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_delimiter = ',')]
    at: Vec<String>,
    /// Mean time from everything up to the first outage
    #[arg(long)]
    first_outage: bool,
    /// Recovery-time objective: the share of the outages that are longer, and of the downtime in them (may be repeated)
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_delimiter = ',')]
    rto: Vec<String>,
    /// Length that this share of the outages does not exceed, such as `99%` (may be repeated)
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true, value_delimiter = ',', value_parser = level)]
    quantile: Vec<Probability>,
}

/// Seconds that can be asked for: far from where doubles end.
const TIMES: std::ops::RangeInclusive<f64> = 1e-9..=1e15;

impl TimeArguments {
    /// Whether any is given.
    pub(crate) fn is_given(&self) -> bool {
        self.first_outage || !(self.at.is_empty() && self.rto.is_empty() && self.quantile.is_empty())
    }

    pub(crate) fn questions(&self, session: &Session) -> Result<Questions, Problem> {
        let times = |option: &str, texts: &[String]| -> Result<Vec<f64>, Problem> {
            texts.iter().map(|text| seconds(session, option, text)).collect()
        };
        Ok(Questions {
            times: times("--at", &self.at)?,
            first_outage: self.first_outage,
            objectives: times("--rto", &self.rto)?,
            quantiles: self.quantile.iter().map(|share| (share.value(), share.complement())).collect(),
        })
    }
}

fn seconds(session: &Session, option: &str, text: &str) -> Result<f64, Problem> {
    let seconds = session.positive_duration(option, text)?.seconds();
    if TIMES.contains(&seconds) {
        Ok(seconds)
    } else {
        Err(Problem::value(option, text, "a time from 1ns to 1e15s is expected"))
    }
}
