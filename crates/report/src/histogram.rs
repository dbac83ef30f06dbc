//! How values are spread, as an SVG picture whose colours are the page's.

use std::fmt::Write as _;

use crate::text::escape;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 150.0;
/// Room for labels and the title.
const SIDE: f64 = 14.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 44.0;
const BARS: usize = 24;
/// With fewer values there is nothing to see.
const FEWEST: usize = 3;

/// Values, and how they are called.
pub(crate) struct Histogram<'a> {
    /// What they are.
    pub(crate) title: &'a str,
    /// They are not negative.
    pub(crate) values: &'a [f64],
    /// A value with its unit.
    pub(crate) label: fn(f64) -> String,
}

/// The picture; nothing for few values.
pub(crate) fn draw(histogram: &Histogram<'_>) -> Option<String> {
    let mut values = histogram.values.to_vec();
    values.sort_by(f64::total_cmp);
    let (lowest, highest) = (*values.first()?, *values.last()?);
    if values.len() < FEWEST {
        return None;
    }
    let counts = counts(&values, lowest, highest);
    let most = counts.iter().copied().max().unwrap_or(1) as f64;
    let median = values[values.len() / 2];
    let label = histogram.label;
    let mut svg = format!(
        "<svg class=\"fan\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{0}\">\
         <text class=\"title\" x=\"{SIDE}\" y=\"19\">{0}</text>\
         <text class=\"tick\" x=\"{SIDE}\" y=\"34\">{1} tasks, median {2}</text>",
        escape(histogram.title),
        values.len(),
        label(median)
    );
    let (width, floor) = ((WIDTH - 2.0 * SIDE) / BARS as f64, HEIGHT - BOTTOM);
    for (bar, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (floor - TOP) * *count as f64 / most;
        let _ = write!(
            svg,
            "<rect class=\"done\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\">\
             <title>{count}</title></rect>",
            SIDE + bar as f64 * width,
            floor - height,
            width - 1.0
        );
    }
    let _ = write!(
        svg,
        "<line class=\"grid\" x1=\"{SIDE}\" x2=\"{0}\" y1=\"{floor}\" y2=\"{floor}\"/>\
         <text class=\"tick\" x=\"{SIDE}\" y=\"{1}\">{2}</text>\
         <text class=\"tick\" x=\"{0}\" y=\"{1}\" text-anchor=\"end\">{3}</text></svg>",
        WIDTH - SIDE,
        HEIGHT - 8.0,
        label(lowest),
        label(highest)
    );
    Some(svg)
}

/// How many values are in each of the bars from the lowest to the highest.
fn counts(values: &[f64], lowest: f64, highest: f64) -> [usize; BARS] {
    let mut counts = [0; BARS];
    for value in values {
        let share = (value - lowest) / (highest - lowest);
        // All alike, they are in the middle.
        let share = if share.is_finite() { share } else { 0.5 };
        counts[((share * BARS as f64) as usize).min(BARS - 1)] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bar() {
        let spread = counts(&[0.0, 1.0, 2.0, 24.0], 0.0, 24.0);
        assert_eq!(spread.iter().sum::<usize>(), 4);
        assert_eq!(
            (spread[0], spread[1], spread[2], spread[BARS - 1]),
            (1, 1, 1, 1)
        );
        assert_eq!(counts(&[5.0; 7], 5.0, 5.0)[BARS / 2], 7);
    }

    #[test]
    fn few_values_are_no_picture() {
        let of = |values: &[f64]| {
            draw(&Histogram {
                title: "a & b",
                values,
                label: |value| format!("{value} s"),
            })
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[1.0, 2.0]), None);
        let picture = of(&[1.0, 2.0, 9.0]).unwrap();
        assert!(picture.contains("a &amp; b"));
        assert!(picture.contains("3 tasks, median 2 s"));
        assert_eq!(picture.matches("<rect").count(), 3);
    }
}
