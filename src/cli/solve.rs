//! `solve`: exact.

use clap::{Args, ValueEnum};

use crate::cli::exact_args::{ExactArguments, next_step, problem, tree_problem};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::source::{Any, FILE_OR_TREE, Loaded, LoadedTree, Source};
use crate::cli::time_args::TimeArguments;
use crate::cli::tree_args::TreeArguments;
use crate::cli::values::width;
use crate::cli::watch::Watch;
use crate::exact::fault_tree::{bound_tree, solve_tree, structure};
use crate::exact::transient::Questions;
use crate::exact::{self, Error, transient};
use crate::measure::{BoundsEnd, Stop};
use crate::report::results::measures::Verdict;
use crate::report::results::over_time::OverTime;
use crate::report::results::sensitivity::SensitivityInfo;
use crate::report::results::solve::{SolveResult, SolveSettings};
use crate::report::results::{ModelInfo, WarningInfo};
use crate::structure::cut_sets::Rank;
use crate::structure::solved::StructureSettings;

/// Solve a topology exactly: independent parts by a decision diagram, dependent ones as Markov chains with proven bounds. Chains
/// that are too large are bounded. Solves fault trees in Open-PSA XML, too.
#[derive(Debug, Args)]
#[command(
    mut_arg("file", |file| file.help(FILE_OR_TREE)),
    after_help = "Examples:\n  ninefold solve topology.toml\n  ninefold solve topology.toml --target \"5 nines\" --gate\n  ninefold solve --template three-tier --format json\n  ninefold solve --template two-zones --importance --cut-sets 20\n  ninefold solve topology.toml --at 1h --at 1y --rto 5m\n  ninefold solve topology.toml --bounds --precision 1%\n  ninefold solve tree.xml"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    times: TimeArguments,
    #[command(flatten)]
    exact: ExactArguments,
    /// Give up after so much running time, or give bounds where these can be had [default: none]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    time_limit: Option<String>,
    /// Tell what each number of the topology does: derivatives, and what improving it by 10 % would save
    #[arg(long)]
    sensitivity: bool,
    /// Exit with 1 when the target is missed, or when bounds leave that open
    #[arg(long)]
    gate: bool,
    /// Give proven bounds, and explore chains only as far as it takes. Without this, bounds are given where a chain is too
    /// large to be solved
    #[arg(long, help_heading = "Bounds")]
    bounds: bool,
    /// Relative width that bounds are narrowed to
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true, default_value = "0.0001%", value_parser = width, help_heading = "Bounds")]
    precision: f64,
    /// Show how much each part matters, by every measure; needs a static topology. Always on for fault trees
    #[arg(long, help_heading = "Structures")]
    importance: bool,
    /// List so many minimal cut sets; needs a static topology [default: 10 for fault trees, none for topologies]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = listed, help_heading = "Structures")]
    cut_sets: Option<usize>,
    /// Which cut sets come first [default: probability]
    #[arg(long, value_enum, value_name = "RANK", help_heading = "Structures")]
    rank: Option<RankArgument>,
    #[command(flatten)]
    tree: TreeArguments,
}

/// Which cut sets come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RankArgument {
    /// The likeliest
    Probability,
    /// The smallest, and among these the likeliest
    Order,
}

/// The share of the time limit after which bounds are only proven.
const SHARE_BEFORE_PROOF: f64 = 0.85;
/// The share of the time limit after which bounds take the place of a chain.
const SHARE_FOR_CHAINS: f64 = 0.6;
/// More cut sets than this nobody reads.
const MOST_LISTED: usize = 100_000;

fn listed(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count <= MOST_LISTED => Ok(count),
        _ => Err(format!("a whole number from 0 to {MOST_LISTED} is expected")),
    }
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    match arguments.tree.load(&arguments.source, session)? {
        Any::Topology(loaded) => topology(arguments, loaded, session),
        Any::Tree(_) if arguments.times.is_given() => Err(Problem::usage(
            "`--at`, `--first-outage`, `--rto` and `--quantile` are for topologies, and this is a fault tree",
        )),
        Any::Tree(_) if arguments.sensitivity => {
            Err(Problem::usage("`--sensitivity` is for topologies, and this is a fault tree")
                .help("its importance measures are in the report"))
        }
        Any::Tree(loaded) => tree(arguments, loaded, session),
    }
}

