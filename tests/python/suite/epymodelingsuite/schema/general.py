"""Checks across configurations."""


def validate_cross_config_consistency(base_config, modelset_config, output_config=None):
    modelset = modelset_config.modelset
    kind = getattr(modelset, "sampling", None) or modelset.calibration
    if kind.parameter not in base_config.model.parameters:
        raise ValueError(f"Parameter '{kind.parameter}' is not defined in the base model")
