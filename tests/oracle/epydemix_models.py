"""Simulates models with PyPI's epydemix, for exact comparison with the kernel and for timing.

Reads models as JSON lines (see `Case` in crates/test-support/src/models) from a file or standard
input and writes JSON lines: first what answers (versions, numba or not, results of the C library's
functions on fixed arguments), then one line a model.

    epydemix_models.py [FILE]                    counts and final state of the stream
    epydemix_models.py --probabilities [FILE]    also every draw's probabilities, as bytes in hex
    epydemix_models.py --time 20 [FILE]          processor time of 20 simulations of each model

EPYCLOUD_ORACLE_NUMBA=0 keeps epydemix from finding numba.
"""

import argparse
import json
import math
import os
import sys
import time

# numpy's vector variants of expm1 differ from the C library's in the last place.
os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL AVX512_SPR")
if os.environ.get("EPYCLOUD_ORACLE_NUMBA") == "0":
    sys.modules["numba"] = None

import numpy as np
import pandas as pd
from importlib.metadata import version

from epydemix.model import epimodel as simulation
from epydemix.model.epimodel import EpiModel
from epydemix.population import Population
from epydemix.utils import utils


def vaccination_rate(origin, eligible):
    """The suite's formula: everybody eligible receives the same, the origin's people move."""

    def rate(params, data):
        doses = params[0][data["t"]]
        people = data["pop"][data["comp_indices"][origin]]
        sharing = sum(data["pop"][data["comp_indices"][name]] for name in eligible)
        fraction = np.where(sharing > 0, people / sharing, 0)
        effective = doses * fraction
        return np.maximum(np.where(people > 0, effective / people, 0), 0)

    return rate


def parameter_value(value, steps, groups):
    """The value in the form in which a user gives it to epydemix."""
    (form, numbers), = value.items()
    if form == "by_step":
        return np.array(numbers)
    if form == "by_group":
        return np.array(numbers).reshape(1, groups)
    if form == "by_step_and_group":
        return np.array(numbers).reshape(steps, groups)
    return numbers


def definitions(case):
    """All named parameters as (T, G) arrays, overrides applied, as `simulate` makes them."""
    steps, groups = case["n_steps"], len(case["group_sizes"])
    named = {
        f"p{index}": parameter_value(parameter["value"], steps, groups)
        for index, parameter in enumerate(case["parameters"])
        if "literal" not in parameter["value"]
    }
    dates = pd.date_range("2024-01-01", periods=steps, freq=pd.Timedelta(days=case["dt"]))
    overrides = {
        f"p{index}": [
            {
                "start_date": dates[override["first"]],
                "end_date": dates[override["last"]],
                "value": override["value"],
            }
            for override in parameter["overrides"]
        ]
        for index, parameter in enumerate(case["parameters"])
    }
    sized = utils.create_definitions(named, steps, groups)
    return utils.apply_overrides(sized, overrides, dates.values)


def add_transition(model, case, index, transition):
    names = model.compartments
    kind = transition["kind"]

    def rate():
        value = case["parameters"][transition["parameter"]]["value"]
        return value["literal"] if "literal" in value else f"p{transition['parameter']}"

    def schedule():
        return np.array(case["doses"][transition["schedule"]]).reshape(case["n_steps"], -1)

    if kind == "spontaneous":
        params = rate()
    elif kind == "mediated":
        params = (rate(), names[transition["mediator"]])
    else:
        eligible = transition["eligible"]
        eligible = None if eligible is None else [names[i] for i in eligible]
        if kind == "vaccination":
            # A kind of its own each, because registering a kind again replaces it.
            kind = f"vaccination_{index}"
            model.register_transition_kind(
                kind, vaccination_rate(names[transition["origin"]], eligible)
            )
            params = [schedule()]
        else:
            params = (schedule(),) if eligible is None else (schedule(), eligible)
    model.add_transition(names[transition["source"]], names[transition["target"]], kind, params)


