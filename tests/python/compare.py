"""Compares two Python objects value by value.

    python compare.py ARTIFACT ARTIFACT

compares the objects in two of the engine's artifacts and prints where they differ.
"""

import datetime
import gzip
import pickle
import sys
import types

import numpy as np
import pandas as pd

# The packages whose objects are compared attribute by attribute.
MODELLING = {"epydemix", "epymodelingsuite"}


class Comparison:
    """Walks two values in step and notes where they differ."""

    def __init__(self):
        self.values = 0
        self.arrays = 0
        self.different = []
        # By identity, with the objects themselves: no other may get the identity of one that is gone.
        self._seen = {}

    def note(self, path, left, right):
        self.different.append(f"{path}: {short(left)} and {short(right)}")

    def compare(self, left, right, path="value"):
        pair = (id(left), id(right))
        if pair in self._seen:
            return
        if not is_leaf(left):
            self._seen[pair] = (left, right)
        if type(left) is not type(right) and type(left).__qualname__ != type(right).__qualname__:
            self.note(path, type(left), type(right))
        elif isinstance(left, np.ndarray):
            self.array(left, right, path)
        elif isinstance(left, (pd.DataFrame, pd.Series, pd.Index)):
            self.frame(left, right, path)
        elif isinstance(left, dict):
            self.mapping(left, right, path)
        elif isinstance(left, (list, tuple)):
            self.sequence(left, right, path)
        elif isinstance(left, (set, frozenset)):
            self.leaf(sorted(map(repr, left)), sorted(map(repr, right)), path)
        elif isinstance(left, types.FunctionType):
            self.function(left, right, path)
        elif isinstance(left, np.random.Generator):
            self.mapping(left.bit_generator.state, right.bit_generator.state, path)
        elif type(left).__name__ == "rv_continuous_frozen" or type(left).__name__ == "rv_discrete_frozen":
            mine = (left.dist.name, left.args, left.kwds)
            self.compare(mine, (right.dist.name, right.args, right.kwds), path)
        elif type(left).__module__.split(".")[0] in MODELLING and hasattr(left, "__dict__"):
            self.mapping(vars(left), vars(right), path)
        elif is_leaf(left):
            self.leaf(left, right, path)
        else:
            self.leaf(name_of(left), name_of(right), path)

    def leaf(self, left, right, path):
        self.values += 1
        same = left == right or (left != left and right != right)
        if not same:
            self.note(path, left, right)

    def array(self, left, right, path):
        self.arrays += 1
        self.values += left.size
        if left.dtype != right.dtype or left.shape != right.shape:
            self.note(path, (left.dtype, left.shape), (right.dtype, right.shape))
        elif left.dtype == object:
            self.sequence(left.ravel().tolist(), right.ravel().tolist(), path)
        elif not np.array_equal(left, right, equal_nan=left.dtype.kind in "fc"):
            self.note(path, left, right)

    def frame(self, left, right, path):
        self.values += left.size
        if not left.equals(right):
            self.note(path, left, right)

    def mapping(self, left, right, path):
        if list(left) != list(right):
            self.note(path, sorted(map(str, left)), sorted(map(str, right)))
        for key in left:
            if key in right:
                self.compare(left[key], right[key], f"{path}.{key}")

    def sequence(self, left, right, path):
        if len(left) != len(right):
            self.note(path, len(left), len(right))
        for index, (mine, other) in enumerate(zip(left, right, strict=False)):
            self.compare(mine, other, f"{path}[{index}]")

    def function(self, left, right, path):
        self.leaf(left.__qualname__, right.__qualname__, path)
        self.leaf(left.__code__.co_code, right.__code__.co_code, f"{path}.code")
        cells = [
            [cell.cell_contents for cell in function.__closure__ or ()]
            for function in (left, right)
        ]
        self.sequence(*cells, f"{path}.closure")


def name_of(value):
    """What stands for a module, a class, a compiled function or an enumeration's member."""
    return getattr(value, "__qualname__", None) or getattr(value, "__name__", None) or repr(value)


def is_leaf(value):
    return value is None or isinstance(
        value, (bool, int, float, complex, str, bytes, np.generic, datetime.date, pd.Timestamp)
    )


def short(value):
    text = repr(value).replace("\n", " ")
    return text if len(text) < 80 else f"{text[:77]}..."


def load_artifact(path):
    """The object in one of the engine's artifacts, read with the standard library alone."""
    with gzip.open(path) as file:
        envelope = pickle.load(file)
    return pickle.loads(envelope["payload"])


if __name__ == "__main__":
    comparison = Comparison()
    comparison.compare(*map(load_artifact, sys.argv[1:]))
    print("\n".join([f"{comparison.values} values compared", *comparison.different]))
    sys.exit(bool(comparison.different))
