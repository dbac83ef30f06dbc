"""How the tests' tasks behave besides simulating. Each is called with the task's number."""

import ctypes
import logging
import multiprocessing
import os
import sys
import time
import warnings

logger = logging.getLogger("functions.behaviour")


def square(number):
    return number * number


def chatter(number):
    """Says something on every way there is."""
    logger.debug("a debug record")
    logger.info("a record with %s", "an argument")
    logger.warning("a record\nof two lines")
    try:
        raise KeyError("inner")
    except KeyError:
        logger.exception("a record with an exception")
    warnings.warn("a deprecated thing", FutureWarning, stacklevel=1)
    print("a printed line")
    print("10%\r100%")
    print("an error line", file=sys.stderr)
    sys.stdout.buffer.write(b"some bytes\n")
    sys.stdout.write("a line without an end")


def fail(number):
    """Every other task fails, with one exception behind the other."""
    if number % 2:
        try:
            {}["missing"]
        except KeyError as error:
            raise ValueError(f"task {number} is odd") from error


def abort(number):
    """The second task ends its process from native code."""
    if number == 1:
        ctypes.CDLL(None).abort()


def native_print(number):
    """Writes to the standard output behind Python's back."""
    os.write(1, b"a line from native code\n")


def leave(number):
    sys.exit(7)


def wait(number):
    """Runs until it is stopped, in Python code that catches everything it can."""
    logger.info("waiting")
    while True:
        try:
            time.sleep(0.01)
        except Exception:
            pass


def wait_in_native_code(number):
    """Waits where no exception reaches it."""
    logger.info("waiting")
    time.sleep(3600)


def spawn(number):
    """Uses other processes, with the default start method and code of the repository."""
    assert multiprocessing.get_start_method() == "spawn"
    with multiprocessing.Pool(2) as pool:
        squares = pool.map(square, range(4))
    logger.info("squares %s in %s", squares, os.path.basename(sys.executable))


def fork(number):
    """Forks, which is said to be unsafe, and comes back."""
    child = os.fork()
    if child == 0:
        print("in the child", flush=True)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    logger.info("the child ended with %d in %s", status, os.getcwd())


def heavy(number):
    """Gives the task's result 16 MB of ballast."""
    import numpy
    from epymodelingsuite.dispatcher import runner

    simulate = runner._simulate

    def with_ballast(*arguments):
        runner._simulate = simulate
        output = simulate(*arguments)
        output.results.ballast = numpy.full(2_000_000, float(number))
        return output

    runner._simulate = with_ballast