fn topology(arguments: &Arguments, loaded: Loaded, session: &Session) -> Result<Exit, Problem> {
    if arguments.gate && loaded.target.is_none() {
        return Err(no_target());
    }
    if arguments.rank.is_some() && arguments.cut_sets.is_none() {
        return Err(
            Problem::usage("`--rank` orders cut sets, and none are listed").help("`--cut-sets 10` lists the first ten")
        );
    }
    let settings = arguments.exact.settings();
    let questions = arguments.times.questions(session)?;
    let watch = arguments.watch(session)?;
    if arguments.bounds {
        arguments.refuse_beside_bounds()?;
        return bounds(arguments, loaded, None, &watch, session);
    }
    // Where the chain takes too long, there must be time left for bounds.
    let found = exact::solve(&loaded.model, &settings, &watch.share(SHARE_FOR_CHAINS));
    if let Err(error) = &found
        && (error.is_too_large() || *error == Error::Stopped(Stop::TimeLimit))
    {
        return bounds(arguments, loaded, Some(error), &watch, session);
    }
    let wants_structure = arguments.importance || arguments.cut_sets.is_some();
    let mut left_out = LeftOut::default();
    let solved = found.and_then(|mut measures| {
        // What else is asked for can be left out.
        Watch::expect_partial_result();
        if wants_structure {
            let found = structure(&loaded.model, &arguments.structure(0), &watch);
            if let Some((structure, warnings)) = left_out.unless_stopped("importance and cut sets", found)? {
                measures.structure = structure;
                measures.warnings.extend(warnings);
            }
        }
        let slopes = arguments.sensitivity.then(|| exact::sensitivity(&loaded.model, &settings, &watch));
        let slopes = slopes.map(|found| left_out.unless_stopped("the sensitivity", found)).transpose()?;
        let asked = (!questions.is_empty()).then(|| transient::solve(&loaded.model, &questions, &settings, &watch));
        let asked = asked.map(|found| left_out.unless_stopped("the measures over time", found)).transpose()?;
        Ok((measures, slopes.flatten(), asked.flatten()))
    });
    watch.finish();
    let (measures, sensitivity, transient) = solved.map_err(|error| problem(&error))?;
    let mut result = SolveResult::new(&measures, loaded.target, session.units);
    result.sensitivity = sensitivity.map(|sensitivity| SensitivityInfo::new(&sensitivity, session.units));
    result.over_time = transient.as_ref().map(|transient| OverTime::new(transient, &measures, session.units));
    let mut warnings = loaded.warnings;
    warnings.extend(measures.warnings.iter().map(WarningInfo::from));
    warnings.extend(transient.iter().flat_map(|transient| &transient.warnings).map(WarningInfo::from));
    warnings.extend(left_out.warning());
    let exit = arguments.print(result, Some(questions), loaded.info, warnings, session)?;
    let is_complete = transient.is_none_or(|transient| transient.is_complete);
    Ok(match left_out.stop {
        Some(Stop::Interrupted) => Exit::Interrupted,
        None if is_complete => exit,
        _ if exit == Exit::Gate => exit,
        _ => Exit::Limit,
    })
}

/// What was asked for beside the solution and is not known, because there was no time for it.
#[derive(Default)]
struct LeftOut {
    what: Vec<&'static str>,
    stop: Option<Stop>,
}

