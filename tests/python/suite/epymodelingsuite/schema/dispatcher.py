"""What the stages hand to each other."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Strategy(BaseModel):
    name: str
    options: dict


class BuilderOutput(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    primary_id: int
    seed: int | None = None
    delta_t: float | None = None
    model: Any = None
    calibrator: Any = None
    simulation: dict | None = None
    calibration: Strategy | None = None
    projection: int | None = None
    behaviour: str | None = None


class SimulationOutput(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    primary_id: int
    seed: int | None = None
    delta_t: float | None = None
    population: str
    results: Any


class CalibrationOutput(SimulationOutput):
    pass
