//! Gauss-Legendre quadrature: over one panel, and over the body of a bell-shaped density for parameters too large for series.

/// Nodes and weights of the 20-point rule on [-1, 1], the positive half (Abramowitz, Stegun 1964, table 25.4).
const NODES: [(f64, f64); 10] = [
    (0.076526521133497333755, 0.152753387130725850698),
    (0.227785851141645078080, 0.149172986472603746788),
    (0.373706088715419560673, 0.142096109318382051329),
    (0.510867001950827098004, 0.131688638449176626898),
    (0.636053680726515025453, 0.118194531961518417312),
    (0.746331906460150792614, 0.101930119817240435037),
    (0.839116971822218823395, 0.083276741576704748725),
    (0.912234428251325905868, 0.062672048334109063570),
    (0.963971927277913791268, 0.040601429800386941331),
    (0.993128599185094924786, 0.017614007139152118312),
];

/// The integral of `density`, a function of the distance moved, over `panels` panels of width `width` (negative: downwards),
/// until the panels no longer count.
pub(crate) fn tail(density: impl Fn(f64) -> f64, width: f64, panels: u32) -> f64 {
    let half = width / 2.0;
    let mut total = 0.0;
    for panel in 0..panels {
        let sum = panel_sum(&density, width * f64::from(panel) + half, half);
        total += sum * half.abs();
        if sum * half.abs() < total * 1e-18 {
            break;
        }
    }
    total
}

/// The integral of `function` from 0 to `width`, by one panel.
pub(crate) fn integral(function: impl Fn(f64) -> f64, width: f64) -> f64 {
    let half = width / 2.0;
    panel_sum(&function, half, half) * half
}

fn panel_sum(function: &impl Fn(f64) -> f64, middle: f64, half: f64) -> f64 {
    let pair = |(node, weight)| weight * (function(middle - half * node) + function(middle + half * node));
    NODES.into_iter().map(pair).sum()
}
