"""Compares a run's artifacts with those of the original pipeline's own scripts.

    python original_scripts.py SCRIPTS REPOSITORY EXPERIMENT RUN_FOLDER POPULATION_DATA

SCRIPTS is the folder of the original's `main_builder.py` and `main_runner.py`. They run as they
are, a process each, but for two things that this machine may lack: the experiments are read from
REPOSITORY instead of `/data/forecast`, and epydemix's populations from POPULATION_DATA instead of
GitHub. Prints one JSON object a line, as `conformance.py` does. For simulations only: what the
original calibrates follows from no seed. `cargo xtask conformance --original` runs this.
"""

import gzip
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

import dill
from compare import Comparison, load_artifact
from conformance import report, use_population_data


def run_script(scripts, script, repository, population_data):
    """Runs one of the scripts in this process."""
    use_population_data(population_data)
    sys.path[:0] = [scripts, repository]
    os.chdir(repository)
    from util import config

    for function in (config.resolve_configs, config.resolve_output_config):
        function.__defaults__ = tuple(
            value.replace("/data/forecast", repository) if isinstance(value, str) else value
            for value in function.__defaults__
        )
    sys.argv = [script]
    runpy.run_path(os.path.join(scripts, script), run_name="__main__")


def stage(script, arguments, folder, experiment, **rest):
    environment = {
        "EXECUTION_MODE": "local",
        "LOCAL_DATA_PATH": folder,
        "EXP_ID": experiment,
        "RUN_ID": "original",
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, __file__, "--script", script, *arguments]
    done = subprocess.run(command, env=os.environ | environment | rest, capture_output=True, text=True)
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip()


def load_original(path):
    return dill.loads(gzip.decompress(path.read_bytes()))


def compare(stage, what, left, ours):
    comparison = Comparison()
    comparison.compare(left, load_artifact(ours), "value")
    report(stage, f"{what} ({comparison.arrays} arrays)", comparison)


def main(scripts, repository, experiment, run_folder, population_data):
    import epymodelingsuite.dispatcher  # noqa: F401  (what was pickled refers to it)

    run_folder = Path(run_folder)
    arguments = [scripts, repository, population_data]
    with tempfile.TemporaryDirectory() as folder:
        theirs = Path(folder, "bucket/pipeline/flu", experiment, "original")
        if failure := stage("main_builder.py", arguments, folder, experiment):
            return report("A", "original builder", values=1, different=[failure[-2000:]])
        inputs = sorted(theirs.glob("builder-artifacts/input_*.pkl.gz"))
        for index, path in enumerate(inputs):
            ours = run_folder / "builder-artifacts" / path.name
            compare("A", f"original input {index}", load_original(path), ours)
            failure = stage("main_runner.py", arguments, folder, experiment, TASK_INDEX=str(index))
            name = f"runner-artifacts/result_{index:05d}.pkl.gz"
            if failure:
                both = not (run_folder / name).exists()
                last = failure.splitlines()[-1]
                different = [] if both else [f"only the original fails: {last}"]
                report("B", f"original result {index}", values=1, different=different, fails=last)
            else:
                compare("B", f"original result {index}", load_original(theirs / name), run_folder / name)


if __name__ == "__main__":
    if sys.argv[1] == "--script":
        _, _, script, scripts, repository, population_data = sys.argv
        run_script(scripts, script, repository, population_data)
    else:
        main(*map(os.path.abspath, sys.argv[1:3]), sys.argv[3], *map(os.path.abspath, sys.argv[4:6]))
