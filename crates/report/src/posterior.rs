//! A task's posteriors beside their priors, as an SVG picture whose colours are the page's.

use std::fmt::Write as _;

use crate::fit::{Parameter, Posterior};
use crate::text::{escape, figure, shortened};

const WIDTH: f64 = 360.0;
/// Room above the first parameter, and for each.
const TOP: f64 = 34.0;
const ROW: f64 = 46.0;
/// Room beside the tracks.
const SIDE: f64 = 14.0;
/// Spreads around the mean that stand for a prior without ends.
const SPREADS: f64 = 3.0;

/// The picture.
pub(crate) fn draw(posterior: &Posterior) -> String {
    let height = TOP + ROW * posterior.parameters.len() as f64 + 6.0;
    let place = posterior.population.replace('_', " ");
    let mut svg = format!(
        "<svg class=\"fan\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"posteriors, {0}\"><text class=\"title\" x=\"{SIDE}\" y=\"19\">{0}</text>",
        escape(&place)
    );
    for (index, parameter) in posterior.parameters.iter().enumerate() {
        row(&mut svg, parameter, TOP + ROW * index as f64);
    }
    svg.push_str("</svg>");
    svg
}

/// A parameter: its name and prior, and on a track as long as the prior the posterior's middle 95
/// and 50 % and its median.
fn row(svg: &mut String, parameter: &Parameter, y: f64) {
    let (low, high) = track(parameter);
    let x =
        |value: f64| SIDE + (WIDTH - 2.0 * SIDE) * ((value - low) / (high - low)).clamp(0.0, 1.0);
    let [outer_low, inner_low, median, inner_high, outer_high] = parameter.quantiles;
    let (end, text, bar) = (WIDTH - SIDE, y + 12.0, y + 27.0);
    let _ = write!(
        svg,
        "<text class=\"tick\" x=\"{SIDE}\" y=\"{text:.1}\"><tspan class=\"name\">{}</tspan> {}</text>\
         <text class=\"tick\" x=\"{end:.1}\" y=\"{text:.1}\" text-anchor=\"end\">{} ({}–{})</text>\
         <line class=\"track\" x1=\"{SIDE}\" x2=\"{end:.1}\" y1=\"{bar:.1}\" y2=\"{bar:.1}\"/>",
        escape(&parameter.name),
        escape(&shortened(&parameter.prior, 28)),
        figure(median),
        figure(outer_low),
        figure(outer_high),
    );
    let bands = [
        ("outer", outer_low, outer_high, 8.0),
        ("inner", inner_low, inner_high, 12.0),
    ];
    for (class, from, to, thickness) in bands {
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{thickness}\" rx=\"2\"/>",
            x(from),
            bar - thickness / 2.0,
            (x(to) - x(from)).max(1.0),
        );
    }
    let _ = write!(
        svg,
        "<line class=\"median\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{1:.1}\" y2=\"{2:.1}\"/>",
        x(median),
        bar - 8.0,
        bar + 8.0
    );
}

/// Where the track begins and ends: where the prior does, or some spreads from its mean, and never
/// within the posterior.
fn track(parameter: &Parameter) -> (f64, f64) {
    let (mean, sd) = parameter.prior_moments;
    let [least, .., greatest] = parameter.quantiles;
    let (low, high) = parameter.prior_range;
    let low = low.unwrap_or(mean - SPREADS * sd);
    let high = high.unwrap_or(mean + SPREADS * sd);
    let (low, high) = (low.min(least), high.max(greatest));
    if high > low {
        (low, high)
    } else {
        (low - 0.5, low + 0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(range: (Option<f64>, Option<f64>), quantiles: [f64; 5]) -> Parameter {
        Parameter {
            name: "R<0>".into(),
            prior: "norm(2.0, 1.0)".into(),
            prior_moments: (2.0, 1.0),
            prior_range: range,
            quantiles,
        }
    }

    #[test]
    fn a_track_is_as_long_as_its_prior_and_holds_the_posterior() {
        let quantiles = [1.0, 2.0, 3.0, 4.0, 5.5];
        assert_eq!(
            track(&parameter((Some(0.0), Some(9.0)), quantiles)),
            (0.0, 9.0)
        );
        assert_eq!(track(&parameter((None, None), quantiles)), (-1.0, 5.5));
        let posterior = Posterior {
            population: "A_place".into(),
            parameters: vec![parameter((Some(3.0), Some(3.0)), [3.0; 5])],
        };
        let svg = draw(&posterior);
        assert!(
            svg.contains("A place") && svg.contains("R&lt;0&gt;"),
            "{svg}"
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
