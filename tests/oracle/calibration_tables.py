"""Quantiles, rate trends, shares and samples of made-up calibrations, by epydemix and pandas.

Reads from standard input a JSON object with `dates`, `reference_date`, `levels`, `seed`, `people`,
`observed` and `columns` (name -> trajectories); writes one with what the tables must have.
"""

import json
import sys

import numpy as np
import pandas as pd
from epydemix.calibration import CalibrationResults

THRESHOLDS = [(0.3, 1.7), (0.5, 3.0), (0.7, 4.0), (1.0, 5.0)]


def category(rate, count, horizon):
    stable, large = THRESHOLDS[horizon]
    if abs(rate) < stable or abs(count) < 10:
        return "stable"
    size = "large_" if abs(rate) >= large else ""
    return size + ("increase" if rate > 0 else "decrease")


def main():
    given = json.load(sys.stdin)
    dates = pd.to_datetime(given["dates"])
    n = len(next(iter(given["columns"].values())))
    simulations = [
        {"date": dates, **{name: np.array(rows[i]) for name, rows in given["columns"].items()}} for i in range(n)
    ]
    results = CalibrationResults(projections={"baseline": simulations})
    quantiles = results.get_projection_quantiles(dates=dates, quantiles=given["levels"], ignore_nan=True)
    table = quantiles.to_csv(index=False, date_format="%Y-%m-%d")

    reference = pd.Timestamp(given["reference_date"])
    horizons = range(-1, 4)
    ends = [reference + pd.Timedelta(weeks=h) for h in horizons]
    wanted = quantiles[quantiles.date.isin(ends)]
    hub = [
        [str(q), int((d - reference).days // 7), float(max(v, 0))]
        for q, d, v in zip(wanted["quantile"], wanted["date"], wanted["hospitalizations"].round())
    ]

    matrix = np.array([s["hospitalizations"] for s in simulations])[:, [dates.get_loc(e) for e in ends]]
    trends = {}
    for horizon in range(4):
        values = matrix[:, horizon + 1]
        rates = (100000 / given["people"]) * values - 100000 * given["observed"] / given["people"]
        found = [category(r, c, horizon) for r, c in zip(rates, values - given["observed"])]
        for name in ("large_decrease", "decrease", "stable", "increase", "large_increase"):
            trends[f"{horizon} {name}"] = found.count(name) / n

    rng = np.random.default_rng(given["seed"])
    picked = np.sort(rng.choice(n, size=given["n_samples"], replace=False)) if n > given["n_samples"] else np.arange(n)
    samples = np.rint(matrix[picked]).astype(float).tolist()
    json.dump({"table": table, "hub": hub, "trends": trends, "samples": samples}, sys.stdout)


main()
