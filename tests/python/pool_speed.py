"""Twenty tasks of two seconds on two cores, beside the original's loop, which runs one after the other.

    python pool_speed.py EPYCLOUD --original DIR [--workers N]

Run by the python of an environment that has epydemix, cloudpickle and dill. EPYCLOUD is `epycloud`
with the feature `python`, built with `--release`; DIR the folder of the original's
`main_runner.py`. The tests' small suite does the modelling on both sides, from the same inputs.
Prints a JSON object a line.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from overhead import HERE, TO_DILL

TASKS, SECONDS = 20, 2.0
# Simulations by which it is found how many take so long.
TRIED = 40

BASE_MODEL = """
model:
  random_seed: 42
  population: {{name: Testland}}
  n_sims: {n_sims}
  timespan: {{start_date: 2025-01-01, end_date: 2025-12-31}}
  parameters: {{beta: 0.3, gamma: 0.1}}
"""
MODEL_SET = f"""
modelset: {{sampling: {{n_samples: {TASKS}, parameter: beta, low: 0.2, high: 0.4}}}}
"""

# Says how many seconds the simulations of a model take, the second time.
TRY = """
import sys, time
from epymodelingsuite import config_loader, dispatcher
task = dispatcher.dispatch_builder(basemodel_config=config_loader.load_basemodel_config_from_file(sys.argv[1]))
for _ in range(2):
    begin = time.perf_counter()
    dispatcher.dispatch_runner(task)
print(time.perf_counter() - begin)
"""


def report(what, figure, unit, **target):
    print(json.dumps({"what": what, "figure": figure, "unit": unit, **target}), flush=True)


def run(command, environment):
    """What a program says, and how long it takes."""
    begin = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout, seconds


def main(options):
    environment = {"PATH": os.environ["PATH"], "MPLBACKEND": "Agg", "PYTHONPATH": str(HERE / "suite")}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "experiments/twenty/config")
        config.mkdir(parents=True)
        (config / "modelset.yaml").write_text(MODEL_SET)
        (config / "output.yaml").write_text("output: {}\n")
        base_model = config / "basemodel.yaml"
        base_model.write_text(BASE_MODEL.format(n_sims=TRIED))
        took = float(run([sys.executable, "-c", TRY, str(base_model)], environment)[0].split()[-1])
        base_model.write_text(BASE_MODEL.format(n_sims=round(TRIED * SECONDS / took)))
        compare(options, folder, environment)


def compare(options, folder, environment):
    ours = environment | {"EPYCLOUD_ENGINE": "python", "EPYCLOUD_PYTHON": sys.executable}
    job = [options.epycloud, "--quiet", "run", "job", "--local", "--exp-id", "twenty", "--run-id", "ours"]
    job += ["--project-directory", folder, "--stage"]
    run([*job, "A"], ours)
    inputs = Path(folder, "local/bucket/pipeline/flu/twenty/ours/builder-artifacts")
    theirs = Path(folder, "original/bucket/pipeline/flu/twenty/original/builder-artifacts")
    theirs.mkdir(parents=True)
    for path in inputs.glob("input_*.pkl.gz"):
        run([sys.executable, "-c", TO_DILL, str(path), str(theirs / path.name)], environment)
    original = environment | {
        "EXECUTION_MODE": "local",
        "LOCAL_DATA_PATH": str(Path(folder, "original")),
        "EXP_ID": "twenty",
        "RUN_ID": "original",
        "LOG_LEVEL": "WARNING",
    }
    script = [sys.executable, str(options.original / "main_runner.py")]
    loop = sum(run(script, original | {"TASK_INDEX": str(index)})[1] for index in range(TASKS))
    workers = str(options.workers)
    _, pool = run([*job, "B", "--tasks", f"0-{TASKS - 1}", "--jobs", workers], ours)
    report(f"{TASKS} tasks of {SECONDS:.0f} s, the original's loop", loop, "s")
    report(f"{TASKS} tasks of {SECONDS:.0f} s, {workers} workers", pool, "s")
    report("of the original's loop", loop / pool, "times", at_least=2.5)


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("epycloud")
    parser.add_argument("--original", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main(options())
