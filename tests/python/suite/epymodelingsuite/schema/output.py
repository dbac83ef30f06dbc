"""Output configurations and output objects."""

from enum import Enum
from typing import Any

from pydantic import BaseModel


class TabularOutputTypeEnum(str, Enum):
    CSVBytes = "CSVBytes"
    DataFrame = "DataFrame"
    Parquet = "Parquet"


class FigureOutputTypeEnum(str, Enum):
    MPLFigure = "MPLFigure"
    PNG = "PNG"
    SVG = "SVG"


class OutputObject(BaseModel):
    output_type: TabularOutputTypeEnum | FigureOutputTypeEnum
    name: str
    data: Any


class Plots(BaseModel):
    figure_output_types: list[FigureOutputTypeEnum]


class Output(BaseModel):
    meta: dict | None = None
    tabular_output_types: list[TabularOutputTypeEnum] = [TabularOutputTypeEnum.CSVBytes]
    plots: Plots | None = None
    # A compartment or transition that no result has makes the generator fail.
    columns: list[str] = ["I_total"]


class OutputConfig(BaseModel):
    output: Output
