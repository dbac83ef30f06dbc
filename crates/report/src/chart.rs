//! A fan as an SVG picture whose colours are the page's.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::fan::{Fan, LEVELS};
use crate::text::escape;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 210.0;
/// Room for labels: left, bottom, top, right.
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 30.0;
const RIGHT: f64 = 12.0;
/// Room that a date's label needs.
const LABEL: f64 = 62.0;

/// Where a fan's values are in the picture.
struct Scale {
    first: Date,
    days: f64,
    highest: f64,
}

impl Scale {
    fn x(&self, date: Date) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * days(self.first, date) / self.days
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / self.highest
    }
}

/// The picture.
pub(crate) fn draw(fan: &Fan) -> String {
    let (Some((first, _)), Some((last, _))) = (fan.points.first(), fan.points.last()) else {
        return String::new();
    };
    let upper = LEVELS.len() - 1;
    let highest = fan
        .points
        .iter()
        .map(|(_, values)| values[upper])
        .chain(fan.observed.iter().map(|(_, value)| *value))
        .fold(0.0, f64::max);
    let ticks = count_ticks(highest);
    let scale = Scale {
        first: *first,
        days: days(*first, *last).max(1.0),
        highest: ticks.last().copied().unwrap_or(1.0),
    };
    let place = fan.population.replace('_', " ");
    let mut svg = format!(
        "<svg class=\"fan\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{0}\">\
         <text class=\"title\" x=\"{LEFT}\" y=\"17\">{0}</text>",
        escape(&place)
    );
    for tick in ticks {
        let y = scale.y(tick);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            short(tick)
        );
    }
    for (date, label) in date_ticks(*first, *last) {
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
            scale.x(date),
            HEIGHT - 7.0
        );
    }
    for (class, low, high) in [("outer", 0, 4), ("inner", 1, 3)] {
        let _ = write!(svg, "<path class=\"{class}\" d=\"");
        outline(&mut svg, fan, &scale, low, high);
        svg.push_str("\"/>");
    }
    svg.push_str("<path class=\"median\" d=\"");
    line(&mut svg, fan.points.iter(), &scale, 2, 'M');
    svg.push_str("\"/>");
    let seen = |date: &Date| (first..=last).contains(&date);
    for (date, value) in fan.observed.iter().filter(|(date, _)| seen(date)) {
        let _ = write!(
            svg,
            "<circle class=\"observed\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.6\"/>",
            scale.x(*date),
            scale.y(*value)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// The outline of the band between two levels.
fn outline(svg: &mut String, fan: &Fan, scale: &Scale, low: usize, high: usize) {
    line(svg, fan.points.iter(), scale, high, 'M');
    line(svg, fan.points.iter().rev(), scale, low, 'L');
    svg.push('Z');
}

fn line<'a>(
    svg: &mut String,
    points: impl Iterator<Item = &'a (Date, [f64; LEVELS.len()])>,
    scale: &Scale,
    level: usize,
    begin: char,
) {
    let mut command = begin;
    for (date, values) in points {
        let _ = write!(
            svg,
            "{command}{:.1} {:.1}",
            scale.x(*date),
            scale.y(values[level])
        );
        command = 'L';
    }
}

fn days(from: Date, to: Date) -> f64 {
    from.until(to)
        .map_or(0.0, |span| f64::from(span.get_days()))
}

/// Ticks from 0 to beyond the highest value, at 1, 2 or 5 times a power of ten.
fn count_ticks(highest: f64) -> Vec<f64> {
    let highest = highest.max(1e-9);
    let rough = highest / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(power);
    let n_steps = (highest / step).ceil() as u32;
    (0..=n_steps).map(|n| f64::from(n) * step).collect()
}

/// A count in few letters: `1.5k`, `20M`.
fn short(value: f64) -> String {
    let (scaled, unit) = match value {
        v if v >= 1e9 => (v / 1e9, "G"),
        v if v >= 1e6 => (v / 1e6, "M"),
        v if v >= 1e4 => (v / 1e3, "k"),
        v => (v, ""),
    };
    let text = format!("{scaled:.2}");
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The first days of months (of every second, third, … where there is no room), or the ends of a
/// short time.
fn date_ticks(first: Date, last: Date) -> Vec<(Date, String)> {
    let fit = ((WIDTH - LEFT - RIGHT) / LABEL) as usize;
    for step in [1, 2, 3, 6, 12, 24, 60] {
        let ticks = months(first, last, step);
        if (2..=fit).contains(&ticks.len()) {
            let format = if step < 12 { "%b %Y" } else { "%Y" };
            return ticks
                .into_iter()
                .map(|date| (date, date.strftime(format).to_string()))
                .collect();
        }
    }
    let label = |date: Date| (date, date.strftime("%-d %b").to_string());
    vec![label(first), label(last)]
}

fn months(first: Date, last: Date, step: i32) -> Vec<Date> {
    let mut ticks = Vec::new();
    let Ok(mut tick) = Date::new(first.year(), 1, 1) else {
        return ticks;
    };
    while tick <= last {
        if tick >= first {
            ticks.push(tick);
        }
        let Ok(next) = tick.checked_add(step.months()) else {
            break;
        };
        tick = next;
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fan_is_drawn_inside_its_picture() {
        let date = |text: &str| text.parse().unwrap();
        let fan = Fan {
            population: "A_<b>".into(),
            points: vec![
                (date("2025-09-06"), [0.0, 1.0, 2.0, 3.0, 1234.0]),
                (date("2026-05-30"), [0.0; 5]),
            ],
            observed: vec![(date("2025-09-13"), 1500.0), (date("2027-01-02"), 1.0)],
        };
        let svg = draw(&fan);
        assert!(svg.contains("A &lt;b&gt;"), "{svg}");
        assert!(svg.contains("Jan 2026"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        // what was observed later than the picture's end isn't in it
        assert_eq!(svg.matches("<circle").count(), 1);
        let open = svg.matches("<text").count();
        assert_eq!(open, svg.matches("</text>").count());
    }

    #[test]
    fn counts_are_short() {
        let shown = [0.0, 250.0, 2500.0, 15_000.0, 2e6].map(short);
        assert_eq!(shown, ["0", "250", "2500", "15k", "2M"]);
        assert_eq!(count_ticks(93.0), [0.0, 50.0, 100.0]);
    }
}
