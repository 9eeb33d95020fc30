"""The docstrings of all public names: what they take is explained, an argument a paragraph, with an example."""

import inspect

import pytest

import kerasish as keras
from tests.docstrings import Docstring, faults
from tests.public_names import NAMESPACES, public

BASES = (  # what these explain, their subclasses need not say again
    keras.Layer,
    keras.Loss,
    keras.Metric,
    keras.Optimizer,
    keras.callbacks.Callback,
)


def at_home(name, item, namespace):
    """Whether no deeper namespace, in whose folder the source stands, has it too: it is read there."""
    homes = [home for home in NAMESPACES if f"{item.__module__}.".startswith(f"{home}.") and home.count(".")]
    return not homes or max(homes, key=len) == namespace or (name, item) not in public(max(homes, key=len))


def described(namespace):
    """The classes and functions of a namespace, each under its own name: no modules, constants and further names."""
    seen = set()
    for name, item in public(namespace):
        is_code = inspect.isclass(item) or inspect.isfunction(item)
        own_name = is_code and name in (item.__name__, getattr(item, "public_name", ""))
        if own_name and at_home(name, item, namespace) and id(item) not in seen:
            seen.add(id(item))
            yield name, item


def common(item):
    """Names of the arguments that a public base class explains."""
    above = [base for base in BASES if inspect.isclass(item) and issubclass(item, base) and item is not base]
    return {name for base in above for name, _ in Docstring(base.__doc__).arguments}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_docstrings_say_what_tools_read(namespace):
    wrong = [f"{name}: {fault}" for name, item in described(namespace) for fault in faults(item, common(item))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_docstrings_of_methods_have_the_form_too(namespace):
    """They may leave arguments out and show no example; what they do say is where tools look for it."""
    wrong = []
    for name, item in described(namespace):
        for attribute, method in vars(item).items() if inspect.isclass(item) else ():
            method = getattr(method, "__func__", method)
            if inspect.isfunction(method) and method.__doc__ and not attribute.startswith("_"):
                found = [fault for fault in faults(method) if not fault.endswith(("no example", "is not explained"))]
                wrong += [f"{name}.{attribute}: {fault}" for fault in found]
    assert not wrong, "\n".join(wrong)


GOOD = """Add two numbers.

Args:
    x: int, the first.
    y: int, the second; a long
        description goes on below.

Raises:
    TypeError: for a string.

>>> 1 + 1
2
"""


def function(x, y):
    """Replaced below."""


@pytest.mark.parametrize(
    "change, fault",
    [
        (("", ""), None),
        (("Add two numbers.", "Add two\nnumbers."), "the summary is not one line"),
        (("Raises:\n    TypeError: for", "Raises: TypeError for"), "`Raises:` is a heading"),
        (("    x: int, the first.\n", ""), "'x' is not explained"),
        (("first.\n    y: int", "first. y: int"), "'y' shares a paragraph with 'x'"),
        (("    x: int", "    z: int"), "`Args:` explains 'z', which is no argument"),
        (("    x: int", "    int x"), "begins with no name"),
        (("    x: int, the first.\n", "    x: int, the first.\n    x: again.\n"), "'x' is explained twice"),
        ((">>> 1 + 1\n2\n", ""), "no example"),
    ],
)
def test_the_reader_finds_each_fault(change, fault):
    function.__doc__ = GOOD.replace(*change)
    found = faults(function)
    assert not found if fault is None else any(fault in each for each in found), found