class Simulation:
    """A case as epydemix has it, ready to run."""

    def __init__(self, case):
        self.case = case
        groups = len(case["group_sizes"])
        self.model = EpiModel(compartments=[f"c{i}" for i in range(case["n_compartments"])])
        self.model.population = Population(case["name"])
        self.model.population.add_population(np.array(case["group_sizes"]))
        for index, transition in enumerate(case["transitions"]):
            add_transition(self.model, case, index, transition)
        order = "F" if case["column_major"] else "C"
        matrices = [
            {"overall": np.array(np.reshape(matrix, (groups, groups)), order=order)}
            for matrix in case["contact_matrices"]
        ]
        self.contacts = [matrices[index] for index in case["contact_of_step"]]
        self.parameters = definitions(case)
        self.initial = np.array(case["initial"], dtype=int).reshape(-1, groups)

    def run(self, rng):
        with np.errstate(all="ignore"):
            return simulation.stochastic_simulation(
                T=self.case["n_steps"],
                contact_matrices=self.contacts,
                epimodel=self.model,
                parameters=self.parameters,
                initial_conditions=self.initial,
                dt=self.case["dt"],
                apply_linear_approximation=self.case["linear_approximation"],
                rng=rng,
            )


def whole(counts):
    """Counts as integers; they are whole numbers below 2^53."""
    integers = counts.astype(np.int64)
    assert (integers == counts).all()
    return integers.ravel().tolist()


def compare(case, drawn):
    rng = np.random.default_rng(case["seed"])
    drawn.clear()
    result = {"name": case["name"], "error": None}
    simulated = Simulation(case)
    try:
        compartments, transitions = simulated.run(rng)
    except ValueError as error:
        result["error"] = str(error)
    else:
        n_pairs = len(simulated.model.transitions_idx)
        assert not transitions[:, n_pairs:].any()
        result["compartments"] = whole(compartments)
        result["transitions"] = whole(transitions[:, :n_pairs])
    state = rng.bit_generator.state["state"]
    result["state"] = str(state["state"])
    result["increment"] = str(state["inc"])
    result["probabilities"] = b"".join(drawn).hex()
    return result


def record_probabilities(drawn):
    """Notes the probabilities of every draw, which numpy may yet refuse."""
    original = utils._multinomial_probs

    def recording(*arguments):
        probabilities = original(*arguments)
        drawn.append(probabilities.astype("<f8").tobytes())
        return probabilities

    utils._multinomial_probs = recording


def measure(case, runs):
    simulated = Simulation(case)
    simulated.run(np.random.default_rng(case["seed"]))
    milliseconds = []
    for run in range(runs):
        rng = np.random.default_rng(case["seed"] + run)
        # Not the clock on the wall, which other processes would stretch.
        start = time.thread_time()
        simulated.run(rng)
        milliseconds.append(1e3 * (time.thread_time() - start))
    return {"name": case["name"], "milliseconds": milliseconds}


def answering():
    """Who answers, and what the C library under it returns on arguments that the reader knows."""
    arguments = [i / 257.0 for i in range(1, 2001)]
    results = [
        np.expm1(np.array([-x for x in arguments])).tolist(),
        [math.exp(-x) for x in arguments],
        [math.log(x) for x in arguments],
        [math.log1p(x) for x in arguments],
    ]
    return {
        "epydemix": version("epydemix"),
        "numpy": np.__version__,
        "numba": utils._NUMBA_AVAILABLE,
        "c_library": np.array(results).astype("<f8").tobytes().hex(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=argparse.FileType(), default=sys.stdin)
    parser.add_argument("--probabilities", action="store_true")
    parser.add_argument("--time", type=int, metavar="RUNS")
    options = parser.parse_args()
    drawn = []
    if options.probabilities:
        record_probabilities(drawn)
    print(json.dumps(answering()))
    for line in options.file:
        case = json.loads(line)
        result = measure(case, options.time) if options.time else compare(case, drawn)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
