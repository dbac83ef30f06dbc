"""Calls into epymodelingsuite, whichever of its versions is there."""

import gc
import importlib
import importlib.util
import json
import logging
import os
import sys
import tempfile

import epycloud_artifacts as artifacts
import epycloud_population
from epycloud_repeatable import seeded

logger = logging.getLogger("epycloud.suite")

CONFIG_LOADERS = {
    "base_model": "load_basemodel_config_from_file",
    "sampling": "load_sampling_config_from_file",
    "calibration": "load_calibration_config_from_file",
    "output": "load_output_config_from_file",
}
# In-memory kinds of the suite's output objects; there is nothing of them to store.
IN_MEMORY = {"DataFrame", "MPLFigure"}
GZIP_MAGIC = b"\x1f\x8b"
CHUNK_BYTES = 1 << 20
# The stages' seeds differ, so that no stage repeats another's draws.
STAGE_A, STAGE_B = 0xA, 0xB

_repository = None


class UnknownResult(TypeError):
    """A result that is neither of a simulation nor of a calibration."""


class UnknownOutput(TypeError):
    """An output in a shape that no known version of the suite has."""


def prepare():
    """Imports what every stage needs, and says which versions it found."""
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in ("numpy", "pandas", "epydemix"):
        versions[name] = _version(importlib.import_module(name))
    epycloud_population.install()
    versions["epymodelingsuite"] = _version(importlib.import_module("epymodelingsuite"))
    for name in ("config_loader", "dispatcher", "telemetry"):
        importlib.import_module(f"epymodelingsuite.{name}")
    # The suite doesn't bring it, and without it few tasks can be stored. It is imported when it is
    # needed.
    if importlib.util.find_spec("cloudpickle") is None:
        raise ModuleNotFoundError("No module named 'cloudpickle'", name="cloudpickle")
    # What is imported stays: later collections don't have to look at it.
    gc.freeze()
    return versions


def _version(module):
    version = getattr(module, "__version__", None)
    if version is None:
        import importlib.metadata

        try:
            version = importlib.metadata.version(module.__name__)
        except importlib.metadata.PackageNotFoundError:
            version = "unknown"
    return str(version)


def enter(repository, population_data):
    """Makes a forecast repository the working directory and importable."""
    global _repository
    repository = os.fspath(repository)
    epycloud_population.use(population_data and os.fspath(population_data))
    if repository == _repository:
        return
    os.chdir(repository)
    if _repository in sys.path:
        sys.path.remove(_repository)
    sys.path.insert(0, repository)
    importlib.invalidate_caches()
    _repository = repository


def collect():
    """Frees what a task has left behind."""
    gc.collect()


# ----- stage A


def build(files):
    """The tasks of an experiment and the builder's telemetry; `files` are paths by kind."""
    from epymodelingsuite.dispatcher import dispatch_builder
    from epymodelingsuite.schema.general import validate_cross_config_consistency
    from epymodelingsuite.telemetry import ExecutionTelemetry

    configs = {kind: _load_config(kind, path) for kind, path in files.items()}
    base = configs["base_model"]
    arguments = {"basemodel_config": base}
    for kind in ("sampling", "calibration"):
        if kind in configs:
            arguments[f"{kind}_config"] = configs[kind]
            validate_cross_config_consistency(base, configs[kind], configs.get("output"))
    seed = getattr(base.model, "random_seed", None)
    with ExecutionTelemetry() as telemetry, seeded(seed, STAGE_A):
        outputs = dispatch_builder(**arguments)
    tasks = outputs if isinstance(outputs, list) else [outputs]
    _order(telemetry.configuration, tasks)
    return tasks, _telemetry(telemetry), _workflow(arguments)


def check(files):
    """What the suite refuses in an experiment's files, as JSON; `files` are paths by kind."""
    refusals, configs = [], {}
    for kind, path in files.items():
        try:
            configs[kind] = _load_config(kind, path)
        except Exception as error:
            refusals.extend(_refusals(kind, error))
    # Files that can't be read alone can't be compared.
    for kind in ("sampling", "calibration"):
        if kind in configs and "base_model" in configs:
            compared = configs["base_model"], configs[kind]
            found = _disagreements(kind, compared)
            # What is right without the output configuration is wrong there.
            if not found and "output" in configs:
                found = _disagreements("output", (*compared, configs["output"]))
            refusals.extend(found)
    return json.dumps(refusals, default=str)


def _disagreements(kind, configs):
    from epymodelingsuite.schema.general import validate_cross_config_consistency

    try:
        validate_cross_config_consistency(*configs)
    except Exception as error:
        return _refusals(kind, error)
    return []


def _refusals(kind, error):
    """One for each that pydantic names; the suite wraps its error in another."""
    for cause in (error, error.__cause__, error.__context__):
        details = getattr(cause, "errors", None)
        if callable(details):
            return [
                {"kind": kind, "place": list(detail["loc"]), "message": detail["msg"]}
                for detail in details()
            ]
    return [{"kind": kind, "place": [], "message": str(error)}]


