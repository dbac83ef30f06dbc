"""Seeds for what nobody seeded, so that a task that runs again gives the same result.

epydemix draws priors and projections from generators without a seed, and scipy from numpy's global
one. Within `seeded` all of them follow from the given numbers: the global generators of numpy and
`random` are seeded, and `numpy.random.default_rng()` gives one independent stream after the other.
Generators that have a seed are left alone. Other processes aren't reached.
"""

import contextlib
import functools
import random


@contextlib.contextmanager
def seeded(*numbers):
    """Seeds from whole numbers; from the system's entropy when one is `None`."""
    if None in numbers:
        yield
        return
    import numpy

    original = numpy.random.default_rng
    root = numpy.random.SeedSequence(numbers)

    @functools.wraps(original)
    def default_rng(seed=None):
        return original(root.spawn(1)[0] if seed is None else seed)

    state = root.generate_state(8)
    numpy.random.seed(state)
    random.seed(state.tobytes())
    numpy.random.default_rng = default_rng
    try:
        yield
    finally:
        numpy.random.default_rng = original
