"""What configurations are, and which workflow they make."""

from pathlib import Path

import yaml


def identify_config_type(path):
    data = yaml.safe_load(Path(path).read_text())
    if "modelset" in data:
        return next(kind for kind in ("calibration", "sampling") if kind in data["modelset"])
    return "basemodel" if "model" in data else "output"


def get_workflow_type_from_configs(configs):
    if configs.get("calibration_config") is not None:
        projects = configs["calibration_config"].modelset.calibration.projection is not None
        return "calibration_projection" if projects else "calibration"
    return "sampling" if configs.get("sampling_config") is not None else "simulation"
