//! From what the engine found to what the report says.

use crate::fit::goodness::Settings;
use crate::fit::{
    Course, Examined, Fitted, Goodness, Parameter, ParameterUnit, Sample, Step, TREND_LEVEL, Trend, examine,
    kaplan_meier, trend,
};
use crate::measure::{Observer, Stop};
use crate::report::number::significant;
use crate::report::plot::{Curve, Plot, places};
use crate::report::results::WarningInfo;
use crate::report::results::fit::{CurveStep, FitInfo, FitParameter, FittedSample, NotFitted, TrendInfo, p_value};

/// A sample with its name.
pub(crate) struct Titled {
    pub(crate) name: String,
    pub(crate) component: Option<String>,
    pub(crate) sample: Sample,
    /// The times of each unit in their order, where they have one.
    pub(crate) courses: Option<Vec<Course>>,
}

/// Fitted means further than this share from the sample's are warned of: beyond what a fit of a few hundred times does
/// by chance.
const MEAN_OFF: f64 = 0.2;
/// Fewer times than this tell little about a distribution.
const FEW: u64 = 20;
/// Below this p-value even the best family is not the one the times came from.
const POOR: f64 = 0.05;
/// Steps of a curve that a report keeps.
const MOST_STEPS: usize = 200;

/// Fits a sample, and adds what the reader must know to `warnings`.
pub(crate) fn fitted(
    titled: &Titled,
    part: u8,
    settings: Settings,
    observer: &dyn Observer,
    warnings: &mut Vec<WarningInfo>,
) -> Result<FittedSample, Stop> {
    let sample = &titled.sample;
    let examined = examine(sample, part, settings, observer)?;
    let tested = titled.courses.as_deref().and_then(trend);
    let title = titled.title();
    warnings.extend(warned(&title, sample, &examined, tested.as_ref()));
    let steps = kaplan_meier(sample);
    Ok(FittedSample {
        name: titled.name.clone(),
        component: titled.component.clone(),
        ended: sample.ended(),
        censored: sample.censored(),
        zeros: sample.zeros(),
        tied: sample.tied(),
        grid_seconds: sample.grid(),
        mean_seconds: sample.mean(),
        median_seconds: steps.iter().find(|step| step.survival <= 0.5).map(|step| step.seconds),
        longest_seconds: sample.range().1,
        fits: examined.fits.iter().map(|(fit, goodness)| info(fit, goodness, sample)).collect(),
        not_fitted: refused(&examined),
        trend: tested.as_ref().map(trend_info),
        curve: thinned(&steps),
        plot: Some(plot(&title, &steps, &examined)),
    })
}

impl Titled {
    fn title(&self) -> String {
        self.component.as_ref().map_or_else(|| self.name.clone(), |component| format!("{component}: {}", self.name))
    }
}

fn refused(examined: &Examined) -> Vec<NotFitted> {
    let refused = |(law, reason): &(crate::fit::Law, crate::fit::FitError)| NotFitted {
        family: law.name().to_owned(),
        reason: reason.to_string(),
    };
    examined.refused.iter().map(refused).collect()
}

fn info(fit: &Fitted, goodness: &Goodness, sample: &Sample) -> FitInfo {
    let distance = goodness.distance;
    FitInfo {
        family: fit.law.name().to_owned(),
        parameters: fit.parameters.iter().map(parameter).collect(),
        log_likelihood: fit.log_likelihood,
        aic: fit.aic,
        bic: fit.bic,
        kolmogorov_smirnov: distance.kolmogorov_smirnov,
        kolmogorov_smirnov_p: goodness.kolmogorov_smirnov_p,
        anderson_darling: Some(distance.anderson_darling).filter(|distance| distance.is_finite()),
        anderson_darling_p: goodness.anderson_darling_p,
        draws: goodness.draws,
        mean_seconds: fit.distribution.mean(),
        mean_ratio: fit.mean_ratio(sample),
    }
}

fn parameter(parameter: &Parameter) -> FitParameter {
    let unit = match parameter.unit {
        ParameterUnit::Seconds => "seconds",
        ParameterUnit::LogSeconds => "ln seconds",
        ParameterUnit::None => "none",
    };
    FitParameter {
        name: parameter.name.to_owned(),
        unit: unit.to_owned(),
        value: parameter.value,
        standard_error: parameter.standard_error,
    }
}

