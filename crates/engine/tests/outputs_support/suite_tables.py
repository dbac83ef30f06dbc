"""Makes tables of results as the suite's newest output generator makes them with pandas.

Reads a JSON list of {result, table, levels} from standard input and prints that of the CSV texts.
"""

import io
import json
import sys

import numpy as np
import pandas as pd
from epydemix.model.simulation_output import Trajectory
from epydemix.model.simulation_results import SimulationResults



def series(result, kind, sim):
    """Arrays by column name, groups first and then the total, as epydemix has them."""
    counts = np.array(result[kind + "_counts"][sim], dtype=float)
    columns = {}
    for index, name in enumerate(result[kind]):
        for group, suffix in enumerate(result["groups"]):
            columns[f"{name}_{suffix}"] = counts[:, index, group]
        columns[f"{name}_total"] = counts[:, index, :].sum(axis=1)
    return columns


def table(result, table, levels):
    dates = [pd.Timestamp(date) for date in result["dates"]]
    trajectories = [
        Trajectory(
            series(result, "compartments", sim),
            series(result, "transitions", sim),
            dates,
            {},
            {},
            {},
        )
        for sim in range(result["n_sims"])
    ]
    what, kind = table.split("_")
    frames = []
    if what == "quantiles":
        quantiles = getattr(SimulationResults(trajectories, {}), f"get_quantiles_{kind}")
        body = quantiles(quantiles=levels, ignore_nan=True)
        leading = {key: result[key] for key in ["primary_id", "seed", "population"]}
        frames.append(pd.concat([pd.DataFrame(leading, index=body.index), body], axis=1))
    else:
        for sim, trajectory in enumerate(trajectories):
            body = pd.DataFrame(getattr(trajectory, kind))
            leading = {
                "primary_id": result["primary_id"],
                "sim_id": sim,
                "date": dates,
                "seed": result["seed"],
                "population": result["population"],
            }
            frames.append(pd.concat([pd.DataFrame(leading, index=body.index), body], axis=1))
    text = io.StringIO()
    rows = pd.concat(frames, ignore_index=True)
    rows.to_csv(text, index=False, header=True, date_format="%Y-%m-%d")
    return text.getvalue()


json.dump([table(**request) for request in json.load(sys.stdin)], sys.stdout)
