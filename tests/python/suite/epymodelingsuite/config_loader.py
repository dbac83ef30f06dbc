"""Configurations from YAML files."""

import logging
from pathlib import Path

import yaml

from .schema.basemodel import BasemodelConfig
from .schema.modelset import CalibrationConfig, SamplingConfig
from .schema.output import OutputConfig

logger = logging.getLogger(__name__)


def _load(path, schema):
    config = schema(**yaml.safe_load(Path(path).read_text()))
    logger.info("loaded %s", Path(path).name)
    return config


def load_basemodel_config_from_file(path):
    return _load(path, BasemodelConfig)


def load_sampling_config_from_file(path):
    return _load(path, SamplingConfig)


def load_calibration_config_from_file(path):
    return _load(path, CalibrationConfig)


def load_output_config_from_file(path):
    return _load(path, OutputConfig)