impl LeftOut {
    /// What was found, or nothing if it was stopped.
    fn unless_stopped<T>(&mut self, what: &'static str, found: Result<T, Error>) -> Result<Option<T>, Error> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(Error::Stopped(stop)) => {
                self.what.push(what);
                self.stop = self.stop.or(Some(stop));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn warning(&self) -> Option<WarningInfo> {
        let what = self.what.join(", ");
        let message = match self.stop? {
            Stop::Interrupted => format!("stopped before there was an answer: {what} left out"),
            Stop::TimeLimit => {
                format!(
                    "there was no time for all that was asked for, {what} left out: a longer `--time-limit` leaves more"
                )
            }
        };
        Some(WarningInfo::new("left_out", message))
    }
}

/// Bounds, because they are asked for, or because the exact engine ended with an `error`.
fn bounds(
    arguments: &Arguments,
    loaded: Loaded,
    error: Option<&Error>,
    watch: &Watch,
    session: &Session,
) -> Result<Exit, Problem> {
    Watch::expect_partial_result();
    let found = exact::bounds(
        &loaded.model,
        &arguments.exact.settings(),
        arguments.precision,
        &watch.share(SHARE_BEFORE_PROOF),
    );
    watch.finish();
    let measures = match (found, error) {
        (Ok(measures), _) => measures,
        (Err(Error::Stopped(stop)), _) => return Err(problem(&Error::Stopped(stop))),
        (Err(no_bounds), Some(error)) if no_bounds == *error => return Err(problem(error)),
        (Err(no_bounds), Some(error)) => return Err(problem(error).note(no_bounds.to_string())),
        (Err(no_bounds), None) => return Err(problem(&no_bounds)),
    };
    let result = SolveResult::bounded(&measures, loaded.target, session.units);
    let mut warnings = loaded.warnings;
    warnings.extend(error.map(no_exact_solution));
    warnings.extend(measures.warnings.iter().map(WarningInfo::from));
    let left_out = arguments.needs_a_solution(loaded.model.system.demand.is_some());
    let is_complete = left_out.is_empty() && is_narrow(measures.ended_by);
    if !left_out.is_empty() {
        let message = format!("only bounds are known, and what needs a solution is left out: {}", left_out.join(", "));
        warnings.push(WarningInfo::new("bounds_only", message));
    }
    let questions = arguments.times.questions(session)?;
    let undecided = result.verdict == Some(Verdict::Undecided);
    let exit = arguments.print(result, Some(questions), loaded.info, warnings, session)?;
    Ok(match measures.ended_by {
        BoundsEnd::Stopped(Stop::Interrupted) => Exit::Interrupted,
        _ if arguments.gate && undecided => Exit::Gate,
        _ if is_complete || arguments.gate => exit,
        _ => Exit::Limit,
    })
}

fn is_narrow(ended_by: BoundsEnd) -> bool {
    matches!(ended_by, BoundsEnd::Precision | BoundsEnd::Complete)
}

fn tree(arguments: &Arguments, loaded: LoadedTree, session: &Session) -> Result<Exit, Problem> {
    if arguments.gate && loaded.target.is_none() {
        return Err(no_target());
    }
    let watch = arguments.watch(session)?;
    let settings = arguments.structure(StructureSettings::default().listed);
    if arguments.bounds {
        arguments.refuse_beside_bounds()?;
        return tree_bounds(arguments, loaded, None, &watch, session);
    }
    // Where the diagram takes too long, there must be time left for bounds.
    let solved = solve_tree(&loaded.tree, &settings, &watch.share(SHARE_FOR_CHAINS));
    if let Err(error @ (Error::Structure { .. } | Error::Stopped(Stop::TimeLimit))) = solved {
        return tree_bounds(arguments, loaded, Some(&error), &watch, session);
    }
    watch.finish();
    let measures = solved.map_err(|error| tree_problem(&error))?;
    let result = SolveResult::new(&measures, loaded.target, session.units);
    let warnings = measures.warnings.iter().map(WarningInfo::from).collect();
    arguments.print(result, None, loaded.info, warnings, session)
}

/// Bounds of a fault tree, because they are asked for, or because its diagram is too large.
fn tree_bounds(
    arguments: &Arguments,
    loaded: LoadedTree,
    error: Option<&Error>,
    watch: &Watch,
    session: &Session,
) -> Result<Exit, Problem> {
    Watch::expect_partial_result();
    let found = bound_tree(&loaded.tree, &arguments.structure(0), arguments.precision, watch);
    watch.finish();
    let measures = match (found, error) {
        (Ok(measures), _) => measures,
        (Err(Error::Stopped(_)), Some(error)) => return Err(tree_problem(error)),
        (Err(no_bounds), _) => return Err(tree_problem(&no_bounds)),
    };
    let result = SolveResult::bounded(&measures, loaded.target, session.units);
    let message =
        "only bounds are known: frequency, cut sets and importance are left out, which need the whole diagram";
    let mut warnings: Vec<WarningInfo> = error.map(no_exact_solution).into_iter().collect();
    warnings.push(WarningInfo::new("bounds_only", message.to_owned()));
    warnings.extend(measures.warnings.iter().map(WarningInfo::from));
    let undecided = result.verdict == Some(Verdict::Undecided);
    let exit = arguments.print(result, None, loaded.info, warnings, session)?;
    Ok(match measures.ended_by {
        BoundsEnd::Stopped(Stop::Interrupted) => Exit::Interrupted,
        _ if arguments.gate && undecided => Exit::Gate,
        _ if is_narrow(measures.ended_by) || arguments.gate => exit,
        _ => Exit::Limit,
    })
}

impl Arguments {
    /// What was asked for that bounds do not give.
    fn needs_a_solution(&self, has_demand: bool) -> Vec<&'static str> {
        let asked = [
            (has_demand, "the capacity measures"),
            (self.times.is_given(), "the measures over time"),
            (self.sensitivity, "the sensitivity"),
            (self.importance || self.cut_sets.is_some(), "importance and cut sets"),
        ];
        asked.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, name)| name).collect()
    }

    /// Options that ask for what bounds do not give go without `--bounds`. Where a chain turns out to be too large, their answers
    /// are left out with a warning.
    fn refuse_beside_bounds(&self) -> Result<(), Problem> {
        let asked = [
            (self.times.is_given(), "`--at`, `--first-outage`, `--rto` or `--quantile`"),
            (self.sensitivity, "`--sensitivity`"),
            (self.importance, "`--importance`"),
            (self.cut_sets.is_some_and(|count| count > 0), "`--cut-sets`"),
        ];
        let Some((_, option)) = asked.into_iter().find(|(is_asked, _)| *is_asked) else { return Ok(()) };
        let message = format!("`--bounds` cannot be used with {option}: what that asks for needs a solution");
        let help = "leave out `--bounds`: what is too large to be solved is bounded all the same";
        Err(Problem::usage(message).help(help))
    }

    fn structure(&self, listed: usize) -> StructureSettings {
        StructureSettings {
            most_nodes: self.exact.max_nodes(),
            listed: self.cut_sets.unwrap_or(listed),
            rank: match self.rank {
                None | Some(RankArgument::Probability) => Rank::Probability,
                Some(RankArgument::Order) => Rank::Order,
            },
            ..StructureSettings::default()
        }
    }

    fn watch(&self, session: &Session) -> Result<Watch, Problem> {
        Watch::start_all_or_nothing(session, session.time_limit(self.time_limit.as_deref())?)
    }

    fn print(
        &self,
        result: SolveResult,
        questions: Option<Questions>,
        info: ModelInfo,
        warnings: Vec<WarningInfo>,
        session: &Session,
    ) -> Result<Exit, Problem> {
        let misses = result.verdict == Some(Verdict::Misses);
        let questions = questions.unwrap_or_default();
        session.print(Report {
            command: "solve",
            model: Some(info),
            settings: SolveSettings {
                year_seconds: session.units.year,
                month_seconds: session.units.month,
                bounds: self.bounds,
                precision: self.precision,
                exact: self.exact.reported(),
                at_seconds: questions.times,
                rto_seconds: questions.objectives,
            },
            result,
            warnings,
        })?;
        Ok(if self.gate && misses { Exit::Gate } else { Exit::Done })
    }
}

/// `--gate` without anything to judge by.
pub(crate) fn no_target() -> Problem {
    Problem::usage("`--gate` needs a target, and the topology has none").help("`--target 99.99%` gives one")
}

/// Why bounds stand in place of a solution that was not declined, and what would give it.
fn no_exact_solution(error: &Error) -> WarningInfo {
    let message = match (error, next_step(error)) {
        (Error::Stopped(_), _) => {
            "there was no time for the exact solution, so bounds are given: a longer `--time-limit` leaves more"
                .to_owned()
        }
        (_, Some(next_step)) => format!("{error}, so bounds are given: {next_step}"),
        (_, None) => format!("{error}, so bounds are given"),
    };
    WarningInfo::new("no_exact_solution", message)
}
