"""What is done with the base model."""

from pydantic import BaseModel


class Sampling(BaseModel):
    n_samples: int
    parameter: str
    low: float
    high: float


class Sampled(BaseModel):
    sampling: Sampling


class SamplingConfig(BaseModel):
    modelset: Sampled


class Calibration(BaseModel):
    parameter: str
    low: float
    high: float
    observed_data_path: str
    num_particles: int
    projection: int | None = None


class Calibrated(BaseModel):
    population_names: list[str]
    calibration: Calibration


class CalibrationConfig(BaseModel):
    modelset: Calibrated
