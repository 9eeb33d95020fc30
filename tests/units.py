"""Half precision beside real Keras's: how far two results may lie apart, in units of the last place."""

import importlib
import pathlib

import numpy as np

from kerasish.backend.float_formats import DIGITS, SMALLEST


def unit(values, dtype):
    """What the last digit of numbers of a dtype is worth."""
    size = np.maximum(np.abs(np.asarray(values, "float64")), SMALLEST[dtype])
    return 2.0 ** (np.floor(np.log2(size)) - (DIGITS[dtype] - 1))


def apart(ours, theirs, dtype, of=None):
    """How many units of `theirs` (of the numbers `of`) two arrays lie apart at most; equal infinities and NaNs do not.

    A NaN or infinity in one of them alone is infinitely far.
    """
    ours, theirs = np.asarray(ours, "float64"), np.asarray(theirs, "float64")
    same = (ours == theirs) | np.isnan(ours) & np.isnan(theirs)
    with np.errstate(invalid="ignore"):
        found = np.where(same, 0.0, np.abs(ours - theirs) / unit(theirs if of is None else of, dtype))
    return float(np.nan_to_num(found, nan=np.inf).max(initial=0.0))


def largest(values):
    """The largest finite magnitude."""
    values = np.abs(np.asarray(values, "float64"))
    return values[np.isfinite(values)].max(initial=0.0)


def tables(folder, pattern, kind):
    """The cases of class `kind` in all lists of the test files of a folder of tests, in order."""
    root = pathlib.Path(__file__).parent
    for path in sorted((root / folder).glob(pattern)):
        module = importlib.import_module(f"tests.{folder.replace('/', '.')}.{path.stem}")
        for value in list(vars(module).values()):
            yield from (case for case in value if isinstance(case, kind)) if isinstance(value, list) else ()
