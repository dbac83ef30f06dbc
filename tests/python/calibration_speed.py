"""Time the suite's calibration of an experiment's first task.

    python calibration_speed.py FORECAST_REPOSITORY POPULATION_DATA EXPERIMENT PARTICLES THRESHOLD…

Prints a line of JSON: the seconds it took, the simulations it made, whether numba was there, and the
posterior's weighted means and variances.
"""

import json
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from record_calibration import builder_outputs, load_population_from


def main():
    """Calibrate and print."""
    repository, population, experiment, particles, *thresholds = sys.argv[1:]
    load_population_from(Path(population).resolve())
    os.chdir(repository)
    sampler = builder_outputs(repository, experiment)[0].calibrator
    simulate = sampler.simulation_function
    simulations = 0

    def counted(params):
        nonlocal simulations
        simulations += 1
        return simulate(params)

    sampler.simulation_function = counted
    start = time.perf_counter()
    results = sampler.calibrate(
        strategy="smc",
        num_particles=int(particles),
        num_generations=len(thresholds),
        epsilon_schedule=[float(threshold) for threshold in thresholds],
        verbose=False,
    )
    seconds = time.perf_counter() - start
    posterior = results.get_posterior_distribution()
    weights = np.asarray(results.get_weights())
    weights = weights / weights.sum()
    means = {name: float((posterior[name] * weights).sum()) for name in posterior}
    variances = {
        name: float((weights * (posterior[name] - means[name]) ** 2).sum()) for name in posterior
    }
    print(
        json.dumps(
            {
                "seconds": seconds,
                "simulations": simulations,
                "numba": find_spec("numba") is not None,
                "means": means,
                "variances": variances,
            }
        )
    )


main()
