"""Compares a run's artifacts, outputs and telemetry with the suite called directly.

    python conformance.py REPOSITORY EXPERIMENT RUN_FOLDER POPULATION_DATA STDERR_FOLDER

Prints one JSON object a line: what was compared, how many values, and where they differ. The suite
is called as the original pipeline calls it: tasks and results go through dill. Generators without a
seed get one in the engine's way, because nothing could be compared otherwise. `cargo xtask
conformance` runs this.
"""

import gzip
import json
import os
import sys
import traceback
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")

import dill
from compare import Comparison, load_artifact
from epydemix.population import population as epydemix_population

SUPPORT = Path(__file__).absolute().parents[2] / "crates/stages/src/engine/python/support"
sys.path.insert(0, str(SUPPORT))
from repeatable import seeded

# Times, memory, processes and folders differ from run to run.
VARYING = {
    "start_time",
    "end_time",
    "duration_seconds",
    "total_duration_seconds",
    "peak_memory_mb",
    "cpu_time_user_seconds",
    "cpu_time_system_seconds",
    "process_id",
    "folder",
}
# Ours besides the suite's.
ADDED = {"engine", "engine_version", "epymodelingsuite_version"}


def report(stage, what, comparison=None, **rest):
    line = {"stage": stage, "what": what, **rest}
    if comparison is not None:
        line |= {"values": comparison.values, "different": comparison.different[:5]}
    print(json.dumps(line), flush=True)


def use_population_data(folder):
    """Has every call into epydemix load from the folder, as the engine does."""
    original = epydemix_population.load_epydemix_population

    def load_epydemix_population(*args, **kwargs):
        kwargs["path_to_data"] = os.path.join(folder, "")
        return original(*args, **kwargs)

    for module in list(sys.modules.values()):
        if getattr(module, "load_epydemix_population", None) is original:
            module.load_epydemix_population = load_epydemix_population


def load_configs(folder):
    from epymodelingsuite import config_loader
    from epymodelingsuite.utils.config import identify_config_type

    configs = {}
    for path in sorted(folder.iterdir()):
        kind = identify_config_type(str(path))
        configs[kind] = getattr(config_loader, f"load_{kind}_config_from_file")(str(path))
    return configs


def build(configs):
    from epymodelingsuite.dispatcher import dispatch_builder
    from epymodelingsuite.telemetry import ExecutionTelemetry

    arguments = {f"{kind}_config": config for kind, config in configs.items() if kind != "output"}
    with ExecutionTelemetry() as telemetry, seeded(configs["basemodel"].model.random_seed, 0xA):
        tasks = dispatch_builder(**arguments)
    return tasks if isinstance(tasks, list) else [tasks], telemetry.to_dict()


def run(task):
    from epymodelingsuite.dispatcher import dispatch_runner
    from epymodelingsuite.telemetry import ExecutionTelemetry

    workload = dill.loads(dill.dumps(task))
    seeds = (workload.seed, 0xB, workload.primary_id)
    with ExecutionTelemetry() as telemetry, seeded(*seeds):
        result = dispatch_runner(workload)
    return dill.loads(dill.dumps(result)), telemetry.to_dict()


def generate(results, config):
    from epymodelingsuite.dispatcher import dispatch_output_generator

    kind = "simulations" if "Simulation" in type(results[0]).__name__ else "calibrations"
    outputs = dispatch_output_generator(**{kind: results, "output_config": config})
    files = {}
    for key, value in outputs.items():
        for item in value if isinstance(value, list) else [None]:
            files[item.name if item else key] = item.data if item else value
    return {name: data for name, data in files.items() if isinstance(data, bytes)}


def without_varying(value):
    if isinstance(value, dict):
        return {
            key: without_varying(item)
            for key, item in sorted(value.items())
            if key not in VARYING | ADDED and item is not None
        }
    if isinstance(value, list):
        return [without_varying(item) for item in value]
    return value


