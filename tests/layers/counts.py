"""How many cases the tables of the layers' tests hold for each layer.

`python -m tests.layers.counts` prints them.
"""

import collections
import importlib
import inspect
import pathlib
import sys

import kerasish
from tests.layers.parity import Case

HERE = pathlib.Path(__file__).parent
TEXT = {
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "StringLookup",
    "TextVectorization",
}  # real Keras is another process
ABSTRACT = {"InputLayer", "Layer", "Wrapper"}  # what they are is in `test_base_layer*.py`, `tests/models`


FOUND = collections.Counter()  # what was counted last


def layer_names():
    """The names of the public layers, each under its own name."""
    found = {name: getattr(kerasish.layers, name) for name in kerasish.layers.__all__}
    classes = {item.__name__ for item in found.values() if inspect.isclass(item) and issubclass(item, kerasish.Layer)}
    return sorted((classes & found.keys() | {"GroupQueryAttention"}) - ABSTRACT - TEXT)


def modules_of_tests(pattern="test_*.py"):
    """The test modules of this folder whose file names fit.

    One that pytest has imported, by a name of its own, is that one: what a module registers it registers once.
    """
    loaded = {getattr(module, "__file__", None): module for module in list(sys.modules.values())}
    return [
        loaded.get(str(path)) or importlib.import_module(f"tests.layers.{path.stem}")
        for path in sorted(HERE.glob(pattern))
    ]


def count_cases():
    """{layer: number of cases}, over the tables of all test modules in this folder."""
    counts = collections.Counter()
    for module in modules_of_tests():
        tables = [value for name, value in vars(module).items() if name.isupper() and isinstance(value, (list, dict))]
        seen = {id(case): case for table in tables for case in _cases(table)}
        counts.update(map(_name, seen.values()))
    FOUND.clear()
    FOUND.update(counts)
    return counts


def _cases(table):
    for item in table.values() if isinstance(table, dict) else table:
        if isinstance(item, Case) or _is_row(item):
            yield item


def _is_row(item):
    """Whether it is (layer's name, arguments, ...)."""
    return isinstance(item, tuple) and len(item) > 1 and isinstance(item[0], str) and hasattr(kerasish.layers, item[0])


def _name(case):
    return case.name if isinstance(case, Case) else case[0]


def table(counts):
    """Lines with the counts, the fewest first."""
    rows = sorted((counts[name], name) for name in layer_names())
    return [f"{count:4} {name}" for count, name in rows]


if __name__ == "__main__":
    print("\n".join(table(count_cases())))
