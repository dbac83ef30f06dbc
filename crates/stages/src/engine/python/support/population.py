"""Population data from a local folder, for every call into epydemix that names none.

Installed before the suite is imported, so that whoever imports `load_epydemix_population` later,
from wherever, gets the one that knows the folder.
"""

import functools
import logging
import os
import sys

logger = logging.getLogger("epycloud.population")
# The packages that may hold references to epydemix's functions already.
HOLDERS = {"epydemix", "epymodelingsuite"}
_folder = None
_told = set()


def install():
    """Puts the wrappers in the place of epydemix's functions."""
    import epydemix  # noqa: F401  (its modules hold references to the functions)
    from epydemix.population import population

    _replace(population.load_epydemix_population, _loading)
    locations = getattr(population, "get_available_locations", None)
    if locations is not None:
        _replace(locations, _listing)


def use(folder):
    """Takes data from a folder in epydemix-data's layout; `None` goes back to epydemix's own."""
    global _folder
    _folder = folder


def _replace(original, wrap):
    wrapper = wrap(original)
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in HOLDERS and module is not None:
            for attribute, value in list(vars(module).items()):
                if value is original:
                    setattr(module, attribute, wrapper)


def _loading(original):
    import inspect

    signature = inspect.signature(original)
    position = list(signature.parameters).index("path_to_data")

    @functools.wraps(original)
    def load_epydemix_population(*args, **kwargs):
        given = signature.bind_partial(*args, **kwargs).arguments
        name = given.get("population_name")
        source = given.get("path_to_data")
        if source is None and _folder is not None:
            source = os.path.join(_folder, "")
            if len(args) > position:
                args = (*args[:position], source, *args[position + 1 :])
            else:
                kwargs["path_to_data"] = source
        _tell(name, source)
        return original(*args, **kwargs)

    return load_epydemix_population


def _listing(original):
    @functools.wraps(original)
    def get_available_locations(*args, **kwargs):
        path = _folder and os.path.join(_folder, "locations.csv")
        if args or set(kwargs) - {"data_version"} or not path or not os.path.exists(path):
            return original(*args, **kwargs)
        import pandas

        return pandas.read_csv(path)

    return get_available_locations


def _tell(name, source):
    if (name, source) not in _told:
        _told.add((name, source))
        logger.info("population `%s`: data from %s", name, source or "GitHub (epydemix-data)")
