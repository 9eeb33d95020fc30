"""Says what one interpreter has.

Which backends can be imported, versions, and the installed size of each with all it needs, as one line of JSON.
"""

import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import sys

ROOTS = {  # the distributions a user installs for each backend; of several names the first that is there counts
    "kerasish": [("numpy",), ("h5py",), ("tqdm",), ("llvmlite",), ("threadpoolctl",)],
    "tensorflow": [("keras",), ("tensorflow", "tensorflow-cpu")],
    "jax": [("keras",), ("jax",)],
    "torch": [("keras",), ("torch",)],
}
MODULES = {
    "kerasish": ("kerasish", "numpy"),
    "tensorflow": ("keras", "tensorflow"),
    "jax": ("keras", "jax"),
    "torch": ("keras", "torch"),
}
VERSIONS = {
    "kerasish": ("numpy", "llvmlite"),
    "tensorflow": ("keras", "tensorflow", "tensorflow-cpu"),
    "jax": ("keras", "jax", "jaxlib"),
    "torch": ("keras", "torch"),
}


def distribution(name):
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def closure(names):
    """The installed distributions behind `names` and everything they require (extras left out), by name."""
    found, waiting = {}, list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        there = None if name in found else distribution(name)
        if there is not None:
            found[name] = there
            needs = [need for need in there.requires or () if "extra ==" not in need]
            waiting += [re.match(r"[A-Za-z0-9._-]+", need).group() for need in needs]
    return found


def size(path):
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


def folder_size(folder):
    return sum(
        size(os.path.join(place, file))
        for place, _, files in os.walk(folder)
        for file in files
        if not file.endswith(".pyc")
    )


def installed_mb(backend):
    names = [next((name for name in choices if distribution(name)), None) for choices in ROOTS[backend]]
    total = sum(
        size(there.locate_file(file))
        for there in closure(filter(None, names)).values()
        for file in there.files or ()
        if file.suffix != ".pyc"
    )
    if backend == "kerasish":
        total += folder_size(os.path.dirname(importlib.util.find_spec("kerasish").origin))
    return total / 2**20


def main():
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    found = {}
    for backend, modules in MODULES.items():
        if all(importlib.util.find_spec(module) for module in modules):
            versions = {name: there.version for name in VERSIONS[backend] if (there := distribution(name))}
            found[backend] = {
                "python": platform.python_version(),
                "versions": versions,
                "installed_mb": installed_mb(backend),
            }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
