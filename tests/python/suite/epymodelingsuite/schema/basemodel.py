"""The base model: an SIR model of one population."""

from datetime import date

from pydantic import BaseModel


class Population(BaseModel):
    name: str
    # Whether epydemix's data are loaded for it; otherwise it has one group of 100,000.
    data: bool = False


class Timespan(BaseModel):
    start_date: date
    end_date: date
    delta_t: float = 1.0


class Model(BaseModel):
    population: Population
    timespan: Timespan
    parameters: dict[str, float]
    random_seed: int | None = None
    n_sims: int = 2
    # `module.function` of the forecast repository, called with a task's number before it runs.
    behaviour: str | None = None


class BasemodelConfig(BaseModel):
    model: Model
