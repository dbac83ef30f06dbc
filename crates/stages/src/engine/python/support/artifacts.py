"""Payloads of artifacts: objects to bytes and back."""

import pickle

PROTOCOL = 5
PICKLE = "pickle-5"
CLOUDPICKLE = "cloudpickle-5"
DILL = "dill"


def dumps(value):
    """The codec and the bytes of a value.

    The standard pickler does it where it can name everything; cloudpickle does the rest
    (functions made inside functions, which calibrations have).
    """
    try:
        return PICKLE, pickle.dumps(value, PROTOCOL)
    except Exception:
        import cloudpickle

        return CLOUDPICKLE, cloudpickle.dumps(value, PROTOCOL)


def loads(codec, payload):
    """The value of a payload. Executes what the payload names."""
    if codec == DILL:
        import dill

        return dill.loads(payload)
    return pickle.loads(payload)
