"""epydemix's ABCSampler on the small epidemic of crates/engine/tests/epidemic.

Each line: {"strategy": "smc" | "rejection" | "top_fraction", "options": {...}, "seeds": n}. Each answer:
one list of statistics a seed (see `statistics`) of the last generation.
"""

import contextlib
import io
import json
import sys

import numpy as np
from epydemix.calibration import ABCSampler, rmse
from scipy import stats

N, DAYS, P_RECOVER = 1000, 5, 0.2
OBSERVED = np.array([12.0, 41.0, 118.0, 196.0, 172.0, 95.0])
N_SIMULATIONS = 0


def simulate(parameters):
    global N_SIMULATIONS
    N_SIMULATIONS += 1
    rng = parameters["rng"]
    beta, infected = parameters["beta"], int(parameters["infected"])
    susceptible = N - infected
    data = []
    for _ in OBSERVED:
        new = 0
        for _ in range(DAYS):
            infections = rng.binomial(susceptible, 1.0 - np.exp(-beta * infected / N))
            recoveries = rng.binomial(infected, P_RECOVER)
            susceptible -= infections
            infected += infections - recoveries
            new += infections
        data.append(new)
    return {"data": np.array(data, dtype=float)}


def quantile(values, weights, level):
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    return values[order][min(np.searchsorted(cumulative, level), len(values) - 1)]


def statistics(results, n_simulations):
    particles = results.get_posterior_distribution()
    weights = np.asarray(results.get_weights(), dtype=float)
    weights = weights / weights.sum()
    distances = np.asarray(results.get_distances(), dtype=float)
    beta = particles["beta"].to_numpy(dtype=float)
    infected = particles["infected"].to_numpy(dtype=float)
    moments = []
    for values in (beta, infected):
        mean = np.sum(weights * values)
        moments += [mean, np.sum(weights * (values - mean) ** 2)]
    quantiles = [quantile(beta, weights, level) for level in (0.1, 0.5, 0.9)]
    spread = round(1.0 / np.sum(weights**2), 6)  # equal weights are equal but for rounding
    return [*moments, *quantiles, distances.mean(), distances.max(), spread, n_simulations]


for line in sys.stdin:
    case = json.loads(line)
    answer = []
    for seed in range(case["seeds"]):
        priors = {"beta": stats.uniform(0.2, 0.6), "infected": stats.randint(1, 20)}
        sampler = ABCSampler(simulate, priors, {}, OBSERVED, rmse, rng=seed)
        N_SIMULATIONS = 0
        with contextlib.redirect_stdout(io.StringIO()):
            results = sampler.calibrate(strategy=case["strategy"], **case["options"])
        answer.append([float(value) for value in statistics(results, N_SIMULATIONS)])
    print(json.dumps(answer))