def compare_telemetry(stage, what, direct, path, sections):
    ours = json.loads(path.read_text())
    comparison = Comparison()
    for section in sections:
        left, right = without_varying(direct[section]), without_varying(ours[section])
        if section == "configuration" and "populations" in left:
            # Suite 0.1.0 takes them from a set, in no order, and prints its enumeration's name.
            left["populations"], right["populations"] = sorted(left["populations"]), sorted(right["populations"])
            left["start_date"] = left["start_date"].rsplit(".", 1)[-1]
        comparison.compare(left, right, section)
    report(stage, what, comparison)


def compare_failure(stage, what, error, stderr, words):
    """Whether the engine says of a failure what the suite's own traceback says."""
    frames = [
        f'File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        for frame in traceback.extract_tb(error.__traceback__)
        if "epymodelingsuite" in frame.filename
    ]
    wanted = [f"{type(error).__name__}: {error}", *frames, *words]
    missing = [text for text in wanted if text not in stderr]
    report(
        stage,
        what,
        fails=f"{type(error).__name__}: {error}",
        values=len(wanted),
        different=[f"the log lacks {text!r}" for text in missing],
    )


def lacks(path, stderr):
    """What the engine said instead of writing an artifact."""
    if path.exists():
        return None
    errors = [line for line in stderr.splitlines() if "error:" in line or "caused by:" in line]
    return [f"the engine wrote no {path.name}: {'; '.join(errors[-3:])[:300]}"]


def compare_artifact(stage, what, value, path, stderr):
    if different := lacks(path, stderr):
        report(stage, what, values=1, different=different)
        return
    comparison = Comparison()
    comparison.compare(value, load_artifact(path), "value")
    report(stage, what, comparison)


def main(repository, experiment, run_folder, population_data, stderr_folder):
    os.chdir(repository)
    sys.path.insert(0, repository)
    use_population_data(population_data)
    run_folder = Path(run_folder)
    summaries = run_folder / "summaries/json"

    def said(name):
        path = Path(stderr_folder) / name
        return path.read_text() if path.exists() else ""

    configs = load_configs(Path("experiments", experiment, "config"))
    try:
        tasks, telemetry = build(configs)
    except Exception as error:
        return compare_failure("A", "build", error, said("A"), [experiment])
    for index, task in enumerate(tasks):
        path = run_folder / f"builder-artifacts/input_{index:05d}.pkl.gz"
        compare_artifact("A", f"input {index}", task, path, said("A"))
    compare_telemetry(
        "A", "telemetry", telemetry, summaries / "builder_summary.json", ["configuration", "builder", "warnings"]
    )
    results = []
    for index, task in enumerate(tasks):
        try:
            result, telemetry = run(task)
        except Exception as error:
            compare_failure("B", f"result {index}", error, said(f"B{index}"), [experiment, f"task {index}"])
            continue
        results.append(result)
        path = run_folder / f"runner-artifacts/result_{index:05d}.pkl.gz"
        compare_artifact("B", f"result {index}", result, path, said(f"B{index}"))
        compare_telemetry(
            "B",
            f"telemetry {index}",
            telemetry,
            summaries / f"runner_{index:05d}_summary.json",
            ["runner", "warnings"],
        )
    if not results:
        return report("C", "outputs", values=0, different=[], fails="there are no results")
    try:
        files = generate(results, configs["output"])
    except Exception as error:
        return compare_failure("C", "outputs", error, said("C"), [experiment])
    (folder,) = (run_folder / "outputs").iterdir()
    ours = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name, data in files.items():
        comparison = Comparison()
        left, right = gzip.decompress(data), gzip.decompress(ours.get(name, b""))
        comparison.values = left.count(b",") + left.count(b"\n")
        if left != right:
            comparison.note(name, left[:40], right[:40])
        report("C", name, comparison)
    workflow(summaries, len(tasks))


def workflow(summaries, n):
    from epymodelingsuite.telemetry import ExecutionTelemetry, create_workflow_telemetry

    def load(name):
        return ExecutionTelemetry.from_dict(json.loads((summaries / name).read_text()))

    runners = [load(f"runner_{index:05d}_summary.json") for index in range(n)]
    direct = create_workflow_telemetry(load("builder_summary.json"), runners, load("output_summary.json"))
    compare_telemetry(
        "C",
        "workflow telemetry",
        direct.to_dict(),
        summaries / "workflow_summary.json",
        ["configuration", "builder", "runner", "output", "warnings"],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