fn trend_info(trend: &Trend) -> TrendInfo {
    TrendInfo {
        failures: trend.failures,
        laplace: trend.laplace,
        laplace_p: trend.laplace_p,
        mil_hdbk_189: trend.mil_hdbk_189,
        mil_hdbk_189_p: trend.mil_hdbk_189_p,
        lewis_robinson: trend.lewis_robinson,
        lewis_robinson_p: trend.lewis_robinson_p,
    }
}

/// Every step, or of many about two hundred with the last one.
fn thinned(steps: &[Step]) -> Vec<CurveStep> {
    let every = steps.len().div_ceil(MOST_STEPS).max(1);
    let is_kept = |index: usize| index.is_multiple_of(every) || index + 1 == steps.len();
    let kept = steps.iter().enumerate().filter(|(index, _)| is_kept(*index)).map(|(_, step)| step);
    kept.map(|step| CurveStep { seconds: step.seconds, survival: step.survival, standard_error: step.standard_error })
        .take(MOST_STEPS + 1)
        .collect()
}

fn plot(title: &str, steps: &[Step], examined: &Examined) -> Plot {
    let steps: Vec<(f64, f64)> = steps.iter().map(|step| (step.seconds, step.survival)).collect();
    let places = places(&steps);
    let curve = |fit: &Fitted| Curve {
        name: fit.law.name().to_owned(),
        survival: places.iter().map(|place| fit.distribution.survival(*place)).collect(),
    };
    let curves = examined.fits.iter().map(|(fit, _)| curve(fit)).collect();
    Plot { title: format!("share of {title} that lasts longer"), steps, curves }
}

fn warned(title: &str, sample: &Sample, examined: &Examined, trend: Option<&Trend>) -> Vec<WarningInfo> {
    let mut found = Vec::new();
    let mut warn = |code: &str, message: String| found.push(WarningInfo::new(code, message));
    if sample.ended() < FEW {
        warn(
            "few_times",
            format!("{title}: {} little about their distribution", counted(sample.ended(), "that ended", "tell")),
        );
    }
    if sample.zeros() > 0 {
        let zeros = sample.zeros();
        let are = if zeros == 1 { "is" } else { "are" };
        let times = if zeros == 1 { "time" } else { "times" };
        let message = format!("{title}: {zeros} {times} of zero {are} in no fit: continuous distributions have none");
        warn("zero_times", message);
    }
    if let Some(message) = means(title, sample, examined) {
        warn("fitted_mean_differs", message);
    }
    if let Some((fit, goodness)) = examined.fits.first()
        && let Some(p) = goodness.anderson_darling_p.filter(|p| *p < POOR)
    {
        let name = fit.law.name();
        let p = p_value(p, goodness.draws);
        let message =
            format!("{title}: even the best family, {name}, is not what the times came from (Anderson-Darling p {p})");
        warn("poor_fit", message);
    }
    if let Some((_, goodness)) = examined.fits.first().filter(|(_, goodness)| goodness.is_cut_short) {
        let draws = goodness.draws;
        warn("fewer_draws", format!("{title}: with so many times, p-values rest on {draws} drawn samples"));
    }
    if let Some(trend) = trend {
        let p = trend.lewis_robinson_p.unwrap_or(trend.laplace_p);
        if p < TREND_LEVEL {
            let way = if trend.laplace > 0.0 { "shorter" } else { "longer" };
            let p = significant(p, 2);
            let means = "a fit of a process that drifts means little";
            warn(
                "trend",
                format!("{title}: times grow {way} from the first to the last (Lewis-Robinson p {p}); {means}"),
            );
        }
    }
    found
}

/// `1 time that ended tells`, `2 times that ended tell`.
fn counted(count: u64, which: &str, verb: &str) -> String {
    if count == 1 { format!("1 time {which} {verb}s") } else { format!("{count} times {which} {verb}") }
}

fn means(title: &str, sample: &Sample, examined: &Examined) -> Option<String> {
    let is_off = |ratio: f64| !(1.0 - MEAN_OFF..=1.0 / (1.0 - MEAN_OFF)).contains(&ratio);
    let off = |fit: &Fitted| {
        let ratio = fit.mean_ratio(sample);
        is_off(ratio).then(|| format!("{} by a factor of {}", fit.law.name(), significant(ratio, 2)))
    };
    let off: Vec<String> = examined.fits.iter().filter_map(|(fit, _)| off(fit)).collect();
    (!off.is_empty()).then(|| {
        format!(
            "{title}: the fitted mean misses the sample's ({}), and downtime would be wrong by as much; keep the sample's \
             mean",
            off.join(", ")
        )
    })
}
