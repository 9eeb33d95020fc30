"""What lies beside the code: data files, and the modules themselves as bytes.

Asked of whatever imported the package, so that a zip on `sys.path` and a tree of `.pyc` files alone serve as a folder
does. `importlib.resources` says the same in more words, and takes longer to import than all of `import kerasish`.
"""

from __future__ import annotations

import marshal
import os
import pkgutil
import sys
from importlib.util import find_spec


def read_data(package: str, name: str) -> bytes:
    """A file of a package.

    Args:
        package: full name of an imported package.
        name: path below the package's folder, with "/" between its parts.

    Example:
        >>> from kerasish.beside import read_data
        >>> import kerasish.datasets.digits
        >>> read_data("kerasish.datasets", "digits.npz")[:2]
        b'PK'
    """
    spec = sys.modules[package].__spec__
    return spec.loader.get_data(os.path.join(os.path.dirname(spec.origin), *name.split("/")))


def read_modules(package: str) -> bytes:
    """All modules of a package in one, as source where there is one, else as bytecode: other bytes for other code.

    Args:
        package: full name of a package.
    """
    spec = find_spec(package)
    names = sorted(entry.name for entry in pkgutil.iter_modules(spec.submodule_search_locations))
    return b"\0".join(_read_module(each) for each in (spec, *(find_spec(f"{package}.{name}") for name in names)))


def _read_module(spec):
    try:
        return spec.loader.get_data(spec.origin)
    except (AttributeError, OSError):  # code that is frozen into a program lies in no file
        return marshal.dumps(spec.loader.get_code(spec.name))
