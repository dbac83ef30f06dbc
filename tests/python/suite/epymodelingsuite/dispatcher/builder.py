"""Configurations become tasks."""

import logging

import numpy as np
import pandas as pd
from epydemix.calibration import ABCSampler, rmse
from epydemix.model import EpiModel
from epydemix.population import load_epydemix_population
from scipy import stats

from ..schema.dispatcher import BuilderOutput, Strategy
from ..telemetry import ExecutionTelemetry
from ..utils.config import get_workflow_type_from_configs

logger = logging.getLogger(__name__)


def _model(base, population_name):
    model = EpiModel(name="fixture", compartments=["S", "I", "R"], parameters=base.parameters)
    if base.population.data:
        model.set_population(load_epydemix_population(population_name))
    model.population.name = population_name
    model.add_transition("S", "I", kind="mediated", params=("beta", "I"))
    model.add_transition("I", "R", kind="spontaneous", params="gamma")
    return model


def _simulation(base, model):
    infected = np.minimum(model.population.Nk // 100, 10)
    zero = np.zeros_like(model.population.Nk)
    return {
        "start_date": str(base.timespan.start_date),
        "end_date": str(base.timespan.end_date),
        "dt": base.timespan.delta_t,
        "Nsim": base.n_sims,
        "initial_conditions_dict": {"S": model.population.Nk - infected, "I": infected, "R": zero},
    }


def _task(base, number, model, **rest):
    return BuilderOutput(
        primary_id=number,
        seed=base.random_seed,
        delta_t=base.timespan.delta_t,
        model=model,
        behaviour=base.behaviour,
        **rest,
    )


def _sampled(base, sampling):
    rng = np.random.default_rng(base.random_seed)
    for number in range(sampling.n_samples):
        model = _model(base, base.population.name)
        value = rng.uniform(sampling.low, sampling.high)
        model.add_parameter(sampling.parameter, value)
        yield _task(base, number, model, simulation=_simulation(base, model))


def _wrapper(base, model):
    """A function made inside a function: what no pickler can name."""
    simulation = _simulation(base, model)
    rng = np.random.default_rng(base.random_seed)

    def simulate_wrapper(parameters):
        trial = parameters["epimodel"]
        for name in base.parameters:
            if name in parameters:
                trial.add_parameter(name, parameters[name])
        result = trial.run_simulations(**{**simulation, "Nsim": 1}, rng=rng)
        trajectory = result.trajectories[0]
        return {"data": trajectory.transitions["S_to_I_total"], "date": list(trajectory.dates)}

    return simulate_wrapper


def _calibrated(base, modelset):
    calibration = modelset.calibration
    observed = pd.read_csv(calibration.observed_data_path)["value"].values
    for number, population in enumerate(modelset.population_names):
        model = _model(base, population)
        sampler = ABCSampler(
            simulation_function=_wrapper(base, model),
            priors={
                calibration.parameter: stats.uniform(
                    calibration.low, calibration.high - calibration.low
                )
            },
            parameters={"epimodel": model},
            observed_data=observed,
            distance_function=rmse,
        )
        options = {"top_fraction": 0.5, "Nsim": 2 * calibration.num_particles}
        yield _task(
            base,
            number,
            model,
            calibrator=sampler,
            calibration=Strategy(name="top_fraction", options=options),
            projection=calibration.projection,
        )


def dispatch_builder(*, basemodel_config, sampling_config=None, calibration_config=None):
    base = basemodel_config.model
    workflow = get_workflow_type_from_configs({"calibration_config": calibration_config, "sampling_config": sampling_config})
    logger.info("BUILDER: %s", workflow)
    if calibration_config is not None:
        tasks = list(_calibrated(base, calibration_config.modelset))
    elif sampling_config is not None:
        tasks = list(_sampled(base, sampling_config.modelset.sampling))
    else:
        model = _model(base, base.population.name)
        tasks = _task(base, 0, model, simulation=_simulation(base, model))
    telemetry = ExecutionTelemetry.get_current()
    if telemetry:
        several = tasks if isinstance(tasks, list) else [tasks]
        populations = list({task.model.population.name for task in several})
        telemetry.configuration = {
            "workflow_type": workflow,
            "populations": populations,
            "n_populations": len(populations),
            "start_date": str(base.timespan.start_date),
            "end_date": str(base.timespan.end_date),
            "delta_t": base.timespan.delta_t,
            "random_seed": base.random_seed,
        }
        telemetry.builder = {"n_models": len(several)}
        if base.random_seed is None:
            telemetry.record_warning("the experiment has no random_seed")
    return tasks
