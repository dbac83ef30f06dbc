"""Writes a run's artifacts as the original pipeline does: bare dill pickles, no manifest.

    python original.py REPOSITORY EXPERIMENT RUN_FOLDER

All inputs, and the result of the last task.
"""

import gzip
import os
import sys
from pathlib import Path

import dill
from conformance import build, load_configs, run


def save(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(dill.dumps(value)))


def main(repository, experiment, run_folder):
    os.chdir(repository)
    sys.path.insert(0, repository)
    tasks, _ = build(load_configs(Path("experiments", experiment, "config")))
    for index, task in enumerate(tasks):
        save(Path(run_folder, f"builder-artifacts/input_{index:05d}.pkl.gz"), task)
    result, _ = run(tasks[-1])
    save(Path(run_folder, f"runner-artifacts/result_{len(tasks) - 1:05d}.pkl.gz"), result)


if __name__ == "__main__":
    main(*sys.argv[1:])
