"""Record what the suite simulates for given parameters of a calibration.

    NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR" \
        python record_calibration.py FORECAST_REPOSITORY POPULATION_DATA EXPERIMENT > recorded.json

Runs in a virtual environment that has epymodelingsuite. For each task and some parameters from the
priors, the simulation function that the suite's builder makes is called with a stream of a known
seed, once for comparison with the observations and once as a projection.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

FRACTIONS = (0.02, 0.25, 0.5, 0.97)


def load_population_from(folder):
    """Have epydemix read populations from a folder in epydemix-data's layout."""
    import epydemix.population.population as population
    import epymodelingsuite.builders.base as base

    original = population.load_epydemix_population

    def load(*args, **kwargs):
        kwargs["path_to_data"] = str(folder)
        return original(*args, **kwargs)

    base.load_epydemix_population = load


def builder_outputs(repository, experiment):
    """Build the tasks of an experiment."""
    from epymodelingsuite.config_loader import (
        load_basemodel_config_from_file,
        load_calibration_config_from_file,
    )
    from epymodelingsuite.dispatcher import dispatch_builder

    folder = Path("experiments") / experiment / "config"
    return dispatch_builder(
        basemodel_config=load_basemodel_config_from_file(str(folder / "basemodel.yml")),
        calibration_config=load_calibration_config_from_file(str(folder / "modelset.yml")),
    )


def record(output, fraction, seed):
    """One simulation with parameters at a quantile of their priors."""
    sampler = output.calibrator
    drawn = {name: float(prior.ppf(fraction)) for name, prior in sampler.priors.items()}
    as_used = {
        name: int(value) if name == "start_date" else value for name, value in drawn.items()
    }
    state = np.random.default_rng(seed).bit_generator.state
    params = {**sampler.parameters, **as_used, "random_state": state}
    compared = sampler.simulation_function(dict(params))
    projected = sampler.simulation_function(
        {
            **params,
            "projection": True,
            "end_date": output.projection.end_date,
        }
    )
    return {
        "task": output.primary_id,
        "seed": seed,
        "parameters": list(drawn.values()),
        "names": list(drawn),
        "data": [float(value) for value in compared["data"]],
        "distance": float(sampler.distance_function(sampler.observed_data, compared)),
        "projection_sums": {
            key: float(np.sum(values))
            for key, values in sorted(projected.items())
            if key != "date" and key.endswith("_total")
        },
        "projection_rows": len(projected["date"]),
    }


def main():
    """Print the records of an experiment."""
    repository, population, experiment = sys.argv[1:]
    load_population_from(Path(population).resolve())
    os.chdir(repository)
    outputs = builder_outputs(repository, experiment)
    records = [
        record(output, fraction, seed)
        for output in outputs
        for seed, fraction in enumerate(FRACTIONS, start=11)
    ]
    json.dump(records, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
