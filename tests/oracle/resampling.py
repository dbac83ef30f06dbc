"""Resamples steps with pandas, for comparison with the native engine.

    resampling.py < cases.json > answers.json     rows of each case
    resampling.py --record > crates/engine/tests/recorded/resampling.json

A case is [first day, last day, step in days, frequency]; a row is [instant in nanoseconds, last
step up to it, number of steps in it].
"""

import json
import os
import sys
import warnings

os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL AVX512_SPR")

import numpy as np
import pandas as pd
from epydemix.utils.utils import compute_simulation_dates

warnings.simplefilter("ignore")

RECORDED = [
    [first, last, delta_t, frequency]
    for first, last, delta_t in [
        ("2024-02-03", "2024-04-06", 1.0),
        ("2024-05-31", "2024-06-30", 0.3),
        ("2023-12-30", "2025-01-01", 7.0),
    ]
    for frequency in "D 3D W W-SAT 2W-WED ME 2ME MS 2MS QE QE-NOV QS QS-FEB YE YS-JUL B 3B 36h".split()
]


def rows(first, last, delta_t, frequency):
    dates = compute_simulation_dates(first, last, dt=delta_t)
    steps = pd.DataFrame({"step": np.arange(len(dates)), "n": 1}, index=dates)
    # What epydemix does, and what it would do with fewer dates than pandas can judge.
    if len(dates) < 3 or pd.infer_freq(dates) != frequency:
        resampler = steps.resample(frequency)
        last_step = resampler["step"].agg("last").ffill()
        n_steps = resampler["n"].agg("sum").fillna(0)
        steps = pd.DataFrame({"step": last_step, "n": n_steps})
    instants = steps.index.values.astype("datetime64[ns]").astype(np.int64)
    return [[int(i), int(s), int(n)] for i, s, n in zip(instants, steps["step"], steps["n"])]


if __name__ == "__main__":
    if sys.argv[1:] == ["--record"]:
        lines = [json.dumps({"case": case, "rows": rows(*case)}) for case in RECORDED]
        print("[\n" + ",\n".join(lines) + "\n]")
    else:
        json.dump([rows(*case) for case in json.load(sys.stdin)], sys.stdout)
