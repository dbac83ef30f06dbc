"""Time the suite's stages on a sampling experiment.

    python sampling_speed.py FORECAST_REPOSITORY POPULATION_DATA EXPERIMENT TASKS

Builds all tasks, runs some of them and writes outputs of these, all in this process. The first task
is run once before, since numba compiles on its first use. Prints a line of JSON with the seconds of
each stage and whether numba was there.
"""

import json
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from record_calibration import load_population_from


def main():
    """Build, run, write, and print."""
    repository, population, experiment, n_tasks = sys.argv[1:]
    load_population_from(Path(population).resolve())
    os.chdir(repository)
    from epymodelingsuite.config_loader import (
        load_basemodel_config_from_file,
        load_output_config_from_file,
        load_sampling_config_from_file,
    )
    from epymodelingsuite.dispatcher import (
        dispatch_builder,
        dispatch_output_generator,
        dispatch_runner,
    )

    folder = Path("experiments") / experiment / "config"
    output_config = load_output_config_from_file(str(folder / "output.yaml"))
    # Its metadata of simulations fails on compartments whose names aren't of two letters.
    output_config.output.model_meta = None
    start = time.perf_counter()
    tasks = dispatch_builder(
        basemodel_config=load_basemodel_config_from_file(str(folder / "basemodel.yml")),
        sampling_config=load_sampling_config_from_file(str(folder / "modelset.yml")),
    )
    built = time.perf_counter()
    dispatch_runner(tasks[0])
    warm = time.perf_counter()
    results = [dispatch_runner(task) for task in tasks[: int(n_tasks)]]
    ran = time.perf_counter()
    dispatch_output_generator(simulations=results, output_config=output_config)
    written = time.perf_counter()
    print(
        json.dumps(
            {
                "build_seconds": built - start,
                "run_seconds": ran - warm,
                "output_seconds": written - ran,
                "numba": find_spec("numba") is not None,
            }
        )
    )


main()
