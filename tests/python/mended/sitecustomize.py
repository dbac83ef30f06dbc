"""Mends what keeps suite 0.1.0 from making any outputs, for `cargo xtask conformance`.

On `PYTHONPATH`, for the engine and for the suite called directly alike: what is compared is still
the suite's own work, but for two tables that it can't make (model metadata, FluSight's format).
"""

from epymodelingsuite.dispatcher import output
from epymodelingsuite.schema.output import ModelMetaOutput

# Simulations: it unpacks a dict's keys. Calibrations: it calls `date()` of dates.
ModelMetaOutput.__bool__ = lambda self: False
# It subtracts a date from epydemix's numbers of days.
output.format_quantiles_flusightforecast = lambda quantiles, reference_date: quantiles
