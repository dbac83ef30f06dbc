"""A small modelling suite with the entry points that the python engine calls."""

__version__ = "0.0.0+fixture"
