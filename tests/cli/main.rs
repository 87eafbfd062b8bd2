//! The program as its users meet it: what it prints, where, and its exit codes.

mod bad_input;
mod bounds;
mod fit;
mod formulas;
mod levers;
mod logs;
mod program;
mod rare;
mod reports;
mod session;
mod slo;
mod structures;
mod uncertainty;
