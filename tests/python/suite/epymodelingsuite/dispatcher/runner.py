"""Tasks become results."""

import importlib
import logging
import time

import numpy as np

from ..schema.dispatcher import CalibrationOutput, SimulationOutput
from ..telemetry import ExecutionTelemetry

logger = logging.getLogger(__name__)


def dispatch_runner(task):
    logger.info("RUNNER: task %d", task.primary_id)
    started = time.time()
    if task.behaviour:
        module, function = task.behaviour.rsplit(".", 1)
        getattr(importlib.import_module(module), function)(task.primary_id)
    telemetry = ExecutionTelemetry.get_current()
    try:
        if task.calibration:
            return _calibrate(task, telemetry, started)
        return _simulate(task, telemetry, started)
    except Exception as error:
        raise RuntimeError(f"Error during task: {error}") from error


def _identity(task):
    return {
        "primary_id": task.primary_id,
        "seed": task.seed,
        "delta_t": task.delta_t,
        "population": task.model.population.name,
    }


def _simulate(task, telemetry, started):
    rng = np.random.default_rng(task.seed)
    results = task.model.run_simulations(**task.simulation, rng=rng)
    output = SimulationOutput(**_identity(task), results=results)
    if telemetry:
        telemetry.capture(output, "simulation", time.time() - started, n_sims=results.Nsim)
    return output


def _calibrate(task, telemetry, started):
    strategy = task.calibration
    results = task.calibrator.calibrate(strategy=strategy.name, **strategy.options)
    output = CalibrationOutput(**_identity(task), results=results)
    if telemetry:
        telemetry.capture(
            output,
            "calibration",
            time.time() - started,
            strategy=strategy.name,
            particles_accepted=len(results.get_weights()),
        )
    return output
