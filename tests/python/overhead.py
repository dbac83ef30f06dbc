"""What stage B costs besides the suite's own time, beside the original pipeline's scripts.

    python overhead.py DISPATCHER [--shared DIR] [--original DIR] [--repeats N]

Run by the python of an environment that has epydemix, cloudpickle and dill. DISPATCHER is
`epycloud-dispatcher` with the feature `python`, built with `--release`. With `--shared`, a folder
of experiments, the environment's own epymodelingsuite runs `basic-standalone` with one trajectory
of ten days; without, the tests' small suite runs a simulation of its own. With `--original`, the
folder of the original's `main_runner.py`, that runs the same task too.

- cold: a process for one task, minus a bare Python process that imports the same modules, reads the
  same task and calls `dispatch_runner` on it;
- warm: from asking a worker that has run some before until it answers, minus a call of
  `dispatch_runner` in a Python process that has too.

The kinds take turns, and medians of the differences within a turn count. Processor time is what a
busy machine changes least. Prints a JSON object a line.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).absolute().parent
# Where files are flushed to nothing, so that what is measured isn't the disk.
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None
# The first turns of warm processes.
UNCOUNTED = 10
TICKS = os.sysconf("SC_CLK_TCK")

# Runs the task as often as it is asked to, and answers with the seconds of the call.
BARE = """
import gzip, os, pickle, sys, time
import numpy, pandas, epydemix
from epymodelingsuite import config_loader, dispatcher, telemetry
import cloudpickle
with gzip.open(sys.argv[1]) as file:
    payload = pickle.load(file)["payload"]
for _ in sys.stdin:
    task = pickle.loads(payload)
    with telemetry.ExecutionTelemetry():
        begin = time.perf_counter()
        dispatcher.dispatch_runner(task)
        print("seconds", time.perf_counter() - begin, flush=True)
# As ours does: tidying up takes Python longer than anything that is measured here.
os._exit(0)
"""

TO_DILL = """
import dill, gzip, pickle, sys
with gzip.open(sys.argv[1]) as file:
    payload = pickle.load(file)["payload"]