def _order(configuration, tasks):
    """Lists populations in the order of the tasks: suite 0.1.0 takes them from a set."""
    populations = list(dict.fromkeys(map(_population, tasks)))
    if sorted(configuration.get("populations", ())) == sorted(populations):
        configuration["populations"] = populations


def _load_config(kind, path):
    loader = importlib.import_module("epymodelingsuite.config_loader")
    return getattr(loader, CONFIG_LOADERS[kind])(path)


def _workflow(configs):
    from epymodelingsuite.utils.config import get_workflow_type_from_configs

    return get_workflow_type_from_configs(configs)


def pickle_task(tasks, index):
    """One task of a list, which lets go of it: number, population, seed, step, codec, bytes."""
    value, tasks[index] = tasks[index], None
    codec, payload = artifacts.dumps(value)
    return value.primary_id, _population(value), value.seed, value.delta_t, codec, payload


def _population(task):
    model = task.model or task.calibrator.parameters["epimodel"]
    return model.population.name


# ----- stage B


def run(codec, payload):
    """Runs a task: the result's codec and bytes, and the runner's telemetry."""
    from epymodelingsuite.dispatcher import dispatch_runner
    from epymodelingsuite.telemetry import ExecutionTelemetry

    workload = artifacts.loads(codec, payload)
    seeds = (workload.seed, STAGE_B, workload.primary_id)
    with ExecutionTelemetry() as telemetry, seeded(*seeds):
        result = dispatch_runner(workload)
    del workload
    codec, payload = artifacts.dumps(result)
    return codec, payload, _telemetry(telemetry)


# ----- stage C


def output(path, next_result, write):
    """Makes the output files: how many objects had nothing to store.

    `next_result()` gives the codec and the bytes of the next result, or `None` after the last;
    `write(name, bytes)` appends to a file.
    """
    from epymodelingsuite import dispatcher
    from epymodelingsuite.telemetry import ExecutionTelemetry

    config = _load_config("output", path)
    results = _results(next_result)
    with ExecutionTelemetry():
        if hasattr(dispatcher, "write_outputs") and _only_files(config):
            return _stream(dispatcher.write_outputs, results, config, write)
        return _generate(dispatcher.dispatch_output_generator, results, config, write)


def _results(next_result):
    while (stored := next_result()) is not None:
        yield artifacts.loads(*stored)


def _only_files(config):
    """Whether the configuration asks for nothing that `write_outputs` refuses."""
    output = config.output
    if _names(getattr(output, "tabular_output_types", None)) != ["CSVBytes"]:
        return False
    plots = getattr(output, "plots", None)
    figures = _names(plots.figure_output_types) if plots else ["PNG"]
    return bool(figures) and not IN_MEMORY.intersection(figures)


def _names(kinds):
    return [getattr(kind, "value", kind) for kind in kinds or []]


def _stream(write_outputs, results, config, write):
    with tempfile.TemporaryDirectory(prefix="epycloud-") as directory:
        written = write_outputs(results=results, output_config=config, directory=directory)
        for path in (path for paths in written.values() for path in paths):
            with open(path, "rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    write(os.path.basename(path), chunk)
            os.remove(path)
    return 0


def _generate(dispatch_output_generator, results, config, write):
    results = list(results)
    kind = _kind(results[0]) if results else "simulations"
    outputs = dispatch_output_generator(**{kind: results, "output_config": config})
    if outputs is None:
        raise UnknownOutput("dispatch_output_generator returned None")
    skipped = 0
    for key, value in outputs.items():
        for name, kind, data in _objects(key, value):
            if kind in IN_MEMORY:
                logger.debug("skipped `%s`: %s is kept in memory only", name, kind)
                skipped += 1
            else:
                _write(write, name, data)
    return skipped


def _kind(result):
    name = type(result).__name__
    for word, kind in (("Simulation", "simulations"), ("Calibration", "calibrations")):
        if word in name:
            return kind
    raise UnknownResult(f"`{name}` is neither a simulation's result nor a calibration's")


def _objects(key, value):
    """Name, kind and data of what stands under a key of the generator's outputs."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield item.name, getattr(item.output_type, "value", str(item.output_type)), item.data
    else:
        yield key, "CSVBytes", value


def _write(write, name, data):
    if isinstance(data, str):
        data = data.encode()
    elif hasattr(data, "getvalue"):
        data = data.getvalue()
    try:
        data = bytes(data) if not isinstance(data, bytes) else data
    except TypeError:
        raise UnknownOutput(f"`{name}` is a {type(data).__name__}, expected bytes") from None
    # The name says what the file is: compressed once, never twice.
    if name.endswith(".gz") and not data.startswith(GZIP_MAGIC):
        import gzip

        data = gzip.compress(data, 6, mtime=0)
    write(name, data)


def _telemetry(telemetry):
    return json.dumps(telemetry.to_dict(), default=str)
