//! A plot as SVG: the sample as a thick line of steps, fitted curves by colour and dashes.

use std::fmt::Write as _;

use crate::report::number::Units;
use crate::report::plot::{Axis, POINTS, Plot};

/// Size of one plot, and the frame inside, in pixels.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;
/// Colours and dashes of fitted curves (the palette of Okabe and Ito 2008, told apart without red and green).
const STYLES: [(&str, &str); 5] =
    [("#0072b2", "none"), ("#d55e00", "8 4"), ("#009e73", "2 3"), ("#cc79a7", "10 3 2 3"), ("#e69f00", "4 4")];

/// Plots below each other, as one document.
pub fn document(plots: &[Plot], units: Units) -> String {
    let height = HEIGHT * plots.len() as f64;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for (index, plot) in plots.iter().enumerate() {
        let _ = writeln!(text, "<g transform=\"translate(0 {})\">", HEIGHT * index as f64);
        one(&mut text, plot, units);
        text.push_str("</g>\n");
    }
    text.push_str("</svg>\n");
    text
}

fn one(text: &mut String, plot: &Plot, units: Units) {
    let axis = Axis::of(&plot.steps);
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    let _ = writeln!(text, "<text x=\"{LEFT}\" y=\"24\" font-size=\"15\">{}</text>", escaped(&plot.title));
    for percent in (0..=100).step_by(20) {
        let y = across(f64::from(percent) / 100.0);
        let _ = writeln!(text, "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#ddd\"/>");
        let _ =
            writeln!(text, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{percent} %</text>", LEFT - 6.0, y + 4.0);
    }
    for (place, name) in axis.marks(units) {
        let x = along(place);
        let _ = writeln!(text, "<path d=\"M{x:.1} {TOP}V{bottom}\" stroke=\"#ddd\"/>");
        let _ = writeln!(text, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{name}</text>", bottom + 18.0);
    }
    for (curve, (colour, dashes)) in plot.curves.iter().zip(STYLES) {
        let points = curve.survival.iter().enumerate().map(|(point, survival)| {
            format!("{:.1} {:.1}", along(point as f64 / (POINTS - 1) as f64), across(*survival))
        });
        let path = points.collect::<Vec<_>>().join("L");
        let style = format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\" stroke-dasharray=\"{dashes}\"");
        let _ = writeln!(text, "<path d=\"M{path}\" {style}/>");
    }
    let _ = writeln!(text, "<path d=\"{}\" fill=\"none\" stroke=\"black\" stroke-width=\"2\"/>", steps(plot, axis));
    legend(text, plot);
}

fn along(place: f64) -> f64 {
    LEFT + place * (WIDTH - LEFT - RIGHT)
}

fn across(survival: f64) -> f64 {
    TOP + (1.0 - survival) * (HEIGHT - TOP - BOTTOM)
}

fn steps(plot: &Plot, axis: Axis) -> String {
    let mut path = format!("M{LEFT} {TOP}");
    for (seconds, survival) in &plot.steps {
        let _ = write!(path, "H{:.1}V{:.1}", along(axis.place(*seconds)), across(*survival));
    }
    path
}

fn legend(text: &mut String, plot: &Plot) {
    let names = std::iter::once(("sample", ("black", "none")))
        .chain(plot.curves.iter().zip(STYLES).map(|(curve, style)| (curve.name.as_str(), style)));
    for (index, (name, (colour, dashes))) in names.enumerate() {
        let (x, y) = (WIDTH - RIGHT - 170.0, TOP + 14.0 + 18.0 * index as f64);
        let stroke = format!("stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"");
        let _ = writeln!(text, "<path d=\"M{x} {}h30\" {stroke}/>", y - 4.0);
        let _ = writeln!(text, "<text x=\"{}\" y=\"{y}\">{}</text>", x + 38.0, escaped(name));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