open(sys.argv[2], "wb").write(gzip.compress(dill.dumps(pickle.loads(payload))))
"""


def cold(command, environment):
    """Seconds on the clock and of the processor that a process takes."""
    before, begin = os.times(), time.perf_counter()
    done = subprocess.run(command, env=environment, input="\n", capture_output=True, text=True)
    seconds, after = time.perf_counter() - begin, os.times()
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stdout}{done.stderr}")
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, used


class Warm:
    """A process that runs the task whenever it is asked to; what `answer` makes of its lines counts."""

    def __init__(self, command, environment, request, answer):
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._request, self._answer = request, answer

    def run(self):
        """Runs the task once."""
        self._process.stdin.write(self._request)
        self._process.stdin.flush()
        for line in self._process.stdout:
            if (answer := self._answer(line)) is not None:
                return answer
        sys.exit(f"{self._process.args} ended with {self._process.wait()}")

    def processor_seconds(self):
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def end(self):
        self._process.communicate()


def is_done(line):
    answer = json.loads(line)
    if answer["type"] in ("failed", "refused"):
        sys.exit(line)
    return time.perf_counter() if answer["type"] == "done" else None


def seconds_of_call(line):
    return float(line.split()[1]) if line.startswith("seconds ") else None


def write_experiment(folder, shared):
    """A forecast repository with the small experiment, and the data that it reads."""
    config = folder / "forecast/experiments/small/config"
    config.mkdir(parents=True)
    if shared is None:
        (config / "basemodel.yaml").write_text(
            "model:\n  random_seed: 42\n  population: {name: Testland}\n  n_sims: 1\n"
            "  timespan: {start_date: 2025-01-01, end_date: 2025-01-10}\n"
            "  parameters: {beta: 0.3, gamma: 0.1}\n"
        )
        (config / "output.yaml").write_text("output: {}\n")
        return
    source = shared / "forecast/experiments/basic-standalone/config"
    (folder / "forecast/data").symlink_to(shared / "forecast/data")
    text = (source / "basemodel.yml").read_text()
    text = text.replace('end_date: "2025-08-05"', 'end_date: "2024-08-15"')
    text = re.sub(r"n_sims: \d+", "n_sims: 1", text)
    (config / "basemodel.yml").write_text(text)
    (config / "output.yaml").write_text((source / "output.yaml").read_text())


def report(what, seconds, target=None):
    print(json.dumps({"what": what, "figure": 1e3 * seconds, "unit": "ms", "at_most": target}), flush=True)


class Place:
    """A folder with the experiment, built."""

    def __init__(self, options, folder):
        self.folder = Path(folder)
        write_experiment(self.folder, options.shared)
        self.base = {"PATH": os.environ["PATH"], "MPLBACKEND": "Agg", "EXECUTION_MODE": "local"}
        if options.shared is None:
            self.base["PYTHONPATH"] = str(HERE / "suite")
        self.common = self.base | {
            "LOCAL_DATA_PATH": str(folder),
            "EXP_ID": "small",
            "TASK_INDEX": "0",
            "LOG_LEVEL": "WARNING",
            "STORAGE_VERBOSE": "false",
        }
        self.ours = self.common | {
            "RUN_ID": "ours",
            "EPYCLOUD_ENGINE": "python",
            "EPYCLOUD_PYTHON": sys.executable,
        }
        if options.shared:
            self.ours["EPYCLOUD_POPULATION_DATA"] = str(options.shared / "epydemix-data")
        cold([options.dispatcher], self.ours | {"STAGE": "A"})
        self.bare = [sys.executable, "-c", BARE, str(self.task("ours"))]

    def task(self, run):
        return self.folder / "bucket/pipeline/flu/small" / run / "builder-artifacts/input_00000.pkl.gz"

    def worker(self, dispatcher):
        return Warm([dispatcher, "worker"], self.ours, '{"type":"run","task":0}\n', is_done)


def main(options):
    with tempfile.TemporaryDirectory() as disk, tempfile.TemporaryDirectory(dir=MEMORY) as memory:
        place = Place(options, disk)
        kinds = {"ours": ([options.dispatcher], place.ours | {"STAGE": "B"})}
        if options.original:
            task = place.task("original")
            task.parent.mkdir(parents=True)
            cold([sys.executable, "-c", TO_DILL, str(place.task("ours")), str(task)], place.base)
            script = str(options.original / "main_runner.py")
            kinds["original"] = ([sys.executable, script], place.common | {"RUN_ID": "original"})
        compare_cold(place, kinds, options.repeats)
        workers = {"flushed to disk": place.worker(options.dispatcher)}
        if MEMORY:
            workers["in memory"] = Place(options, memory).worker(options.dispatcher)
        bare = Warm(place.bare, place.base, "\n", seconds_of_call)
        compare_warm(workers, bare, 10 * options.repeats)


def compare_cold(place, kinds, repeats):
    times = {"bare": []} | {kind: [] for kind in kinds}
    for _ in range(repeats + 1):
        times["bare"].append(cold(place.bare, place.base))
        for kind, (command, environment) in kinds.items():
            times[kind].append(cold(command, environment))

    def median(kind, number, less="bare"):
        # The first turn fills the caches.
        pairs = zip(times[kind][1:], times[less][1:], strict=True)
        return statistics.median(time[number] - (other[number] if kind != less else 0) for time, other in pairs)

    report("a bare Python process with the suite", median("bare", 0))
    for kind in kinds:
        report(f"cold, {kind}: beyond that", median(kind, 0), 60 if kind == "ours" else None)
        report(f"cold, {kind}: processor time beyond that", median(kind, 1))


def compare_warm(workers, bare, repeats):
    calls, differences = [], {where: [] for where in workers}
    processes = {"bare": bare} | workers
    for number in range(repeats + UNCOUNTED):
        if number == UNCOUNTED:
            used = {name: -process.processor_seconds() for name, process in processes.items()}
        calls.append(bare.run())
        for where, worker in workers.items():
            begin = time.perf_counter()
            differences[where].append(worker.run() - begin - calls[-1])
    for name, process in processes.items():
        used[name] += process.processor_seconds()
        process.end()
    report("a call of dispatch_runner", statistics.median(calls[UNCOUNTED:]))
    for where in workers:
        middle = statistics.median(differences[where][UNCOUNTED:])
        report(f"warm, ours, {where}: beyond that", middle, 5)
        report(f"warm, ours, {where}: processor time beyond that", (used[where] - used["bare"]) / repeats)


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("dispatcher")
    parser.add_argument("--shared", type=Path)
    parser.add_argument("--original", type=Path)
    parser.add_argument("--repeats", type=int, default=10)
    return parser.parse_args()


if __name__ == "__main__":
    main(options())
