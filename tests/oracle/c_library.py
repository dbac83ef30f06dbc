"""Evaluates elementary functions with the host's C library.

    c_library.py exp|expm1|log|log1p < DOUBLES > DOUBLES

Numbers are little-endian doubles. The functions are called through ctypes and not through Python's
math module, which raises where C returns infinity.
"""

import ctypes
import ctypes.util
import sys
from array import array


def main():
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    function = getattr(library, sys.argv[1])
    function.argtypes = [ctypes.c_double]
    function.restype = ctypes.c_double
    arguments = array("d", sys.stdin.buffer.read())
    results = array("d", map(function, arguments))
    sys.stdout.buffer.write(results.tobytes())


if __name__ == "__main__":
    main()
