"""Record posteriors and projections of the suite, over seeds, for a statistical comparison.

    NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR" \
        python record_posteriors.py FORECAST_REPOSITORY POPULATION_DATA EXPERIMENT \
            PARTICLES GENERATIONS TRAJECTORIES SEED… > recorded.jsonl

Runs in a virtual environment that has epymodelingsuite (and numba, or it takes hours). For every
task and every seed, the calibration and its projection are run as the suite's runner runs them, and
one line of JSON is printed: moments and quantiles of each parameter's weighted posterior, and
quantiles of each projected total on some of its dates.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from record_calibration import builder_outputs, load_population_from

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
EVERY = 6


def weighted_quantiles(values, weights):
    """Smallest values whose cumulative weight reaches each level."""
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    places = np.searchsorted(cumulative, np.array(LEVELS) * cumulative[-1])
    return [float(values[order][place]) for place in places]


def of_posterior(results):
    """Moments and quantiles of each parameter."""
    posterior = results.get_posterior_distribution()
    weights = np.asarray(results.get_weights(), dtype=float)
    weights = weights / weights.sum()
    summary = {}
    for name in posterior:
        values = np.asarray(posterior[name], dtype=float)
        mean = float((weights * values).sum())
        variance = float((weights * (values - mean) ** 2).sum())
        summary[name] = {
            "mean": mean,
            "variance": variance,
            "quantiles": weighted_quantiles(values, weights),
        }
    return summary


def of_projection(results):
    """Quantiles of what the output configuration asks for, every few dates from the end."""
    trajectories = next(iter(results.projections.values()))
    summary = {}
    for name in ("Hosp_total", "Home_sev_to_Hosp_total", "S_total"):
        ends = np.array([np.asarray(t[name])[::-1][::EVERY][:5] for t in trajectories], dtype=float)
        summary[name] = [
            [float(value) for value in np.quantile(ends[:, place], LEVELS)]
            for place in range(ends.shape[1])
        ]
    return summary


def record(output, particles, generations, trajectories, seed):
    """One calibration and its projection."""
    sampler = output.calibrator
    sampler.rng = np.random.default_rng(seed)
    sampler._seed_requested = False
    np.random.seed(seed)
    start = time.perf_counter()
    calibrated = sampler.calibrate(
        strategy="smc", num_particles=particles, num_generations=generations, verbose=False
    )
    posterior = of_posterior(calibrated)
    projected = sampler.run_projections(
        parameters={
            "projection": True,
            "end_date": output.projection.end_date,
            "generation": output.projection.generation_number,
            "epimodel": output.model,
        },
        iterations=trajectories,
    )
    distances = np.asarray(calibrated.get_distances(), dtype=float)
    return {
        "task": output.primary_id,
        "seed": seed,
        "particles": particles,
        "generations": generations,
        "trajectories": trajectories,
        "seconds": round(time.perf_counter() - start, 1),
        "largest_distance": float(distances.max()),
        "posterior": posterior,
        "projection": of_projection(projected),
    }


def main():
    """Print the records of an experiment."""
    repository, population, experiment, particles, generations, trajectories, *seeds = sys.argv[1:]
    load_population_from(Path(population).resolve())
    os.chdir(repository)
    for seed in seeds:
        for output in builder_outputs(repository, experiment):
            counts = int(particles), int(generations), int(trajectories)
            own = 1000 * int(seed) + output.primary_id
            print(json.dumps(record(output, *counts, own)), flush=True)


main()
