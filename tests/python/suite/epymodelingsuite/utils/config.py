"""Which workflow configurations make."""


def get_workflow_type_from_configs(configs):
    if configs.get("calibration_config") is not None:
        projects = configs["calibration_config"].modelset.calibration.projection is not None
        return "calibration_projection" if projects else "calibration"
    return "sampling" if configs.get("sampling_config") is not None else "simulation"
