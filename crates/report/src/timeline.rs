//! When each attempt ran, and where: a lane for each worker.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use epycloud_orchestrator::record::{Attempt, Outcome};
use jiff::Timestamp;

use crate::gather::RunData;
use crate::text::{escape, seconds};

const WIDTH: f64 = 1000.0;
const LANE: f64 = 16.0;
const GAP: f64 = 4.0;
const AXIS: f64 = 22.0;
/// Lanes that are drawn; a worker that comes after another has ended takes its lane.
const MOST_LANES: usize = 64;
/// Narrower bars can't be seen, in units of the picture.
const NARROWEST: f64 = 1.2;

/// An attempt's place in time, in seconds since the first.
struct Bar<'a> {
    attempt: &'a Attempt,
    start: f64,
    end: f64,
}

/// The picture; nothing where nothing ran.
pub(crate) fn draw(data: &RunData) -> Option<String> {
    let bars = bars(&data.attempts);
    let last = bars.iter().map(|bar| bar.end).fold(0.0, f64::max);
    if bars.is_empty() || last <= 0.0 {
        return None;
    }
    let (lanes, n_lanes) = lanes(&bars);
    let height = n_lanes as f64 * (LANE + GAP) + AXIS;
    let mut svg = format!(
        "<svg class=\"timeline\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"when each attempt ran\">"
    );
    for tick in ticks(last) {
        let x = WIDTH * tick / last;
        let anchor = match tick {
            0.0 => "start",
            t if t > last * 0.95 => "end",
            _ => "middle",
        };
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{:.1}\"/>\
             <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            height - AXIS,
            height - 5.0,
            label(tick)
        );
    }
    for (bar, lane) in bars.iter().zip(lanes) {
        draw_bar(&mut svg, bar, lane, last);
    }
    svg.push_str("</svg>");
    Some(svg)
}

fn draw_bar(svg: &mut String, bar: &Bar<'_>, lane: usize, last: f64) {
    let attempt = bar.attempt;
    let class = match attempt.outcome {
        Outcome::Done => "done",
        Outcome::Stopped => "waiting",
        _ => "failed",
    };
    let width = (WIDTH * (bar.end - bar.start) / last).max(NARROWEST);
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{LANE}\">\
         <title>task {}, attempt {}: {}, {} on {}</title></rect>",
        (WIDTH * bar.start / last).min(WIDTH - NARROWEST),
        lane as f64 * (LANE + GAP),
        attempt.task,
        attempt.number,
        attempt.outcome,
        seconds(attempt.duration_secs),
        escape(&attempt.worker)
    );
}

/// The attempts in time. The time between sessions, when nobody was at work, is left out.
fn bars(attempts: &[Attempt]) -> Vec<Bar<'_>> {
    let mut times: Vec<(f64, &Attempt)> = attempts
        .iter()
        .filter_map(|attempt| {
            let started: Timestamp = attempt.started.parse().ok()?;
            Some((started.as_millisecond() as f64 / 1000.0, attempt))
        })
        .collect();
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut bars: Vec<Bar<'_>> = Vec::with_capacity(times.len());
    let (mut skipped, mut latest) = (times.first().map_or(0.0, |(time, _)| *time), 0.0_f64);
    for (time, attempt) in times {
        let mut start = time - skipped;
        let idle = (latest * 0.05).max(30.0);
        if start > latest + idle {
            skipped += start - latest - idle;
            start = latest + idle;
        }
        let end = start + attempt.duration_secs;
        latest = latest.max(end);
        bars.push(Bar {
            attempt,
            start,
            end,
        });
    }
    bars
}

/// Each bar's lane, and how many lanes there are.
fn lanes(bars: &[Bar<'_>]) -> (Vec<usize>, usize) {
    let mut of_worker: BTreeMap<&str, usize> = BTreeMap::new();
    let mut free_from: Vec<f64> = Vec::new();
    let mut lanes = Vec::with_capacity(bars.len());
    for bar in bars {
        // Starts are known to the millisecond.
        let is_free = |lane: usize| free_from[lane] <= bar.start + 0.005;
        let own = of_worker.get(bar.attempt.worker.as_str()).copied();
        let lane = own
            .filter(|lane| is_free(*lane))
            .or_else(|| (0..free_from.len()).find(|lane| is_free(*lane)))
            .unwrap_or_else(|| {
                if free_from.len() < MOST_LANES {
                    free_from.push(0.0);
                }
                free_from.len() - 1
            });
        free_from[lane] = free_from[lane].max(bar.end);
        of_worker.insert(&bar.attempt.worker, lane);
        lanes.push(lane);
    }
    (lanes, free_from.len())
}

/// About six round times up to the last.
fn ticks(last: f64) -> Vec<f64> {
    const STEPS: [f64; 21] = [
        0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0,
        3600.0, 7200.0, 14400.0, 43200.0, 86400.0, 604_800.0,
    ];
    let step = STEPS
        .into_iter()
        .find(|step| last / step <= 7.0)
        .unwrap_or(last);
    let n_ticks = (last / step).floor() as u32;
    (0..=n_ticks).map(|n| f64::from(n) * step).collect()
}

fn label(seconds: f64) -> String {
    match seconds {
        0.0 => "0".to_owned(),
        s if s < 1.0 => format!("{s:.1} s"),
        s if s < 60.0 => format!("{s:.0} s"),
        s if s < 3600.0 && s % 60.0 != 0.0 => {
            format!("{:.0} min {:.0} s", (s / 60.0).floor(), s % 60.0)
        }
        s if s < 3600.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0).replace(".0 h", " h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_ticks_look_alike() {
        for last in [0.3, 80.0, 130.0, 4000.0, 20_000.0, 1e5] {
            let labels: Vec<String> = ticks(last).into_iter().map(label).collect();
            let all: std::collections::BTreeSet<&String> = labels.iter().collect();
            assert_eq!(all.len(), labels.len(), "{labels:?}");
        }
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(2.0), [0.0, 0.5, 1.0, 1.5, 2.0]);
        for last in [0.01, 0.3, 59.0, 4000.0, 1e6] {
            assert!(ticks(last).len() <= 8, "{last}: {:?}", ticks(last));
        }
    }
}
