"""How fast 100 MB of results are stored, beside the original's `gzip.compress`.

    python saving.py DISPATCHER [MEGABYTES]

Run by a Python with the packages of `tests/oracle/requirements.txt`; DISPATCHER is
`epycloud-dispatcher` with the feature `python`, built with `--release`. A task of the tests' small
suite returns counts of that size (`functions.large`), made once in a worker; what is measured is the
worker's time for it less that for a small result. The original takes `dill.dumps` and
`gzip.compress` for the same object; of these the processor's time counts, which is the least that
they can take. Prints a JSON object a line.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import dill
import numpy as np

HERE = Path(__file__).absolute().parent
LARGE = """
import numpy as np
from epymodelingsuite.dispatcher import runner

SIZES = {0: 1, 1: MEGABYTES}
MADE = {}


def counts(megabytes):
    rng = np.random.default_rng(7)
    steps = rng.poisson(40, (megabytes * 125, 1000)) - 39
    return np.cumsum(steps, axis=1).astype(float)


def run(number):
    # As a simulation's results: whole numbers that change little from day to day.
    if number not in MADE:
        MADE[number] = counts(SIZES[number])
    large = MADE[number]
    simulate = runner._simulate

    def with_counts(*arguments):
        runner._simulate = simulate
        output = simulate(*arguments)
        output.results = large
        return output

    runner._simulate = with_counts
"""


def main(dispatcher, megabytes="100"):
    code = LARGE.replace("MEGABYTES", megabytes)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        config = folder / "forecast/experiments/e/config"
        config.mkdir(parents=True)
        (folder / "forecast/functions").mkdir()
        (folder / "forecast/functions/large.py").write_text(code)
        (config / "basemodel.yaml").write_text(
            "model:\n  random_seed: 42\n  population: {name: Testland}\n"
            "  timespan: {start_date: 2025-01-01, end_date: 2025-01-05}\n"
            "  parameters: {beta: 0.3, gamma: 0.1}\n  behaviour: functions.large.run\n"
        )
        (config / "modelset.yaml").write_text(
            "modelset: {sampling: {n_samples: 2, parameter: beta, low: 0.2, high: 0.4}}\n"
        )
        (config / "output.yaml").write_text("output: {}\n")
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE / "suite"),
            "EXECUTION_MODE": "local",
            "EPYCLOUD_ENGINE": "python",
            "EPYCLOUD_PYTHON": sys.executable,
            "LOCAL_DATA_PATH": str(folder),
            "EXP_ID": "e",
            "RUN_ID": "r",
            "LOG_LEVEL": "WARNING",
        }
        subprocess.run([dispatcher], env=environment | {"STAGE": "A"}, check=True)
        tasks = [0, 0, 0, 1, 1, 1, 1]
        done = subprocess.run(
            [dispatcher, "worker"],
            env=environment,
            input="".join(f'{{"type":"run","task":{task}}}\n' for task in tasks),
            capture_output=True,
            text=True,
            check=True,
        )
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        seconds = [answer["duration_secs"] for answer in answers if answer["type"] == "done"]
        stored = [answer["bytes"] for answer in answers if answer["type"] == "done"]
    namespace = {}
    exec(code.split("def run(")[0].replace("from epymodelingsuite.dispatcher import runner", ""), namespace)
    counts = namespace["counts"](int(megabytes))
    # The first of each makes its counts.
    ours = min(seconds[4:]) - min(seconds[1:3])
    begin = time.process_time()
    compressed = gzip.compress(dill.dumps(counts))
    original = time.process_time() - begin
    for what, seconds, size in (
        ("ours: pickled, hashed, compressed, flushed to disk", ours, stored[-1]),
        ("the original: dill.dumps, gzip.compress (processor)", original, len(compressed)),
    ):
        report(what, seconds, "s")
        report("    its size", size / 1e6, "MB")
    report("times as fast", original / ours, "", at_least=20)


def report(what, figure, unit, **target):
    print(json.dumps({"what": what, "figure": figure, "unit": unit, **target}))


if __name__ == "__main__":
    main(*sys.argv[1:])
