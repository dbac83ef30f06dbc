"""What stage B costs besides the suite's own time, beside the original pipeline's scripts.

    python overhead.py DISPATCHER ORIGINAL_SCRIPTS SHARED_DATA [REPEATS]

Run by the python of an environment that has epymodelingsuite, cloudpickle and dill. DISPATCHER is
`epycloud-dispatcher` with the feature `python`, built with `--release`; ORIGINAL_SCRIPTS the folder
of the original's `main_runner.py`. Every kind of process runs REPEATS times in turn, and medians
are compared:

- cold: a process for one task, minus a bare Python process that imports the same modules and calls
  `dispatch_runner` on the same task;
- warm: a task of a worker that has run one before, minus the call of `dispatch_runner`.

The task is `basic-standalone` with one trajectory of ten days.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = """
import gzip, pickle, sys, time
import numpy, pandas, epydemix
from epymodelingsuite import config_loader, dispatcher, telemetry
import cloudpickle
with gzip.open(sys.argv[1]) as file:
    payload = pickle.load(file)["payload"]
calls = []
for _ in range(int(sys.argv[2])):
    task = pickle.loads(payload)
    with telemetry.ExecutionTelemetry():
        begin = time.perf_counter()
        dispatcher.dispatch_runner(task)
        calls.append(time.perf_counter() - begin)
print(calls)
"""

TO_DILL = """
import dill, gzip, pickle, sys
with gzip.open(sys.argv[1]) as file:
    payload = pickle.load(file)["payload"]
open(sys.argv[2], "wb").write(gzip.compress(dill.dumps(pickle.loads(payload))))
"""


def timed(command, environment):
    begin = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stdout}{done.stderr}")
    return seconds, done.stdout


def write_experiment(folder, shared):
    """A forecast repository with the small experiment, and the data that it reads."""
    config = folder / "forecast/experiments/small/config"
    config.mkdir(parents=True)
    source = shared / "forecast/experiments/basic-standalone/config"
    (folder / "forecast/data").symlink_to(shared / "forecast/data")
    text = (source / "basemodel.yml").read_text()
    text = text.replace('end_date: "2025-08-05"', 'end_date: "2024-08-15"')
    text = re.sub(r"n_sims: \d+", "n_sims: 1", text)
    (config / "basemodel.yml").write_text(text)
    (config / "output.yaml").write_text((source / "output.yaml").read_text())


def worker_times(dispatcher, environment, n):
    """How long each task took in one worker, the first left out."""
    done = subprocess.run(
        [dispatcher, "worker"],
        env=environment,
        input='{"type":"run","task":0}\n' * (n + 1),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [answer["duration_secs"] for answer in answers if answer["type"] == "done"][1:]


def main(dispatcher, original, shared, repeats="10"):
    repeats = int(repeats)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write_experiment(folder, Path(shared))
        base = {"PATH": os.environ["PATH"], "MPLBACKEND": "Agg", "EXECUTION_MODE": "local"}
        common = base | {
            "LOCAL_DATA_PATH": str(folder),
            "EXP_ID": "small",
            "TASK_INDEX": "0",
            "LOG_LEVEL": "WARNING",
            "STORAGE_VERBOSE": "false",
        }
        theirs = common | {"RUN_ID": "theirs"}
        ours = common | {
            "RUN_ID": "ours",
            "EPYCLOUD_ENGINE": "python",
            "EPYCLOUD_PYTHON": sys.executable,
            "EPYCLOUD_POPULATION_DATA": str(Path(shared) / "epydemix-data"),
        }
        timed([dispatcher], ours | {"STAGE": "A"})
        runs = folder / "bucket/pipeline/flu/small"
        name = "builder-artifacts/input_00000.pkl.gz"
        (runs / "theirs" / name).parent.mkdir(parents=True)
        task = str(runs / "ours" / name)
        timed([sys.executable, "-c", TO_DILL, task, str(runs / "theirs" / name)], base)
        script = str(Path(original) / "main_runner.py")
        cold = {"bare": [], "ours": [], "original": []}
        for _ in range(repeats + 1):
            cold["bare"].append(timed([sys.executable, "-c", BARE, task, "1"], base)[0])
            cold["ours"].append(timed([dispatcher], ours | {"STAGE": "B"})[0])
            cold["original"].append(timed([sys.executable, script], theirs)[0])
        # The first of each fills the caches.
        medians = {kind: 1e3 * statistics.median(times[1:]) for kind, times in cold.items()}
        calls = json.loads(timed([sys.executable, "-c", BARE, task, str(10 * repeats)], base)[1])
        warm = worker_times(dispatcher, ours, 10 * repeats)
        call, worker = (1e3 * statistics.median(times[1:]) for times in (calls, warm))
    print(f"bare Python: {medians['bare']:.1f} ms, of which dispatch_runner {call:.1f} ms")
    for kind in ("ours", "original"):
        print(f"cold, {kind}: {medians[kind] - medians['bare']:+.1f} ms (target of ours: 60)")
    print(f"warm, ours: {worker - call:+.1f} ms (target: 5)")


if __name__ == "__main__":
    main(*sys.argv[1:])
